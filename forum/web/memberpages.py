"""Pages of members, kept like those of visitors: made for nobody in particular, with gaps for what is somebody's own.

What is kept is the page of `Anybody`: a member who has written and marked nothing, and whose name, address and token
are gaps. No person's page is ever kept, so none can be shown to another. Who asks has the gaps filled with words of
their own, which come with their own session. Who has a part in what the page shows (`Reader.own`: its author, say, who
may edit it) sees something else there, and is answered by the application.
"""

from __future__ import annotations

import re
import secrets
import struct
import zlib
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from time import time
from typing import Any

from flask import Flask, Request, g, request, session
from flask_wtf.csrf import generate_csrf
from markupsafe import escape
from werkzeug.exceptions import HTTPException

from forum.core.roles import Role
from forum.web.access import signed_in
from forum.web.security import RENEWED, new_key

# Where the front asks the application for the page of anybody who works for the organisation of this number, or none.
ANYBODY = "interlocal.anybody"
# So many readers are known at once.
MOST_READERS = 2_000
# What a session may hold whose reader sees nothing out of turn: no message that waits, nothing of a form.
PLAIN = {"_user_id", "_fresh", "_id", "_permanent", "csrf_token", "renewed"}
# What stands for a word of somebody's own. Made anew in each process: nobody can have written it into a text.
GAP = f"gap{secrets.token_hex(16)}"
FIELDS = ("name", "slug", "initials", "token", "once")
_GAPS = re.compile(rf"{GAP}({'|'.join(FIELDS)})end".encode())
# The header of a gzip file without a name or a time, and a last, empty block.
_GZIP_HEAD, _GZIP_END = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff", b"\x03\x00"


def _gap(field: str) -> str:
    return f"{GAP}{field}end"


@dataclass(frozen=True)
class Anybody:
    """A member who owns nothing, as far as a page can tell; `forum.accounts.models.Person` to all who ask."""

    organisation_id: int | None
    organisation: Any
    id = 0
    name = _gap("name")
    slug = _gap("slug")
    path = f"/people/{slug}"
    initials = _gap("initials")
    role = Role.MEMBER.value
    job_title = bio = email = ""
    email_confirmed_at = True
    suspended_at = None
    is_authenticated = is_active = True
    is_anonymous = False

    def admits(self, needed: str) -> bool:
        """Whether the role reaches as far as `needed`."""
        return Role.MEMBER.admits(needed)


@dataclass(eq=False)
class Reader:
    """A member, as far as kept pages can tell them from others. `born`, `checked`, `until`: as of a page.

    `own`: what they have a part in, by the names that pages depend on; None for who is always answered by the
    application. `names`: what must not have changed.
    """

    words: Mapping[bytes, bytes]
    organisation_id: int | None
    own: frozenset[str] | None
    names: frozenset[str]
    born: int
    checked: int
    until: float

    @cached_property
    def unseen(self) -> frozenset[str] | None:
        """What of their own also lists tell, which show no more of a post to who has a part in it."""
        return (
            None if self.own is None else frozenset(name for name in self.own if not name.startswith("post:"))
        )

    def spoken(self) -> Mapping[bytes, bytes]:
        """The words of one copy of a page: with a key that no other copy has (`core.once`)."""
        return {**self.words, b"once": new_key().encode()}


class Gapped:
    """A page with gaps, ready to be filled."""

    def __init__(self, body: bytes) -> None:
        """Raises ValueError where somebody's word has been changed on its way into the page."""
        pieces = _GAPS.split(body)
        self._texts, self._fields = pieces[::2], pieces[1::2]
        if any(GAP.encode() in text for text in self._texts):
            raise ValueError("what stands for a word is cut or changed on this page")

    @property
    def size(self) -> int:
        """Bytes that it takes, with room for what it becomes when compressed."""
        return sum(map(len, self._texts)) * 4 // 3

    def filled(self, words: Mapping[bytes, bytes]) -> bytes:
        """The page with these words."""
        pieces = [self._texts[0]]
        for field, text in zip(self._fields, self._texts[1:], strict=True):
            pieces += words[field], text
        return b"".join(pieces)

    def compressed(self, words: Mapping[bytes, bytes]) -> bytes:
        """The same as gzip. What is between the gaps was compressed once; words stand as they are, and so can no
        token be guessed from the length of what it is compressed with."""
        packed = self._packed
        pieces = [_GZIP_HEAD, packed[0]]
        for field, text in zip(self._fields, packed[1:], strict=True):
            word = words[field]
            pieces += struct.pack("<BHH", 0, len(word), len(word) ^ 0xFFFF), word, text
        plain = self.filled(words)
        pieces += _GZIP_END, struct.pack("<LL", zlib.crc32(plain), len(plain))
        return b"".join(pieces)

    @cached_property
    def _packed(self) -> list[bytes]:
        return [_packed(text) for text in self._texts]


def _packed(text: bytes) -> bytes:
    """As blocks of a gzip file that end at a whole byte and need nothing before them (RFC 1951)."""
    packer = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(text) + packer.flush(zlib.Z_FULL_FLUSH)


# Person -> the names of what they have a part in; it holds until `person:7` is raised.
Own = Callable[[int], frozenset[str]]


class Readers:
    """The members whose sessions were seen, by their cookies; `endpoints` are the pages that are kept for them."""

    def __init__(self, app: Flask, own: Own, endpoints: Collection[str]) -> None:
        self._app, self._own, self._endpoints = app, own, endpoints
        self._known: OrderedDict[str, Reader] = OrderedDict()
        self._lock = Lock()

    def read(self, environ: dict[str, Any]) -> bool:
        """Whether the page of this address is one of those."""
        routes: Any = self._app.create_url_adapter(Request(environ))
        try:
            return routes.match()[0] in self._endpoints
        except HTTPException:
            return False

    def known(self, cookie: str) -> Reader | None:
        """Whom this cookie belonged to when it was last looked at."""
        with self._lock:
            reader = self._known.get(cookie)
            if reader is not None:
                self._known.move_to_end(cookie)
            return reader

    def look_up(self, cookie: str, environ: dict[str, Any], number: int) -> Reader | None:
        """Whose it is, as of change `number`; None for who is to be answered by the application."""
        with self._app.request_context(environ):
            reader = self._reader(number)
        with self._lock:
            if reader is None:
                self._known.pop(cookie, None)
            else:
                self._known[cookie] = reader
                while len(self._known) > MOST_READERS:
                    self._known.popitem(last=False)
        return reader

    def _reader(self, number: int) -> Reader | None:
        if not session.keys() <= PLAIN or "csrf_token" not in session:
            return None
        until = session.get("renewed", 0) + RENEWED
        person = signed_in()
        if person is None or until < time():
            return None
        own, names = None, frozenset({f"person:{person.id}"})
        if person.role == Role.MEMBER and person.email_confirmed_at:
            own = self._own(person.id)
        words = {
            "name": person.name,
            "slug": person.slug,
            "initials": person.initials,
            "token": generate_csrf(),
        }
        filled = {field.encode(): str(escape(word)).encode() for field, word in words.items()}
        return Reader(filled, person.organisation_id, own, names, number, number, until)


def install(app: Flask) -> None:
    """On the page of anybody, the token is a gap, and so is what tells one copy of it from another."""

    @app.before_request
    def _leave_gap() -> None:
        if ANYBODY in request.environ:
            g.csrf_token, g.once_key = _gap("token"), _gap("once")
