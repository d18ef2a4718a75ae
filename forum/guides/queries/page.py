"""The page of a guide."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from urllib.parse import urlencode

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from forum.accounts.models import Organisation, Person
from forum.accounts.queries import PERSON_COLUMNS, PersonRef, person_ref, ref_of
from forum.comments.queries import Thread, thread
from forum.core.db import db
from forum.core.errors import Moved
from forum.core.i18n import gettext as _
from forum.freshness.queries import Fresh, of_post
from forum.guides import policy
from forum.guides.models import GUIDE_STATES, Guide, GuideItem, GuideStep
from forum.links.queries import Badge, LinksOf, links_of
from forum.posts import queries as posts
from forum.posts.models import KINDS, READING_STAGES, THEMES, Post
from forum.posts.policy import may_curate, may_mark_useful, seen_by
from forum.posts.queries import PostRow
from forum.posts.queries.targets import Target, targets_of
from forum.topics.queries import ServiceRef


@dataclass(frozen=True)
class Step:
    """An item. `target` is what it points to; without one it is text alone, or what it pointed to is `gone`."""

    number: int
    section: str
    title: str
    note_html: str
    target: PostRow | Target | None
    gone: bool
    start_here: bool
    changed: bool
    link: Badge | None

    @property
    def facts(self) -> Sequence[tuple[str, str]]:
        """What a list tells of the post that it points to."""
        return self.target.facts if isinstance(self.target, PostRow) else ()


@dataclass(frozen=True)
class Said:
    """A step that somebody took, or a remark."""

    actor: PersonRef
    done: str
    at: datetime
    note: str


@dataclass(frozen=True)
class Review:
    """How a guide stands with the curators: `steps` are open to this one, `said` is the latest first.

    `changed`: the items that are others than those that were reviewed.
    """

    state: str
    state_label: str
    steps: Sequence[policy.Step]
    said: Sequence[Said]
    changed: Sequence[Step]


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
    links: LinksOf
    origin: PostRow | None
    comments: Thread
    marked: bool
    may_mark: bool
    review: Review | None
    fresh: Fresh | None

    @property
    def share_href(self) -> str:
        """The form for a case about the same services."""
        about = urlencode([("service", service.slug) for service in self.services])
        return f"/cases/share?{about}" if about else "/cases/share"

    @property
    def suggest_href(self) -> str:
        """The form for a link about the same services, that goes back to this guide."""
        about = [("services", service.slug) for service in self.services]
        return f"/library/suggest?{urlencode([*about, ('guide', self.post.slug)])}"


WITH_PEOPLE = [joinedload(who).joinedload(Person.organisation) for who in (Guide.author, Guide.reviewer)]


def guide_page(actor: Person | None, slug: str, comments_after: str | None = None) -> GuidePage:
    """One guide. Raises Moved for a former slug, NotFound for what is not there or not theirs to see."""
    guide = by_slug(slug, actor)
    items = db.session.execute(
        select(
            GuideItem.position,
            GuideItem.section,
            GuideItem.title,
            GuideItem.note_html,
            GuideItem.post_id,
            GuideItem.answer_id,
            GuideItem.start_here,
            GuideItem.changed_at,
        )
        .where(GuideItem.guide_id == guide.id)
        .order_by(GuideItem.position)
    ).all()
    wanted = {item.post_id for item in items} | {guide.origin_question_id}
    targets = _targets(actor, wanted)
    answers = targets_of(actor, (f"answer:{item.answer_id}" for item in items if item.answer_id))
    links = links_of(guide.id)
    steps = [
        Step(
            number=item.position + 1,
            section=item.section,
            title=item.title,
            note_html=item.note_html,
            target=targets.get(item.post_id) or answers.get(f"answer:{item.answer_id}"),
            gone=not (item.title or item.post_id in targets or f"answer:{item.answer_id}" in answers),
            start_here=item.start_here,
            changed=item.changed_at is not None,
            link=links.at_place.get(f"items-{item.position}-ref"),
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
        links=links,
        origin=targets.get(guide.origin_question_id),
        comments=thread(actor, guide.id, after=comments_after),
        marked=posts.marked_by(actor, guide.id),
        may_mark=may_mark_useful(actor, guide),
        review=_review(actor, guide, steps) if may_curate(actor) else None,
        fresh=of_post(actor, guide.id),
    )


def by_slug(slug: str, actor: Person | None, *, follow: bool = False) -> Guide:
    """One guide with who wrote and reviewed it. Raises Moved, NotFound.

    `follow` finds it under a former slug too: a form may have been opened before the guide was renamed.
    """
    try:
        return posts.by_slug(Guide, "guide", slug, actor, *WITH_PEOPLE)
    except Moved as moved:
        if not follow:
            raise
        return posts.by_slug(Guide, "guide", moved.path.rpartition("/")[2], actor, *WITH_PEOPLE)


def _review(actor: Person | None, guide: Guide, steps: Sequence[Step]) -> Review:
    """What the curators said of it. One statement."""
    rows = db.session.execute(
        select(GuideStep.step, GuideStep.created_at, GuideStep.note, *PERSON_COLUMNS)
        .join(Person, Person.id == GuideStep.actor_id)
        .outerjoin(Organisation, Organisation.id == Person.organisation_id)
        .where(GuideStep.guide_id == guide.id)
        .order_by(GuideStep.id.desc())
    )
    said = [
        Said(person_ref(row), _(policy.STEPS[row.step].done), row.created_at, row.note)
        for row in rows
        if row.step in policy.STEPS
    ]
    return Review(
        guide.guide_state,
        GUIDE_STATES.label(guide.guide_state),
        policy.steps_open_to(actor, guide),
        said,
        [step for step in steps if step.changed] if guide.published_on else (),
    )


def _targets(actor: Person | None, wanted: Iterable[int | None]) -> dict[int | None, PostRow]:
    """id -> row for those of these posts that this person may see. Two statements."""
    ids = [id_ for id_ in wanted if id_]
    found = db.session.execute(posts.rows_query(KINDS.keys).where(Post.id.in_(ids), seen_by(actor))).all()
    return {row.id: row for row in posts.as_rows(found)}
