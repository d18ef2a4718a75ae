"""What a person typed, taken apart. Nothing that can be typed is an error."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from forum.core.text import compare_key, fold
from forum.core.words import Token, term, tokens
from forum.search.queries.saying import people, sayings

# What is read of what is typed. Characters, words and narrowing parts.
LONGEST = 500
MOST_WORDS = 16
MOST_FIELDS = 8

# name typed before the colon -> what it narrows by
FIELDS = {
    "service": "service",
    "topic": "service",
    "place": "place",
    "in": "place",
    "party": "party",
    "kind": "kind",
    "type": "kind",
    "by": "by",
    "author": "by",
    "since": "since",
    "size": "size",
}
# How people call the kinds, besides their keys.
KIND_NAMES = {
    "cases": "case",
    "casestudy": "case",
    "questions": "question",
    "guides": "guide",
    "resources": "resource",
    "library": "resource",
    "links": "resource",
    "answers": "answer",
    "comments": "comment",
}
KINDS = ("case", "question", "guide", "resource", "answer", "comment")
# Words that hold a sentence together and tell nothing about what it is about.
_COMMON = """
    a about after again all also am an and another any anybody anyone are as at be because been before
    being best between both but by can could did do does doing done each either else ever every everybody
    everyone for from get gets getting give go going good got had has have having he her here him his how
    i idea ideas if im in into is it its just know let like look looking made make making many may me
    might more most much must my need needed needs no nor not of off on once one only or other others our
    ours out over own people per please possible same see she should show so some somebody someone such
    take tell than that the their them then there these they thing things this those through to too try
    trying under until up upon us use used using very want wants was way ways we were what whats when
    where whether which while who whom whose why will with within without work works would you your yours
    advice example examples experience experiences find help tips
