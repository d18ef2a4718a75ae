"""What a search looks at: all posts that have everything that was asked for, and the entries worth ranking."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    String,
    case,
    cast,
    exists,
    false,
    func,
    null,
    select,
    union,
)
from sqlalchemy.orm import aliased

from forum.accounts.models import Organisation
from forum.core import clock
from forum.core.db import db
from forum.freshness.models import Freshness
from forum.freshness.queries import stale
from forum.posts.models import Post
from forum.search.engines import AnyOf, Expression, Word, among, hits
from forum.search.models import Entry, Mark
from forum.search.queries.plan import Plan

# The newest posts that have everything: so many are counted, filtered and sorted.
MATCHED = 20_000
# How many entries are ranked: the newest that have everything, in posts (of all kinds or of one), in titles and in
# replies; and where those are FEW, the newest that have most of it.
POSTS, OF_KIND, TITLES, REPLIES, LOOSE, LOOSE_REPLIES, ORGANISATIONS = 200, 500, 80, 100, 150, 50, 5
FEW = 30
# No search ranks more. Said to the database, which would else expect tens of thousands and read all there are.
ALL = 2 * (FEW + TITLES + LOOSE + TITLES) + POSTS + OF_KIND + REPLIES + LOOSE_REPLIES + ORGANISATIONS

IS_POST = Word(Mark.POST)
IS_REPLY = AnyOf((Word(Mark.KIND + "answer"), Word(Mark.KIND + "comment")))


@dataclass(frozen=True)
class Found:
    """`entries`: what to rank, newest first. `posts`: kind -> ids of all posts that have everything, newest first."""

    entries: Sequence[Any] = ()
    posts: Mapping[str, Sequence[int]] = field(default_factory=dict)

    @property
    def every(self) -> set[int]:
        """The ids of all posts that have everything."""
        return set(chain.from_iterable(self.posts.values()))


def find(
    made: Plan, kind: str = "", allowed: Collection[int] | None = None, *, replies: bool = True
) -> Found:
    """Look for what was planned. One statement.

    With `kind` more of that kind are ranked; of these posts only, where they are `allowed` alone. What is found, and
    what is left out, is the same whatever is allowed.
    """
    if made.unknown and not made.concepts and not made.narrowed:
        return Found()
    looked = _Look(made)
    posts = looked.at(made.all_of_it, IS_POST, MATCHED).subquery()
    every = select(Entry.id, Entry.post_id, Entry.kind).join(posts, posts.c.id == Entry.id).cte()
    # Read from several sides: found once.
    every = every.prefix_with("MATERIALIZED")
    only = [] if allowed is None else [among(Entry.post_id, allowed)]
    of = Word(Mark.KIND + kind) if kind else IS_POST
    in_posts = _count(every)
    looked.rank(_newest(every, FEW if kind else POSTS))
    looked.loosely(IS_POST, in_posts)
    if kind:
        in_posts = _count(every, every.c.kind == kind)
        looked.rank(_newest(every, FEW, every.c.kind == kind))
        best = [] if allowed is None else [among(every.c.post_id, allowed)]
        looked.rank(_newest(every, OF_KIND, every.c.kind == kind, *best))
        looked.loosely(of, in_posts)
    if made.in_titles:
        looked.add(made.in_titles, of, TITLES, only)
    if replies:
        in_replies = looked.add(made.all_of_it, IS_REPLY, REPLIES)
        if made.most_of_it:
            looked.add(made.most_of_it, IS_REPLY, _unless(in_posts + in_replies, LOOSE_REPLIES))
        if made.in_titles and not made.narrowed:
            looked.add(made.in_titles, Word(Mark.KIND + "organisation"), ORGANISATIONS)
    return _read(every, looked.found)


class _Look:
    """Where a search looks. `found`: the SELECTs of what to rank."""

    def __init__(self, made: Plan) -> None:
        self.made = made
        self.found: list[Select[Any]] = []

    def at(
        self, core: Sequence[Expression], of: Expression, most: Any, only: Sequence[ColumnElement[bool]] = ()
    ) -> Select[Any]:
        """The newest entries of a sort that have this."""
        rare = not (self.made.everywhere and of is IS_REPLY)
        return hits(self.made.expression(core, of), most, [*self.made.where, *only], rare=rare)

    def rank(self, ids: Select[Any]) -> None:
        """These are to be ranked."""
        self.found.append(ids)

    def add(
        self, core: Sequence[Expression], of: Expression, most: Any, only: Sequence[ColumnElement[bool]] = ()
    ) -> Any:
        """Rank the newest entries of a sort that have this; returns how many they are, for others to look at."""
        query = self.at(core, of, most, only).cte()
        self.rank(select(query.c.id))
        return _count(query)

    def loosely(self, of: Expression, enough: Any) -> None:
        """Rank also what has most of it, unless enough has all."""
        if self.made.most_of_it:
            self.add(self.made.most_of_it, of, _unless(enough, LOOSE))
            self.add(self.made.most_in_titles, of, _unless(enough, TITLES))


def _newest(every: CTE, most: int, *where: ColumnElement[bool]) -> Select[Any]:
    newest = select(every.c.id).where(*where).order_by(every.c.id.desc()).limit(most)
    return select(newest.subquery().c.id)


def _count(of: CTE, *where: ColumnElement[bool]) -> Any:
    return select(func.count()).select_from(of).where(*where).scalar_subquery()


def _unless(enough: Any, most: int) -> Any:
    return case((enough < FEW, most), else_=0)


def _read(every: CTE, found: Sequence[Select[Any]]) -> Found:
    """Read it in one statement: a row for each entry to rank, and one for each kind, whose words are ids."""
    of_answer, today = aliased(Freshness), clock.today()
    # Equality, said so that SQLite reads by the index: it takes the many NULLs there for one answer's rows.
    is_its = of_answer.answer_id.between(Entry.answer_id, Entry.answer_id)
    columns: list[Any] = [
        Entry.id, Entry.kind, Entry.post_id, Entry.answer_id, Entry.comment_id, Entry.created_at,
        Entry.title, Entry.words, Organisation.slug, Post.kind.label("post_kind"),
        func.coalesce(stale(today), false()).label("is_stale"),
        exists().where(is_its, stale(today, of_answer)).label("answer_is_stale"),
    ]  # fmt: skip
    entries = (
        select(*columns)
        .outerjoin(Freshness, Freshness.post_id == Entry.post_id)
        .outerjoin(Post, Post.id == Entry.post_id)
        .outerjoin(Organisation, Organisation.id == Entry.organisation_id)
        .where(Entry.id.in_(union(*found).limit(ALL)))
    )
    said = {"kind": every.c.kind, "words": func.aggregate_strings(cast(every.c.post_id, String), ",")}
    told = (said.get(column.key, cast(null(), column.type)).label(column.key) for column in columns)
    rows = db.session.execute(entries.union_all(select(*told).group_by(every.c.kind))).all()
    return Found(
        # Asked for the order, PostgreSQL would rather read all entries backwards than sort these few.
        sorted((row for row in rows if row.id is not None), key=lambda row: -row.id),
        {row.kind: sorted(map(int, row.words.split(",")), reverse=True) for row in rows if row.id is None},
    )
