"""What is known about the words of a query, read in one statement: how rare they are, what else means the same,
which words are near to one that nobody wrote, and who is meant by a name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import chain
from math import log
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    union_all,
)

from forum.accounts.models import Person
from forum.core.changes import kept, note
from forum.core.db import db
from forum.core.text import slugify
from forum.core.words import terms
from forum.posts.queries.catalogue import newest_seq
from forum.search.engines import All, Word, hits
from forum.search.models import Entry, Mark, Synonyms
from forum.search.models import Word as Known
from forum.topics.models import SERVICES, Service, Synonym

# The newest posts with a word are counted so far; how far back they reach then tells of the others.
MOST_COUNTED = 500
# In few texts a chance word is as rare as a telling one: beyond this, rarity tells no more.
RAREST = 4.0
# Letters of a word that is worth correcting, and how many of a query are.
SHORTEST, MOST_CORRECTED = 4, 6
# A word of the trade counts as so much nearer than another: "cort" is a court, and no cart.
OF_TRADE = 0.4
# As many people may be meant by a name.
MOST_PEOPLE = 50
# What stands for all posts among the terms that are counted.
TOTAL = ""
# Behind every letter, so that a range of words is all that begin alike.
AFTER = "\uffff"


@dataclass(frozen=True)
class ServiceWords:
    """A service and what it is called."""

    id: int
    slug: str
    name: str
    synonyms: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Its name, and the names in it: "Jails & detention" is also jails, and detention."""
        parts = self.name.replace(" & ", ", ").replace(" and ", ", ").split(", ")
        return tuple(dict.fromkeys((self.name, *parts)))


@dataclass
class Vocabulary:
    """What is known. `counts`: term -> about how many posts have it, out of `total`; `heard`: terms that only
    replies have."""

    counts: dict[str, float] = field(default_factory=dict)
    total: float = 0
    heard: set[str] = field(default_factory=set)
    services: dict[str, ServiceWords] = field(default_factory=dict)
    groups: list[tuple[str, ...]] = field(default_factory=list)
    near: dict[str, list[str]] = field(default_factory=dict)
    people: dict[str, list[int]] = field(default_factory=dict)
    # The number of the last change of what lists are filtered by.
    seq: int = 0

    @cached_property
    def trade(self) -> frozenset[str]:
        """The terms of all services and of the groups that curators keep: what people here most likely mean."""
        names = (name for service in self.services.values() for name in (service.name, *service.synonyms))
        return frozenset(chain.from_iterable(map(phrase, chain(names, *self.groups))))

    def knows(self, term: str) -> bool:
        """Whether anything has this word."""
        return self.counts.get(term, 0) > 0 or term in self.heard

    def rarity(self, term: str) -> float:
        """How much finding this word tells: BM25's inverse document frequency, up to RAREST."""
        n = self.counts.get(term, 0)
        return min(RAREST, log(1 + max(0.0, self.total - n + 0.5) / (n + 0.5)))


def read_vocabulary(
    counted: Iterable[str], doubtful: dict[str, str] | None = None, names: Sequence[str] = ()
) -> Vocabulary:
    """Look all of it up. `counted`: terms; `doubtful`: term -> the word as typed, to be corrected if no post has
    it; `names`: of people. One statement; two more when a service has changed."""
    parts: list[Any] = [
        select(*_row("group", literal(""), Synonyms.terms, Synonyms.id)).select_from(Synonyms),
        select(*_row("newest", literal(""), literal(""), func.coalesce(func.max(Entry.id), 0))),
        select(*_row("seq", literal(""), literal(""), newest_seq())),
        *(_count(term) for term in (TOTAL, *dict.fromkeys(counted))),
    ]
    for term, word in list((doubtful or {}).items())[:MOST_CORRECTED]:
        parts.append(_neighbors(term, word))
    for name in names:
        called = Person.slug.contains(slugify(name)) | func.lower(Person.name).contains(
            name.lower(), autoescape=True
        )
        parts.append(
            select(*_row("person", literal(name), literal(""), Person.id)).where(
                Person.id.in_(select(Person.id).where(called).limit(MOST_PEOPLE))
            )
        )
    return _gathered(db.session.execute(union_all(*parts)), kept("services and synonyms", _services))


def _services() -> dict[str, ServiceWords]:
    """slug -> a service with all its names, for every service."""
    note(SERVICES)
    synonyms = defaultdict(list)
    for service_id, term in db.session.execute(select(Synonym.service_id, Synonym.term).order_by(Synonym.id)):
        synonyms[service_id].append(term)
    # Sorted here: the two engines have orders of their own.
    rows = sorted(
        db.session.execute(select(Service.slug, Service.id, Service.name)), key=lambda row: row.slug
    )
    return {slug: ServiceWords(id_, slug, name, tuple(synonyms[id_])) for slug, id_, name in rows}


def _row(what: str, a: Any, b: Any, n: Any, oldest: Any = 0) -> list[ColumnElement[Any]]:
    """The columns that all parts of the statement have."""
    text = (literal(what).label("what"), cast(a, String).label("a"), cast(b, String).label("b"))
    return [*text, n.label("n"), literal(oldest).label("oldest") if isinstance(oldest, int) else oldest]


