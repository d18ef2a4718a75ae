"""What is known about the words of a query, read in one statement: how rare they are, what else means the same,
which words are near to one that nobody wrote, and who is meant by a name."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import chain
from math import log
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    bindparam,
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
from forum.core.rows import Prepared
from forum.core.text import slugify
from forum.core.words import terms
from forum.posts.queries.catalogue import newest_seq
from forum.search.engines import All, Wanted, Word, hits, written
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
    terms = list(dict.fromkeys(counted))
    corrected = list((doubtful or {}).items())[:MOST_CORRECTED]
    values: dict[str, Any] = {}
    for n, term in enumerate(terms):
        in_posts = written(All((Word(term), Word(Mark.POST))))
        values |= {f"term_{n}": term, f"in_posts_{n}": in_posts, f"anywhere_{n}": written(Word(term))}
    for n, (term, word) in enumerate(corrected):
        values |= {f"doubted_{n}": term, f"written_{n}": written(Word(term)), **_spelled(word, n)}
    for n, name in enumerate(names):
        values |= {
            f"name_{n}": name,
            f"in_slug_{n}": _inside(slugify(name)),
            f"in_name_{n}": _inside(name.lower()),
        }
    rows = _prepared(len(terms), len(corrected), len(names), db.engine.dialect.name)(**values)
    return _gathered(rows, kept("services and synonyms", _services))


@lru_cache(maxsize=64)
def _prepared(n_counted: int, n_corrected: int, n_names: int, _engine: str) -> Prepared:
    """The statement for so many words and names of people."""
    return Prepared(
        lambda: union_all(
            select(*_row("group", literal(""), Synonyms.terms, Synonyms.id)).select_from(Synonyms),
            select(*_row("newest", literal(""), literal(""), func.coalesce(func.max(Entry.id), 0))),
            select(*_row("seq", literal(""), literal(""), newest_seq())),
            _count(literal(TOTAL), Word(Mark.POST), Word(Mark.POST), rare=False),
            *(
                _count(_text(f"term_{n}"), _text(f"in_posts_{n}"), _text(f"anywhere_{n}"), rare=True)
                for n in range(n_counted)
            ),
            *(_neighbors(n) for n in range(n_corrected)),
            *(_called(n) for n in range(n_names)),
        )
    )


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


def _text(name: str) -> BindParameter[str]:
    return bindparam(name, type_=String)


def _count(term: ColumnElement[str], in_posts: Wanted, anywhere: Wanted, *, rare: bool) -> Select[Any]:
    """How many posts have a term, of the newest, and the oldest that was counted; where none has, whether a reply."""
    found = hits(in_posts, MOST_COUNTED, rare=rare).subquery()
    # As many as are counted: for one alone PostgreSQL would rather read through the whole table.
    others = hits(anywhere, MOST_COUNTED).subquery()
    heard = case((func.count() > 0, 1), else_=select(func.count()).select_from(others).scalar_subquery())
    oldest = func.coalesce(func.min(found.c.id), 0).label("oldest")
    return select(*_row("count", term, heard, func.count(), oldest)).select_from(found)


def _neighbors(n: int) -> Select[Any]:
    """Known words that the n-th doubtful one may have been meant for, unless it is known itself.

    They begin alike; or the first letter is another, is missing, or is one too many; or the first two changed
    places: each by an index. Near the end anything may differ, within two letters of length, or more may follow.
    """
    found = hits(_text(f"written_{n}"), MOST_COUNTED).subquery()
    unknown = select(func.count()).select_from(found).scalar_subquery() == 0
    alike = func.length(Known.word).between(
        bindparam(f"shortest_{n}", type_=Integer), bindparam(f"longest_{n}", type_=Integer)
    )
    begins = or_(
        *(_begins(f"{how}_{n}") for how in ("first", "swapped", "without")),
        Known.middle.in_([_text(f"middle_{n}"), _text(f"start_{n}")]),
    )
    return select(*_row("near", _text(f"doubted_{n}"), Known.word, literal(0))).where(
        unknown, begins, or_(alike, _begins(f"whole_{n}"))
    )


def _spelled(word: str, n: int) -> dict[str, Any]:
    """The values by which `_neighbors` looks around the n-th word."""
    begun = {"first": word[:1], "swapped": word[1] + word[0], "without": word[1:4], "whole": word}
    return {
        f"shortest_{n}": len(word) - 2,
        f"longest_{n}": len(word) + 2,
        f"middle_{n}": word[1:4],
        f"start_{n}": word[:3],
        **{f"{how}_{n}": prefix for how, prefix in begun.items()},
        **{f"{how}_{n}_end": prefix + AFTER for how, prefix in begun.items()},
    }


def _begins(name: str) -> ColumnElement[bool]:
    return and_(Known.word >= _text(name), Known.word < _text(f"{name}_end"))


def _inside(part: str) -> str:
    """The pattern of LIKE for what has this part."""
    return "%" + re.sub("([%_/])", r"/\1", part) + "%"


def _called(n: int) -> Select[Any]:
    """The people who may be meant by the n-th name."""
    called = or_(
        Person.slug.like(_text(f"in_slug_{n}"), escape="/"),
        func.lower(Person.name).like(_text(f"in_name_{n}"), escape="/"),
    )
    few = select(Person.id).where(called).limit(MOST_PEOPLE)
    return select(*_row("person", _text(f"name_{n}"), literal(""), Person.id)).where(Person.id.in_(few))


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
