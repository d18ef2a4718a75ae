"""Pages of visitors, kept in memory in front of the application, and sent only while they are true.

A page is kept with the names that it depends on (`forum/pages.py`, and what its queries noted) and with the number of
the last change before it was made. It is sent again as long as none of its names has changed since: that is asked at
each request, of the database itself, so that no process is ever behind. What a page does not declare is not kept.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import blake2b
from threading import Lock
from typing import Any, Protocol

from flask import Flask, Response, g, request
from sqlalchemy import event

from forum.config import Settings
from forum.core.changes import WATCHES, Watch, noting
from forum.core.db import db
from forum.web import memberpages
from forum.web.access import signed_in
from forum.web.memberpages import ANYBODY, Gapped, Own, Reader, Readers
from forum.web.pagestore import Headers, Kept, Store, best_coding

Environ = dict[str, Any]
Answer = tuple[str, Headers, bytes]
StartResponse = Callable[..., Any]

log = logging.getLogger("interlocal")

# Where who listens asks: for what is in memory, or for NotAtOnce.
AT_ONCE = "interlocal.at_once"
# Where the application tells what the page that it has just made depends on, and until when it holds.
DEPENDS = "interlocal.depends"
# Longer addresses are nobody's favorite pages.
LONGEST_QUERY = 300
# What newsletters and the like add to addresses.
TRACKING = re.compile(r"(?<![^&])(?:utm_\w+|fbclid|gclid|msclkid|mc_[ce]id)=")
DAY = 24 * 3600
# So many pages are made at once, each by one thread; who wants the same waits for it.
TURNS = 64


class NotAtOnce(BaseException):
    """The answer takes time, and whoever listens has none. Nothing has been answered; nobody on the way takes this for
    an error of theirs."""


class Page(Protocol):
    """What `forum/pages.py` says of a page."""

    @property
    def depends(self) -> Sequence[str]:
        """The names that it depends on."""

    @property
    def args(self) -> Sequence[str]:
        """The arguments of its address."""

    @property
    def members(self) -> bool:
        """Whether it is kept for members too."""

    @property
    def is_record(self) -> bool:
        """Whether it shows more to who has a part in the posts on it."""


class PageCache:
    """The WSGI application in front."""

    def __init__(self, application: Any, watch: Watch, settings: Settings, readers: Readers) -> None:
        self.application = application
        self.watch = watch
        self.store = Store(settings.kept_bytes)
        self.readers = readers
        self._turns = [Lock() for _ in range(TURNS)]
        prefix = "__Host-" if settings.secure else "interlocal_"
        # Whoever has one of these may be somebody.
        self._session, self._personal = f"{prefix}session", {f"{prefix}session", "remember_token"}
        # What these say is part of the key.
        self._keyed = {f"{prefix}community", f"{prefix}dismissed"}

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer from memory, or let the application answer, and keep what may be kept."""
        query = environ["QUERY_STRING"]
        if environ["REQUEST_METHOD"] != "GET" or len(query) > LONGEST_QUERY:
            return self._pass_on(environ, start_response)
        if TRACKING.search(query):
            # How somebody came here makes no other page.
            environ["QUERY_STRING"] = "&".join(
                argument for argument in query.split("&") if not TRACKING.match(argument)
            )
        number = self._look()
        if number is None:
            return self._pass_on(environ, start_response)
        cookies = environ.get("HTTP_COOKIE")
        own: tuple[str, ...] = ()
        if cookies:
            pairs = [pair.strip() for pair in cookies.split(";")]
            own = tuple(sorted(pair for pair in pairs if pair.partition("=")[0] in self._keyed))
            personal = [pair for pair in pairs if pair.partition("=")[0] in self._personal]
            if len(personal) == 1 and personal[0].startswith(self._session):
                return self._for_member(environ, start_response, personal[0], own, number)
            if personal:
                return self._pass_on(environ, start_response)
        wanted = environ.get("HTTP_ACCEPT_ENCODING", "")  # whoever makes the page takes that out
        key = (*_place(environ), own)
        page = self._page(environ, key, number)
        if not isinstance(page, Kept):
            status, headers, body = page
            start_response(status, headers)
            return [body]
        if (known := environ.get("HTTP_IF_NONE_MATCH")) is not None and page.etag in known:
            start_response("304 Not Modified", page.unchanged)
            return []
        coding = best_coding(wanted) if wanted else ""
        answer = page.bodies.get(coding)
        if answer is None:
            _need_time(environ)
            answer = page.body(coding)
            self.store.weigh(key, page)
        headers, bodies = answer
        start_response("200 OK", headers)
        return bodies

    def _for_member(
        self, environ: Environ, start_response: StartResponse, cookie: str, own: tuple[str, ...], number: int
    ) -> Iterable[bytes]:
        """Answer whoever has this session: with anybody's page, if they would see no other."""
        reader = self.readers.known(cookie)
        if reader is None or not self._holds(reader, number):
            _need_time(environ)
            if not self.readers.read(environ):
                return self._pass_on(environ, start_response)
            reader = self.readers.look_up(cookie, environ, number)
        if reader is None or reader.own is None:
            return self._pass_on(environ, start_response)
        key = (*_place(environ), own, reader.organisation_id)
        before = self.store.get(key)
        # What a page showed before it changed, it will most probably show again.
        if self.readers.read(environ) if before is None else not before.concerns(reader):
            asked = environ | {ANYBODY: reader.organisation_id, "HTTP_COOKIE": "; ".join(own)}
            page = self._page(asked, key, number)
            if isinstance(page, Kept) and not page.concerns(reader):
                headers, bodies = page.of(reader, environ.get("HTTP_ACCEPT_ENCODING", ""))
                start_response("200 OK", headers)
                return bodies
        return self._pass_on(environ, start_response)

    def _page(self, environ: Environ, key: object, number: int) -> Kept | Answer:
        """The kept page of this key, made if need be; or what the application answers where nothing is kept."""
        page = self._true(key, number)
        if page is None:
            _need_time(environ)
            with self._turns[hash(key) % TURNS]:
                seen = self._look()
                page = None if seen is None else self._true(key, seen)
                if page is None:
                    answer = self._answered(environ)
                    page = self._kept(key, environ, seen, *answer)
                    if page is None:
                        return answer
        return page

    def _pass_on(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        _need_time(environ)
        answer: Iterable[bytes] = self.application(environ, start_response)
        return answer

    def _look(self) -> int | None:
        """The number of the last change; None where the database does not say: then nothing is known to be true."""
        try:
            return self.watch.look()
        except Exception:  # noqa: BLE001  # whatever the driver raises, the application will say it better
            log.warning("Kept pages are not used: the database does not tell what has changed.")
            return None

    def _true(self, key: object, number: int) -> Kept | None:
        """The page of this key if it still holds after change `number`."""
        page = self.store.get(key)
        return page if page is not None and self._holds(page, number) else None

    def _holds(self, known: Kept | Reader, number: int) -> bool:
        """Whether this is still true after change `number`."""
        if known.until < time.time():
            return False
        if known.checked != number:
            if self.watch.raised_since(known.born, known.names):
                return False
            known.checked = number
        return True

    def _answered(self, environ: Environ) -> Answer:
        """What the application answers."""
        told: list[Any] = []

        def start(status: str, headers: Headers, *_error: object) -> Callable[[bytes], object]:
            told[:] = status, headers
            return told.append  # the old way to write, which nothing here uses

        with noting() as names:
            answer = self.application(environ, start)
            try:
                body = b"".join(answer)
            finally:
                if hasattr(answer, "close"):
                    answer.close()
        if DEPENDS in environ:
            environ[DEPENDS][0].update(names)
        return told[0], told[1], body

    def _kept(
        self, key: object, environ: Environ, number: int | None, status: str, headers: Headers, body: bytes
    ) -> Kept | None:
        """Keep what was answered, if it declared what it depends on and is nobody's own."""
        if number is None or DEPENDS not in environ or status != "200 OK":
            return None
        if any(name == "Set-Cookie" for name, _value in headers):
            return None
        shared = [(name, value) for name, value in headers if name not in ("Content-Length", "Vary")]
        names, until, is_record = environ[DEPENDS]
        etag = f'W/"{blake2b(body, digest_size=12).hexdigest()}"'
        if ANYBODY in environ:
            shared = [(name, value) for name, value in shared if name != "Cache-Control"]
            shared += [("Cache-Control", "private, no-store"), ("Vary", "Cookie, Accept-Encoding")]
        else:
            shared += [("ETag", etag), ("Vary", "Cookie, Accept-Encoding")]
        gapped = Gapped(body) if ANYBODY in environ else None
        unasked = None if gapped else body
        page = Kept(frozenset(names), number, number, until, shared, etag, unasked, is_record, gapped)
        self.store.put(key, page)
        return page


def _need_time(environ: Environ) -> None:
    """Raises NotAtOnce where there is none."""
    if AT_ONCE in environ:
        raise NotAtOnce


def _place(environ: Environ) -> tuple[object, ...]:
    """The address that is asked for."""
    return (
        environ["PATH_INFO"], environ["QUERY_STRING"], environ.get("HTTP_HOST"), environ["wsgi.url_scheme"]
    )  # fmt: skip


def install(app: Flask, settings: Settings, pages: Mapping[str, Page], own: Own) -> None:
    """Put it in front of the application, where settings give it memory; before what tells us who asks (proxies)."""
    watch = Watch(settings.database_url)
    with app.app_context():
        WATCHES[db.engine] = watch
        # Who is done with the database is done with the watch.
        event.listen(db.engine, "engine_disposed", lambda _engine: watch.close())
    if not settings.kept_bytes:
        return
    memberpages.install(app)
    readers = Readers(app, own, {endpoint for endpoint, page in pages.items() if page.members})
    app.wsgi_app = PageCache(app.wsgi_app, watch, settings, readers)  # type: ignore[method-assign]


def declare(app: Flask, pages: Mapping[str, Page]) -> None:
    """Tell of each answer what it depends on. After all that changes answers: what comes last is asked first."""

    @app.after_request
    def _declare(response: Response) -> Response:
        page = pages.get(request.endpoint or "")
        if (
            page is not None
            and response.status_code == 200
            and (signed_in() is None or (page.members and ANYBODY in request.environ))
            and request.args.keys() <= {*page.args, *g.get("arguments", ())}
            # What was written while reading is to be written at the next reading too.
            and not db.session.info.get("wrote")
        ):
            now = time.time()
            until = min(now - now % DAY + DAY, g.get("holds_until", now + DAY))
            request.environ[DEPENDS] = (set(page.depends), until, page.is_record)
            # It is compressed where it is kept.
            request.environ.pop("HTTP_ACCEPT_ENCODING", None)
        return response
