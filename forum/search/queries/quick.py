"""Answers while somebody types: where the words lead, and what was asked before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import select, union

from forum.accounts.models import Organisation, Person
from forum.core.db import db
from forum.core.i18n import gettext as _
from forum.core.text import compare_key
from forum.core.words import folded, tokens
from forum.places.models import region_line
from forum.posts.models import FOLDERS, KINDS, Post
from forum.posts.policy import seen_by
from forum.posts.queries import SAYING_THE_SAME
from forum.posts.queries.targets import FINDERS, ref_of_address
from forum.questions.models import Question
from forum.search.engines import Expression, Word, every, hits
from forum.search.models import POST_KINDS, Entry, Mark
from forum.search.queries.found import find
from forum.search.queries.language import read_query, read_title
from forum.search.queries.ranking import Words, score
from forum.search.queries.reading import plan
from forum.search.queries.results import search
from forum.search.queries.standing import answering
from forum.topics.models import Service

# Letters before anything is suggested or compared.
FEWEST_TYPED, FEWEST_OF_TITLE = 2, 8
# What is looked at for suggestions of each sort, and what is shown of it.
LOOKED_AT = 40
SHOWN = {"service": 3, "place": 2, "post": 5, "organisation": 2}
# A post that says less of a title than this is not about the same.
ALIKE = 0.4
# One that says so much of it may be the very same.
SAME = 0.7


@dataclass(frozen=True)
class Suggestion:
    """Where typed words may lead: what it is called, what it is, its address."""

    label: str
    hint: str
    href: str


@dataclass(frozen=True)
class Alike:
    """A post like what somebody is about to write. `answers`: of a question; `accepted`: one of them helped."""

    kind: str
    title: str
    href: str
    place: str
    answers: int
    accepted: bool

    @property
    def kind_label(self) -> str:
        """What it is."""
        return KINDS.label(self.kind)


def suggest(actor: Person | None, typed: str) -> list[Suggestion]:
    """Services, places, posts and organisations that have all of these words, the last one only begun.

    Two statements.
    """
    words = [folded(typed[token.start : token.end]) for token in tokens(typed[:100]) if not token.joined]
    if not words or len("".join(words)) < FEWEST_TYPED:
        return []
    whole = tokens(" ".join(words[:-1]))
    known = [Word(token.term) for token in whole if not token.joined]
    last = words[-1]

    def having(prefix: str) -> Expression:
        return every([*(Word(prefix + word.text) for word in known), Word(prefix + last, prefix=True)])

    sorts = (
        having(Mark.NAME),
        every([having(Mark.TITLE), Word(Mark.POST)]),
        every([having(Mark.TITLE), Word(Mark.KIND + "organisation")]),
    )
    ids = union(*(select(hits(sort, LOOKED_AT).subquery().c.id) for sort in sorts))
    entries = db.session.execute(
        select(
            Entry.id, Entry.kind, Entry.title, Service.slug.label("service"), Post.slug.label("post"),
            Organisation.slug.label("organisation"), Organisation.population, Organisation.region,
            Organisation.country,
        )
        .outerjoin(Service, Service.id == Entry.service_id)
        .outerjoin(Organisation, Organisation.id == Entry.organisation_id)
        .outerjoin(Post, Post.id == Entry.post_id)
        .where(Entry.id.in_(ids), Entry.post_id.is_(None) | seen_by(actor))
    ).all()  # fmt: skip
    begins = compare_key(typed)
    entries = sorted(entries, key=lambda row: (-_fit(row.title, begins), -(row.population or 0), -row.id))
    shown = {sort: [row for row in entries if _sort(row) == sort][:n] for sort, n in SHOWN.items()}
    found = [Suggestion(row.title, _("Service"), f"/services/{row.service}") for row in shown["service"]]
    found += _places(actor, having(Mark.PLACE), last)
    found += [
        Suggestion(row.title, KINDS.label(row.kind), f"/{FOLDERS[row.kind]}/{row.post}")
        for row in shown["post"]
    ]
    found += [
        Suggestion(
            row.title,
            region_line(row.region, row.country) or _("Organization"),
            f"/organisations/{row.organisation}",
        )
        for row in shown["organisation"]
    ]
    return found


def _sort(row: Any) -> str:
    return "post" if row.kind in POST_KINDS else str(row.kind)


def _fit(title: str, begins: str) -> int:
    """How well a title goes on from what was typed: from its start, from one of its words, or not in a row."""
    key = compare_key(title)
    return 2 if key.startswith(begins) else 1 if f" {begins}" in key else 0


def _places(actor: Person | None, having: Expression, last: str) -> list[Suggestion]:
    """Regions and places of posts, those that most posts are about first."""
    ids = hits(every([having, Word(Mark.POST)]), LOOKED_AT).subquery()
    rows = db.session.execute(
        select(Post.place_name, Post.region, Post.region_code, Post.country)
        .join(Entry, Entry.post_id == Post.id)
        .join(ids, ids.c.id == Entry.id)
        .where(seen_by(actor))
    ).all()
    counts: dict[tuple[str, str], int] = {}
    for row in rows:
        if row.region_code and _begun(row.region, last):
            option = (region_line(row.region, row.country), row.region_code)
        elif _begun(row.place_name, last):
            option = (f"{row.place_name}, {region_line(row.region, row.country)}", row.place_name)
        else:
            continue
        counts[option] = counts.get(option, 0) + 1
    best = sorted(counts, key=lambda option: (-counts[option], option))[: SHOWN["place"]]
    return [Suggestion(label, _("Place"), f"/search?{urlencode({'place': value})}") for label, value in best]


def _begun(name: str, last: str) -> bool:
    return any(word.startswith(last) for word in compare_key(name).split())


def alike(actor: Person | None, title: str, limit: int = 5, *, only_if: float = ALIKE) -> list[Alike]:
    """The posts most like one with this title; none unless one of them says this part of it. Three statements."""
    if len(title.strip()) < FEWEST_OF_TITLE:
        return []
    made = plan(read_title(title))
    if not made.concepts:
        return []
    scored, most = [], 0.0
    for entry in find(made, replies=False).entries:
        got = score(made.concepts, Words(entry.words))
        if (much := got.coverage(made.concepts)) >= ALIKE:
            value = got.value(made.concepts) * answering(made, entry.kind)
            scored.append((value, entry.post_id))
            most = max(most, much)
    best = [post_id for _value, post_id in sorted(scored, reverse=True)[:limit]]
    return _alike_rows(actor, best) if most >= only_if else []


def saying_the_same(actor: Person | None, title: str) -> list[Alike]:
    """The posts most like one with this title, if any may be the very same."""
    return alike(actor, title, only_if=SAME)


SAYING_THE_SAME.append(saying_the_same)


def to_point_to(actor: Person | None, typed: str) -> list[str]:
    """Posts and answers that these words may mean, as references: titles that begin so, then what a search finds.

    Six statements.
    """
    begun = [ref_of_address(suggestion.href) for suggestion in suggest(actor, typed)]
    addresses = [
        href
        for result in search(actor, read_query(typed)).rows
        for href in (result.post.href, *(place.href for place in result.places))
    ]
    return [ref for ref in (*begun, *map(ref_of_address, addresses)) if ref]


FINDERS.append(to_point_to)


def _alike_rows(actor: Person | None, post_ids: Sequence[int]) -> list[Alike]:
    if not post_ids:
        return []
    own = Question.__table__
    rows = db.session.execute(
        select(
            Post.id, Post.kind, Post.slug, Post.title, Post.place_name, Post.region, Post.country,
            own.c.n_answers, own.c.accepted_answer_id,
        )
        .outerjoin(own, own.c.post_id == Post.id)
        .where(Post.id.in_(post_ids), seen_by(actor))
    )  # fmt: skip
    found = {
        row.id: Alike(
            kind=row.kind,
            title=row.title,
            href=f"/{FOLDERS[row.kind]}/{row.slug}",
            place=", ".join(part for part in (row.place_name, region_line(row.region, row.country)) if part),
            answers=row.n_answers or 0,
            accepted=row.accepted_answer_id is not None,
        )
        for row in rows
    }
    return [found[id_] for id_ in post_ids if id_ in found]
