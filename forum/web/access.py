"""Who may enter a route. Every route says so; one that does not is closed to all (and fails a test)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, g, redirect, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.routing import IntegerConverter, Map

from forum.core.errors import Forbidden
from forum.core.i18n import gettext as _
from forum.core.roles import Role

View = TypeVar("View", bound=Callable[..., Any])


def opens_to(role: Role) -> Callable[[View], View]:
    """Declare the lowest role that may enter. What they may do inside is for the room's policy to say."""

    def declare(view: View) -> View:
        view.opens_to = role  # type: ignore[attr-defined]  # functions take attributes; the guard reads it
        return view

    return declare


def signed_in() -> Any | None:
    """The person at the other end, or None for a visitor. Reads the session, so call it after the guard."""
    if "actor" not in g:
        g.actor = current_user._get_current_object() if current_user.is_authenticated else None
    return g.actor


def actor() -> Any:
    """The person at the other end, on a route that only opens to people with an account."""
    person = signed_in()
    if person is None:
        raise Forbidden(_("Sign in first."))
    return person


def guard() -> ResponseReturnValue | None:
    """Before each request: let in, send to the sign-in page, or refuse."""
    if request.endpoint is None or request.routing_exception is not None:
        return None
    view = current_app.view_functions[request.endpoint]
    needed: Role | None = getattr(view, "opens_to", None)
    if needed is None:
        raise Forbidden(_("This page is closed."))
    if needed is Role.VISITOR:
        return None
    person = signed_in()
    if person is None and request.method in ("GET", "HEAD"):
        from forum.web.security import sign_in_address

        return redirect(sign_in_address(request.full_path.rstrip("?")), 303)
    if person is None:
        raise Forbidden(_("You are signed out. Sign in again in another tab, then come back and send this."))
    if not person.admits(needed):
        raise Forbidden(_("Your account may not do this."))
    return None


class RowNumber(IntegerConverter):
    """A number in an address, as large as a row's can be: one beyond that is the address of nothing."""

    def __init__(self, map: Map, **options: Any) -> None:  # noqa: A002  # Werkzeug's name for it
        super().__init__(map, **{"max": 2**31 - 1} | options)


def install(app: Flask) -> None:
    """Put the guard before every request. Static files are not served by Flask, so they need none."""
    app.url_map.converters["int"] = RowNumber
    app.before_request(guard)
