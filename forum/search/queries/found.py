"""What a search looks at: all posts that have everything that was asked for, and the entries worth ranking."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Select,
    String,
    bindparam,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    null,
    select,
    union,
)
from sqlalchemy.orm import aliased

from forum.accounts.models import Organisation
from forum.core import clock
from forum.core.db import db
from forum.core.rows import Prepared
from forum.freshness.models import Freshness
from forum.freshness.queries import stale
from forum.posts.models import Post
from forum.search.engines import AnyOf, Expression, Word, among, hits, pack, written
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
    values: dict[str, Any] = {name: written(what) for name, what in _wanted(made, kind, replies).items()}
    shape = _Shape(
        frozenset(values),
        bool(kind),
        allowed is not None,
        made.everywhere,
        db.engine.dialect.name,
        clock.today(),
    )
    if kind:
        values["kind"] = kind
    if allowed is not None:
        values["allowed"] = pack(allowed)
    # Conditions with values of their own make another statement each time.
    statement = Prepared(lambda: _statement(shape, made.where)) if made.where else _prepared(shape)
    rows = statement(**values)
    return Found(
        # Asked for the order, PostgreSQL would rather read all entries backwards than sort these few.
        sorted((row for row in rows if row.id is not None), key=lambda row: -row.id),
        {row.kind: sorted(map(int, row.words.split(",")), reverse=True) for row in rows if row.id is None},
    )


def _wanted(made: Plan, kind: str, replies: bool) -> dict[str, Expression]:
    """What is looked for, by the names that the statement has for it."""
    of_kind = Word(Mark.KIND + kind) if kind else IS_POST
    wanted: dict[str, tuple[Sequence[Expression], Expression]] = {"all": (made.all_of_it, IS_POST)}
    if most := made.most_of_it:
        wanted |= {"most": (most, IS_POST), "most_in_titles": (made.most_in_titles, IS_POST)}
        if kind:
            wanted |= {
                "most_of_kind": (most, of_kind),
                "most_of_kind_in_titles": (made.most_in_titles, of_kind),
            }
    if titles := made.in_titles:
        wanted["titles"] = titles, of_kind
    if replies:
        wanted["replies"] = made.all_of_it, IS_REPLY
        if most:
            wanted["most_replies"] = most, IS_REPLY
        if titles and not made.narrowed:
            wanted["organisations"] = titles, Word(Mark.KIND + "organisation")
    return {name: made.expression(core, of) for name, (core, of) in wanted.items()}


class _Shape(NamedTuple):
    """Which statement it is: searches of one shape differ in values. `names`: of what is `_wanted`; `common`: nearly
    every entry has it."""

    names: frozenset[str]
    of_kind: bool
    of_allowed: bool
    common: bool
    engine: str
    today: date


@lru_cache(maxsize=64)
def _prepared(shape: _Shape) -> Prepared:
    """To build it takes as long as to ask it."""
    return Prepared(lambda: _statement(shape))


def _statement(shape: _Shape, where: Sequence[ColumnElement[bool]] = ()) -> CompoundSelect[*tuple[Any, ...]]:
    """A row for each entry to rank; and one for each kind, whose words are the ids of all posts that have everything.

    `where`: conditions on Entry that hold for all of it.
    """
    ranked: list[Select[Any]] = []

    def at(name: str, most: Any, only: Sequence[ColumnElement[bool]] = ()) -> Select[Any]:
        """The newest entries that have what is wanted under this name."""
        rare = not (shape.common and name in ("replies", "most_replies"))
        return hits(bindparam(name), most, [*where, *only], rare=rare)

    def rank(name: str, most: Any, only: Sequence[ColumnElement[bool]] = ()) -> Any:
        """Rank these; returns how many they are."""
        if name not in shape.names:
            return literal(0)
        query = at(name, most, only).cte()
        ranked.append(select(query.c.id))
        return _count(query)

    posts = at("all", MATCHED).subquery()
    every = select(Entry.id, Entry.post_id, Entry.kind).join(posts, posts.c.id == Entry.id).cte()
    # Read from several sides: found once.
    every = every.prefix_with("MATERIALIZED")
    in_posts = _count(every)
    ranked.append(_newest(every, FEW if shape.of_kind else POSTS))
    rank("most", _unless(in_posts, LOOSE))
    rank("most_in_titles", _unless(in_posts, TITLES))
    allowed: BindParameter[Any] = bindparam("allowed")
    if shape.of_kind:
        of_kind = every.c.kind == bindparam("kind")
        in_posts = _count(every, of_kind)
        ranked.append(_newest(every, FEW, of_kind))
        best = [among(every.c.post_id, allowed)] if shape.of_allowed else []
        ranked.append(_newest(every, OF_KIND, of_kind, *best))
        rank("most_of_kind", _unless(in_posts, LOOSE))
        rank("most_of_kind_in_titles", _unless(in_posts, TITLES))
    rank("titles", TITLES, [among(Entry.post_id, allowed)] if shape.of_allowed else [])
    in_replies = rank("replies", REPLIES)
    rank("most_replies", _unless(in_posts + in_replies, LOOSE_REPLIES))
    rank("organisations", ORGANISATIONS)
    return _read(every, ranked, shape.today)


def _newest(every: CTE, most: int, *where: ColumnElement[bool]) -> Select[Any]:
    newest = select(every.c.id).where(*where).order_by(every.c.id.desc()).limit(most)
    return select(newest.subquery().c.id)


def _count(of: CTE, *where: ColumnElement[bool]) -> Any:
    return select(func.count()).select_from(of).where(*where).scalar_subquery()


def _unless(enough: Any, most: int) -> Any:
    return case((enough < FEW, most), else_=0)


def _read(every: CTE, ranked: Sequence[Select[Any]], today: date) -> CompoundSelect[*tuple[Any, ...]]:
    of_answer = aliased(Freshness)
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
        .where(Entry.id.in_(union(*ranked).limit(ALL)))
    )
    said = {"kind": every.c.kind, "words": func.aggregate_strings(cast(every.c.post_id, String), ",")}
    told = (said.get(column.key, cast(null(), column.type)).label(column.key) for column in columns)
    return entries.union_all(select(*told).group_by(every.c.kind))
