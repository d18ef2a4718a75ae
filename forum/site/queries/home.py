"""The home page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, case, select

from forum.accounts.models import Person
from forum.case_studies.queries.map import CaseMap, case_map
from forum.core import clock
from forum.core.changes import kept, note, note_posts
from forum.core.db import db
from forum.core.listing import Listing
from forum.places.likeness import Community
from forum.posts.models import KINDS, POSTS, RESOURCE_KINDS
from forum.posts.queries import PostLink, PostRow, counts_by_kind
from forum.posts.queries.alike import alike_first
from forum.posts.queries.catalogue import matching
from forum.posts.queries.lists import listing
from forum.questions.models import Question
from forum.resources.models import Resource
from forum.topics.queries import top_services

# How many stand in each box beside the feed: enough to choose from, few enough to read.
FEW = 4


@dataclass(frozen=True)
class Home:
    """The home page. `counts`: kind -> number of posts that everybody sees; `new_links` with kind and year.

    `map` shows the part of the world where most cases are.
    """

    posts: Listing[PostRow]
    domains: Sequence[tuple[str, str]]
    counts: dict[str, int]
    unanswered: Sequence[PostLink]
    new_links: Sequence[tuple[PostLink, str]]
    map: CaseMap


def home(actor: Person | None, tab: str, cursor: str | None, *, community: Community | None = None) -> Home:
    """All kinds together, newest or most useful first, or ("alike") those of places like this community; under the tab
    "needs", the questions without an answer."""
    if tab == "alike" and community:
        posts = alike_first(KINDS.keys, community, cursor=cursor)
    else:
        kinds, where = (("question",), [_unanswered()]) if tab == "needs" else (KINDS.keys, [])
        posts = listing(actor, kinds, sort=tab, cursor=cursor, where=where)
    return Home(
        posts=posts,
        domains=top_services(),
        counts=counts_by_kind(),
        unanswered=kept(("unanswered", clock.today()), _need_examples),
        new_links=kept("new links", _new_links),
        map=case_map(matching("case", {}), lambda box: f"/cases/?box={box}", closely=True),
    )


def _unanswered() -> ColumnElement[bool]:
    table = Question.__table__
    return (table.c.n_answers == 0) & (table.c.status == "open")


def _need_examples() -> list[PostLink]:
    """Open questions without an answer: the ones with a date ahead first, then the newest. A statement when a post has
    changed, or the day."""
    note(POSTS)
    pressing = case((Question.needed_by >= clock.today(), Question.needed_by))
    rows = db.session.execute(
        select(Question.slug, Question.title)
        .where(_unanswered(), Question.state == "visible")
        .order_by(pressing.asc().nulls_last(), Question.created_at.desc(), Question.id.desc())
        .limit(FEW)
    )
    return [PostLink("question", row.slug, row.title) for row in rows]


def _new_links() -> list[tuple[PostLink, str]]:
    note(POSTS)
    rows = db.session.execute(
        select(Resource.id, Resource.slug, Resource.title, Resource.resource_kind, Resource.year)
        .where(Resource.state == "visible")
        .order_by(Resource.created_at.desc(), Resource.id.desc())
        .limit(FEW)
    ).all()
    note_posts(row.id for row in rows)
    return [
        (
            PostLink("resource", row.slug, row.title),
            " · ".join(str(part) for part in (RESOURCE_KINDS.label(row.resource_kind), row.year) if part),
        )
        for row in rows
    ]