""".split()
# As they stand in the index, "becaus" as well; what is as short may be an acronym ("DOE") and stays as it is written.
COMMON = frozenset(_COMMON) | {stem for stem in map(term, _COMMON) if len(stem) > 3}
# Who begins so asks a question.
ASKING = frozenset(
    "are can could do does how is may must our shall should we what when where which who whose why would".split()
)
_PIECE = re.compile(
    r"""(?P<minus>-?)(?:(?P<field>[a-zA-Z]+):\s*)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))"""
)
_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "＂": '"', "−": "-", "–": "-"})


@dataclass(frozen=True)
class Piece:
    """One part of a query. `field`: a value of FIELDS, or "" for words. `raw` is how it was typed.

    `param`: it was not typed but stands in the address under this name. `said`: it narrows in plain words ("in Ohio").
    """

    raw: str
    value: str
    field: str = ""
    phrase: bool = False
    negative: bool = False
    prefix: bool = False
    param: str = ""
    said: bool = False

    @property
    def tokens(self) -> tuple[Token, ...]:
        """Its words."""
        return tuple(tokens(self.value))

    @property
    def common(self) -> bool:
        """Whether it only holds a sentence together: "in", "because", and "I", but not "IT"."""
        acronym = self.value.isupper() and len(self.value) > 1
        return not acronym and all(token.term in COMMON for token in self.tokens)

    @property
    def kind(self) -> str:
        """The key of the kind that it names, or ""."""
        key = compare_key(self.value).replace(" ", "").replace("studies", "study")
        key = KIND_NAMES.get(key, key)
        return key if key in KINDS else ""

    @property
    def people(self) -> tuple[int, int | None] | None:
        """The least and the most people of a place that it names; None for what is no size."""
        return people(self.value)

    @property
    def day(self) -> date | None:
        """The day that it names: "2024", "2024-05" and "2024-05-01" are all days; None for anything else."""
        match = re.fullmatch(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?", self.value)
        try:
            return date(*(int(part or 1) for part in match.groups())) if match else None
        except ValueError:
            return None


@dataclass(frozen=True)
class Query:
    """What was typed. `cut`: it was too long to be read to its end."""

    pieces: tuple[Piece, ...] = ()
    cut: bool = False

    @property
    def words(self) -> tuple[Piece, ...]:
        """What is to be found, in order."""
        return tuple(piece for piece in self.pieces if not piece.field and not piece.negative)

    @property
    def asks(self) -> bool:
        """Whether it is put as a question."""
        first = self.words[0].value.casefold() if self.words else ""
        return first in ASKING and len(self.words) > 2

    @property
    def typed(self) -> str:
        """The query as a line, as far as it was typed."""
        return " ".join(piece.raw for piece in self.pieces if not piece.param)

    def without(self, piece: Piece) -> str:
        """The line without one of its pieces."""
        return " ".join(other.raw for other in self.pieces if other is not piece and not other.param)

    def with_words(self, corrections: dict[str, str]) -> str:
        """The line with these words (folded, as typed) in the place of others."""
        return " ".join(_corrected(piece, corrections) for piece in self.pieces if not piece.param)


def read_query(typed: str, *, kind: str = "", service: str = "", place: str = "") -> Query:
    """Take apart what was typed, and what the address adds to it."""
    line = fold(typed[: LONGEST + 1].translate(_QUOTES))
    cut = len(typed) > LONGEST
    pieces = []
    words = fields = 0
    for piece in _pieces(line[:LONGEST]):
        if piece.field or piece.negative:
            fields += 1
        else:
            words += sum(not token.joined for token in piece.tokens)
        if words > MOST_WORDS or fields > MOST_FIELDS:
            cut = True
            break
        pieces.append(piece)
    params = {"kind": kind, "service": service, "place": place}
    added = (Piece(value, fold(value), field=name, param=name) for name, value in params.items())
    pieces += [piece for piece in added if piece.tokens]
    return Query(tuple(pieces), cut)


def read_title(title: str) -> Query:
    """Take a title apart: all of it is words."""
    pieces: list[Piece] = []
    for token in tokens(fold(title)[:LONGEST]):
        if not token.joined and len(pieces) < MOST_WORDS:
            word = fold(title)[token.start : token.end]
            pieces.append(Piece(word, word))
    return Query(tuple(pieces))


def _pieces(line: str) -> Iterator[Piece]:
    """The pieces of a line, with what plain words narrow by."""
    at = 0
    for said in sayings(line):
        yield from _typed(line[at : said.start])
        yield Piece(line[said.start : said.end].strip(), said.value, field=said.field, said=True)
        at = said.end
    yield from _typed(line[at:])


def _typed(line: str) -> Iterator[Piece]:
    """The pieces of a line; what holds neither letters nor digits is no piece."""
    for match in _PIECE.finditer(line):
        field = FIELDS.get((match["field"] or "").lower(), "")
        phrase = match["phrase"] is not None
        value = (match["phrase"] if phrase else match["word"]) or ""
        if match["field"] and not field:
            # "http://..." or "note:this": no field of ours, so just words.
            value = f"{match['field']} {value}"
        piece = Piece(
            raw=match[0],
            value=value.strip(),
            field=field,
            phrase=phrase and not field,
            negative=bool(match["minus"]),
            prefix=value.endswith("*"),
        )
        readable = {"kind": piece.kind, "since": piece.day, "size": piece.people}.get(field, True)
        if not readable:
            piece = replace(piece, value=f"{match['field']} {value}", field="")
        if piece.tokens:
            yield piece


def _corrected(piece: Piece, corrections: dict[str, str]) -> str:
    if piece.field or piece.phrase:
        return piece.raw
    line, end = "", 0
    for token in piece.tokens:
        if not token.joined and token.term in corrections:
            line += piece.value[end : token.start] + corrections[token.term]
            end = token.end
    return ("-" if piece.negative else "") + line + piece.value[end:]


def capitals(pieces: Sequence[Piece]) -> bool:
    """Whether capitals mean something in these pieces: not in a line that is all capitals."""
    return any(not piece.value.isupper() for piece in pieces) or len(pieces) == 1
