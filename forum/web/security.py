"""Cookies, headers, CSRF and redirects: the rules of HTTP that hold for every page."""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from time import time
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

from flask import Flask, Request, Response, g, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from forum.config import Settings
from forum.core.errors import Forbidden
from forum.core.i18n import gettext as _

View = TypeVar("View", bound=Callable[..., Any])

CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "object-src 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
YEAR = 365 * 24 * 3600
# Seconds after which a session's cookie is set anew.
RENEWED = 3600

csrf = CSRFProtect()


def install(app: Flask, settings: Settings) -> None:
    """Set cookies, sizes, trusted hosts and headers for this application."""
    name = "__Host-session" if settings.secure else "interlocal_session"
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME=name,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure,
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
        SESSION_REFRESH_EACH_REQUEST=False,
        # The token lives as long as the session: one that ages while somebody writes would lose their text.
        WTF_CSRF_TIME_LIMIT=None,
        # The referrer check of Flask-WTF needs https on both sides; SameSite and the token carry the rest.
        WTF_CSRF_SSL_STRICT=settings.secure,
        MAX_CONTENT_LENGTH=settings.max_body,
        MAX_FORM_MEMORY_SIZE=settings.max_body,
        MAX_FORM_PARTS=4000,
    )
    if settings.trusted_hosts:
        app.config["TRUSTED_HOSTS"] = list(settings.trusted_hosts)
    app.session_interface = _Sessions()
    csrf.init_app(app)
    app.jinja_env.globals["once_key"] = _once_key
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]

    @app.before_request
    def _renew() -> None:
        """Once an hour, so that who comes back within the month stays signed in; not with each page."""
        if name in request.cookies and "_user_id" in session and time() - session.get("renewed", 0) > RENEWED:
            session["renewed"] = int(time())

    headers = dict(HEADERS)
    if settings.secure:
        headers["Strict-Transport-Security"] = f"max-age={YEAR}; includeSubDomains"

    @app.after_request
    def _headers(response: Response) -> Response:
        there = {name for name, _value in response.headers}
        response.headers.extend((name, value) for name, value in headers.items() if name not in there)
        # What one person sees is nobody else's to keep. (The session's cookie is set after this.)
        if session.modified or "Set-Cookie" in response.headers or "Cookie" in request.headers:
            response.headers.setdefault("Cache-Control", "private, no-store")
        else:
            response.headers.setdefault("Cache-Control", "no-cache")
        response.vary.add("Cookie")
        return response


class _Sessions(SecureCookieSessionInterface):
    """Flask's own, which would make a signer for each visitor too, who has nothing signed."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The session of a request, a new one where it has none."""
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)


def new_key() -> str:
    """What tells one copy of a form from all others (`core.once`)."""
    return secrets.token_hex(12)


def _once_key() -> str:
    """The key for a form of the page that is being drawn, or what stands for it."""
    key: str = g.get("once_key") or new_key()
    return key


def without_token(view: View) -> View:
    """A form of visitors' reading pages, which carry no CSRF token: it may only set a cookie of its sender.

    Instead of the token the browser's own word counts: it must come from a page of this site. Below the route.
    """

    @wraps(view)
    def checked(*args: Any, **kwargs: Any) -> Any:
        if not _from_our_pages():
            raise Forbidden(_("This form was sent from another site. Open the page here and send it again."))
        return view(*args, **kwargs)

    exempt: View = csrf.exempt(checked)
    exempt.without_token = True  # type: ignore[attr-defined]  # a test asks which views these are
    return exempt


def by_secret_address(view: View) -> View:
    """A form whose address holds a secret that was sent to one person alone: nobody else can make them send it.

    So it needs no CSRF token, nor a session; mail programs send it by themselves. Below the route.
    """
    exempt: View = csrf.exempt(view)
    exempt.by_secret_address = True  # type: ignore[attr-defined]  # a test asks which views these are
    return exempt


def _from_our_pages() -> bool:
    """Whether the browser says so. Every one since 2020 says one or the other; what says neither is a program."""
    if site := request.headers.get("Sec-Fetch-Site"):
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host


def safe_next(target: str | None, fallback: str = "/") -> str:
    """`target` if it is a path on this site, or else `fallback`: never a way out to another host."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return fallback
    if any(ord(character) < 33 or character == "\\" for character in target):
        return fallback
    parts = urlsplit(target)
    return fallback if parts.scheme or parts.netloc else target


def sign_in_address(back_to: str) -> str:
    """The sign-in page, which leads back to where the person was."""
    return "/sign-in?next=" + quote(safe_next(back_to), safe="/")


def network() -> str:
    """The network that this request comes from: an IPv4 address, or the /64 of an IPv6 one."""
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
