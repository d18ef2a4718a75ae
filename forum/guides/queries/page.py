"""The page of a guide."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from forum.accounts.models import Person
from forum.accounts.queries import PersonRef, ref_of
from forum.comments.queries import Thread, thread
from forum.core.db import db
from forum.guides.models import GUIDE_STATES, Guide, GuideItem
from forum.posts import policy
from forum.posts import queries as posts
from forum.posts.models import KINDS, READING_STAGES, THEMES, Post
from forum.posts.queries import PostRow
from forum.topics.queries import ServiceRef


@dataclass(frozen=True)
class Step:
    """An item. `target` is what it points to; without one it is text alone, or what it pointed to is `gone`."""

    number: int
    section: str
    title: str
    note_html: str
    target: PostRow | None
    gone: bool
    start_here: bool


@dataclass(frozen=True)
class GuidePage:
    """One guide. `sections` are (heading, steps), in order."""

    post: Guide
    author: PersonRef
    reviewer: PersonRef | None
    state_label: str
    services: tuple[ServiceRef, ...]
    topics: tuple[str, ...]
    sections: tuple[tuple[str, tuple[Step, ...]], ...]
    start_here: tuple[Step, ...]
    n_links: int
    origin: PostRow | None
    comments: Thread
    marked: bool
    may_mark: bool


def guide_page(actor: Person | None, slug: str, comments_after: str | None = None) -> GuidePage:
    """One guide. Raises Moved for a former slug, NotFound for what is not there or not theirs to see."""
    people = [joinedload(who).joinedload(Person.organisation) for who in (Guide.author, Guide.reviewer)]
    guide = posts.by_slug(Guide, "guide", slug, actor, *people)
    items = db.session.execute(
        select(
            GuideItem.position,
            GuideItem.section,
            GuideItem.title,
            GuideItem.note_html,
            GuideItem.post_id,
            GuideItem.start_here,
        )
        .where(GuideItem.guide_id == guide.id)
        .order_by(GuideItem.position)
    ).all()
    wanted = {item.post_id for item in items} | {guide.origin_question_id}
    targets = _targets(actor, wanted)
    steps = [
        Step(
            number=item.position + 1,
            section=item.section,
            title=item.title,
            note_html=item.note_html,
            target=targets.get(item.post_id),
            gone=item.post_id not in targets and not item.title,
            start_here=item.start_here,
        )
        for item in items
    ]
    return GuidePage(
        post=guide,
        author=ref_of(guide.author),
        reviewer=ref_of(guide.reviewer) if guide.reviewer else None,
        state_label=GUIDE_STATES.label(guide.guide_state),
        services=posts.services_of([guide.id]).get(guide.id, ()),
        topics=(
            *(THEMES.label(key) for key in guide.themes),
            *(READING_STAGES.label(key) for key in guide.stage),
        ),
        sections=tuple(
            (heading, tuple(group)) for heading, group in groupby(steps, lambda step: step.section)
        ),
        start_here=tuple(step for step in steps if step.start_here and step.target),
        n_links=sum(step.target is not None for step in steps),
        origin=targets.get(guide.origin_question_id),
        comments=thread(actor, guide.id, after=comments_after),
        marked=posts.marked_by(actor, guide.id),
        may_mark=policy.may_mark_useful(actor, guide),
    )


def _targets(actor: Person | None, wanted: Iterable[int | None]) -> dict[int | None, PostRow]:
    """id -> row for those of these posts that this person may see. Two statements."""
    ids = [id_ for id_ in wanted if id_]
    found = db.session.execute(
        posts.rows_query(KINDS.keys).where(Post.id.in_(ids), policy.seen_by(actor))
    ).all()
    return {row.id: row for row in posts.as_rows(found)}