def _count(term: str) -> Select[Any]:
    """How many posts have a term, of the newest, and the oldest that was counted; where none has, whether a reply."""
    counted = Word(Mark.POST) if term == TOTAL else All((Word(term), Word(Mark.POST)))
    found = hits(counted, MOST_COUNTED, rare=term != TOTAL).subquery()
    # As many as are counted: for one alone PostgreSQL would rather read through the whole table.
    anywhere = hits(Word(term or Mark.POST), MOST_COUNTED).subquery()
    heard = case((func.count() > 0, 1), else_=select(func.count()).select_from(anywhere).scalar_subquery())
    oldest = func.coalesce(func.min(found.c.id), 0).label("oldest")
    return select(*_row("count", literal(term), heard, func.count(), oldest)).select_from(found)


def _neighbors(term: str, word: str) -> Select[Any]:
    """Known words that this one may have been meant for, unless it is known itself.

    They begin alike; or the first letter is another, is missing, or is one too many; or the first two changed
    places: each by an index. Near the end anything may differ, within two letters of length, or more may follow.
    """
    found = hits(Word(term), MOST_COUNTED).subquery()
    unknown = select(func.count()).select_from(found).scalar_subquery() == 0
    alike = func.length(Known.word).between(len(word) - 2, len(word) + 2)
    begins = or_(
        _begins(word[:1]), _begins(word[1] + word[0]), _begins(word[1:4]),
        Known.middle.in_([word[1:4], word[:3]]),
    )  # fmt: skip
    return select(*_row("near", literal(term), Known.word, literal(0))).where(
        unknown, begins, or_(alike, _begins(word))
    )


def _begins(prefix: str) -> ColumnElement[bool]:
    return and_(Known.word >= prefix, Known.word < prefix + AFTER)


def _gathered(rows: Iterable[Any], services: dict[str, ServiceWords]) -> Vocabulary:
    found = Vocabulary(services=services)
    newest = 0
    reaches: dict[str, tuple[int, int]] = {}
    for what, a, b, n, oldest in rows:
        match what:
            case "group":
                found.groups.append(tuple(part for term in b.split(",") if (part := term.strip())))
            case "newest":
                newest = n
            case "seq":
                found.seq = n
            case "count":
                reaches[a] = (n, oldest)
                if b != "0" and not n:
                    found.heard.add(a)
            case "near":
                found.near.setdefault(a, []).append(b)
            case _:
                found.people.setdefault(a, []).append(n)
    for term, (n, oldest) in reaches.items():
        found.counts[term] = n if n < MOST_COUNTED else n * newest / (newest - oldest + 1)
    found.total = found.counts.pop(TOTAL, 0)
    return found


@lru_cache(maxsize=10_000)
def phrase(text: str) -> tuple[str, ...]:
    """The terms of a name or synonym. There are few of them, and every query asks for all."""
    return tuple(terms(text))


def corrections(word: str, near: Iterable[str], trade: Container[str] = (), most: int = 2) -> list[str]:
    """Those of the words that `word` was most likely meant for, best first; none if none is near enough. One of the
    `trade` (terms) is meant rather than another that is as near."""
    allowed = 1.0 if len(word) < 6 else 1.6 if len(word) < 9 else 2.0
    letters = _letters(word)
    found = []
    for other in set(near):
        # Each edit changes at most two kinds of letters: most words need no closer look.
        if (letters ^ _letters(other)).bit_count() <= 4:
            distance = _distance(word, other)
            if distance <= allowed:
                distance -= OF_TRADE if any(part in trade for part in phrase(other)) else 0.0
                found.append((distance, abs(len(other) - len(word)), other))
    found.sort()
    return [other for distance, _length, other in found[:most] if distance <= found[0][0] + 0.3]


@lru_cache(maxsize=50_000)
def _letters(word: str) -> int:
    """The letters of a word as bits."""
    bits = 0
    for letter in word:
        bits |= 1 << (ord(letter) & 31)
    return bits


# Letters that are easily taken for each other cost less to change.
_ALIKE = {
    frozenset(pair)
    for pair in ("ai", "ae", "ei", "eo", "ao", "ou", "iy", "sc", "ck", "sz", "mn", "fv", "dt", "bp", "gj")
}


def _distance(one: str, other: str) -> float:
    """How many letters are missing, too many, wrong or in the wrong order; doubled and similar ones count less."""
    before: list[float] = []
    row = [_cost_of_extra(other, j) for j in range(len(other))]
    row = [0.0, *(sum(row[: j + 1]) for j in range(len(other)))]
    for i, letter in enumerate(one, 1):
        previous, row, older = row, [row[0] + 1.0], before
        for j, wanted in enumerate(other, 1):
            if letter == wanted:
                cost = previous[j - 1]
            else:
                swap = 0.7 if frozenset((letter, wanted)) in _ALIKE else 1.2
                cost = min(
                    previous[j - 1] + swap,
                    previous[j] + _cost_of_extra(one, i - 1),
                    row[j - 1] + _cost_of_extra(other, j - 1),
                )
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted and letter != wanted:
                cost = min(cost, older[j - 2] + 0.8)
            row.append(cost)
        before = previous
    return row[-1]


def _cost_of_extra(word: str, index: int) -> float:
    """A letter that doubles the one before or after it is easily left out or written twice."""
    doubled = index and word[index] == word[index - 1]
    return 0.5 if doubled or word[index : index + 1] == word[index + 1 : index + 2] else 1.0
