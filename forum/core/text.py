"""Small questions about plain text: slugs, keys to compare by, folded white space."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from itertools import count

_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
# Control characters and half surrogates; and white space of all sorts. A test asks Unicode whether these are all.
_CONTROL = r"\x00-\x1f\x7f-\x9f\ud800-\udfff"
_BLANK = re.compile(rf"[{_CONTROL}\x20\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
_NOT_WRITTEN = re.compile(rf"(?![\n\t])[{_CONTROL}]")


def fold(text: str) -> str:
    """One line: white space folded, invisible and control characters and half surrogates gone, NFC."""
    return _BLANK.sub(" ", _INVISIBLE.sub("", unicodedata.normalize("NFC", text))).strip()


def clean(text: str) -> str:
    """Many lines: line ends as \\n, control characters gone, NFC, no blank ends."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _NOT_WRITTEN.sub("", text).strip()


def compare_key(text: str) -> str:
    """What two spellings of a name have in common: no case, no accents, no punctuation."""
    # Taken apart before and after: "㍺" is written out in capitals, and "İ" folds to two characters.
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    kept = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return " ".join(kept.split())


def slugify(text: str, longest: int = 80) -> str:
    """A lower-case ASCII slug of whole words, at most `longest` characters; "untitled" if nothing is left."""
    ascii_key = compare_key(text).encode("ascii", "ignore").decode()
    slug = "-".join(ascii_key.split())
    if len(slug) > longest:
        slug = slug[: longest + 1].rpartition("-")[0] or slug[:longest]
    return slug or "untitled"


def first_free(slug: str, taken: Callable[[Sequence[str]], Collection[str]]) -> str:
    """`slug`, or the first of "slug-2", "slug-3", ... that is not taken.

    `taken(slugs)` says which of these are; it is asked about a few at a time, by their exact names, so that an
    index can answer however many slugs begin alike.
    """
    for start in count(1, 20):
        wanted = [slug if n == 1 else f"{slug}-{n}" for n in range(start, start + 20)]
        in_use = taken(wanted)
        for each in wanted:
            if each not in in_use:
                return each
    raise AssertionError("the numbers do not end")
