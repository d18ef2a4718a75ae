"""Pages in memory, in the content codings that were asked for, up to so many bytes."""

from __future__ import annotations

import gzip
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock

from forum.web.memberpages import Gapped, Reader

try:
    import brotli  # type: ignore[import-untyped]  # it has no stubs
except ImportError:
    brotli = None

Headers = list[tuple[str, str]]

# What a kept page costs besides its bytes, roughly.
OVERHEAD = 2048
# The share of memory for pages that were asked for again, so that who reads everything once pushes none of them out.
FAVORITES = 0.8
# Content codings that we make, the best first: how, and how to undo it. Stronger settings take ten times longer for a
# few percent.
CODINGS: dict[str, tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]]] = {
    "gzip": (lambda data: gzip.compress(data, 6, mtime=0), gzip.decompress)
}
if brotli is not None:
    CODINGS = {"br": (lambda data: brotli.compress(data, quality=5), brotli.decompress)} | CODINGS


def best_coding(accepted: str) -> str:
    """The best content coding that is accepted, "" for none."""
    return next((coding for coding in CODINGS if accepts(accepted, coding)), "")


def accepts(accepted: str, coding: str) -> bool:
    """Whether an Accept-Encoding takes this coding."""
    return coding in accepted and f"{coding};q=0" not in accepted.replace(" ", "").replace("q=0.", "q=.")


@dataclass(eq=False)
class Kept:
    """A page. `born`: the number of the last change before it was made; `checked`: up to which it is known to hold.

    `until`: when it ends by itself, in seconds since 1970. `bodies`: content coding -> headers and body, of those that
    were asked for; `unasked` is the body until one was. Of members, it is `gapped` instead.
    """

    names: frozenset[str]
    born: int
    checked: int
    until: float
    headers: Headers
    etag: str
    unasked: bytes | None
    is_record: bool
    gapped: Gapped | None = None
    bodies: dict[str, tuple[Headers, list[bytes]]] = field(default_factory=dict)
    # Bytes that the store has counted for it.
    counted: int = 0

    @cached_property
    def unchanged(self) -> Headers:
        """The headers for who has it already."""
        return [(name, value) for name, value in self.headers if name in ("ETag", "Cache-Control", "Vary")]

    @property
    def size(self) -> int:
        """Bytes that it takes now."""
        held = sum(len(data) for _headers, [data] in list(self.bodies.values()))
        return OVERHEAD + held + len(self.unasked or b"") + (self.gapped.size if self.gapped else 0)

    def plain(self) -> bytes:
        """The body as it was made."""
        if (body := self.unasked) is not None:
            return body
        (coding, (_headers, [data])), *_others = self.bodies.items()
        return CODINGS[coding][1](data) if coding else data

    def body(self, coding: str) -> tuple[Headers, list[bytes]]:
        """Headers and body in a content coding ("": none), made at the first call.

        Most readers accept compression: the body itself, several times as long, is kept for none of them.
        """
        found = self.bodies.get(coding)
        if found is None:
            data = CODINGS[coding][0](self.plain()) if coding else self.plain()
            found = self.told(coding, data)
            self.bodies[coding] = found
            self.unasked = None
        return found

    def told(self, coding: str, data: bytes) -> tuple[Headers, list[bytes]]:
        """What is sent of the body in this coding."""
        named = [("Content-Encoding", coding)] if coding else []
        return [*self.headers, *named, ("Content-Length", str(len(data)))], [data]

    def of(self, reader: Reader, accepted: str) -> tuple[Headers, list[bytes]]:
        """Headers and body of a member's page for this one, who accepts these content codings."""
        gapped, words = self.gapped, reader.spoken()
        if gapped is None:
            raise ValueError("this is no page of members")
        coding = "gzip" if accepts(accepted, "gzip") else ""
        return self.told(coding, gapped.compressed(words) if coding else gapped.filled(words))

    def concerns(self, reader: Reader) -> bool:
        """Whether this member would see something else than others do."""
        own = reader.own if self.is_record else reader.unseen
        return own is None or not own.isdisjoint(self.names)


class Store:
    """Pages by their key, up to so many bytes. Those that were asked for again outlive those that were read once."""

    def __init__(self, most: int) -> None:
        self._new = _Part(most)
        self._favorites = _Part(int(most * FAVORITES))
        self._most = most
        self._lock = Lock()

    @property
    def size(self) -> int:
        """Bytes that the pages take."""
        return self._new.size + self._favorites.size

    def get(self, key: object) -> Kept | None:
        """The page, which from now on is one that was asked for again."""
        with self._lock:
            page = self._favorites.get(key)
            if page is None and (page := self._new.pop(key)) is not None:
                self._favorites.put(key, page)
            return page

    def put(self, key: object, page: Kept) -> None:
        """Keep a page; the ones that were longest unused go."""
        with self._lock:
            part = self._favorites if key in self._favorites.pages else self._new
            part.put(key, page)
            self._new.shrink(self._most - self._favorites.size)

    def weigh(self, key: object, page: Kept) -> None:
        """Count a page anew that takes more or less than when it was put here, if it still is."""
        with self._lock:
            for part in (self._favorites, self._new):
                if part.pages.get(key) is page:
                    part.put(key, page)
            self._new.shrink(self._most - self._favorites.size)


class _Part:
    def __init__(self, most: int) -> None:
        self.pages: OrderedDict[object, Kept] = OrderedDict()
        self.size, self.most = 0, most

    def get(self, key: object) -> Kept | None:
        page = self.pages.get(key)
        if page is not None:
            self.pages.move_to_end(key)
        return page

    def pop(self, key: object) -> Kept | None:
        page = self.pages.pop(key, None)
        self.size -= page.counted if page else 0
        return page

    def put(self, key: object, page: Kept) -> None:
        self.pop(key)
        page.counted = page.size
        self.pages[key] = page
        self.size += page.counted
        self.shrink(self.most)

    def shrink(self, most: int) -> None:
        while self.size > most and self.pages:
            self.size -= self.pages.popitem(last=False)[1].counted
