"""The page of a guide."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import joinedload

from forum.accounts.models import PEOPLE, Organisation, Person
from forum.accounts.queries import PERSON_COLUMNS, PersonRef, person_ref, ref_of
from forum.comments.queries import Thread, thread
from forum.core.changes import kept, note
from forum.core.db import db
from forum.core.errors import Moved
from forum.core.i18n import gettext as _
from forum.core.rows import Prepared
from forum.freshness.queries import Fresh, of_post
from forum.guides import policy
from forum.guides.models import GUIDE_STATES, Guide, GuideItem, GuideProposal, GuideStep
from forum.links.queries import Badge, LinksOf, links_of
from forum.posts import queries as posts
from forum.posts.models import KINDS, POSTS, READING_STAGES, THEMES, Post
from forum.posts.policy import may_curate, may_mark_useful, seen_by
from forum.posts.queries import PostRow
from forum.posts.queries.targets import Target, targets_of
from forum.posts.queries.versions import Difference, differences, with_titles
from forum.topics.models import SERVICES
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
    proposed: Proposed | None


@dataclass(frozen=True)
class Proposed:
    """A change that waits. `outdated`: the guide has changed since, so that it has to be saved again."""

    author: PersonRef
    number: int
    at: datetime
    differences: Sequence[Difference]
    outdated: bool
    own: bool
    may_publish: bool


@dataclass(frozen=True, eq=False)
class GuideRecord:
    """What a guide says. `sections` are (heading, steps), in order; `guide` has the columns that are drawn as they are.

    For all who see no more than a visitor does it is the same: kept until it changes, and drawn once.
    """

    guide: SimpleNamespace
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
    shared: bool = True

    def __hash__(self) -> int:
        if not self.shared:
            raise TypeError("somebody's own, which is not remembered as drawn")
        return id(self)

    @property
    def share_href(self) -> str:
        """The form for a case about the same services."""
        about = urlencode([("service", service.slug) for service in self.services])
        return f"/cases/share?{about}" if about else "/cases/share"

    @property
    def suggest_href(self) -> str:
        """The form for a link about the same services, that goes back to this guide."""
        about = [("services", service.slug) for service in self.services]
        return f"/library/suggest?{urlencode([*about, ('guide', self.guide.slug)])}"


@dataclass(frozen=True)
class GuidePage:
    """One guide: what it says, what is told of it and to this reader."""

    post: Post
    record: GuideRecord
    comments: Thread
    marked: bool
    may_mark: bool
    review: Review | None
    fresh: Fresh | None


# The columns that are drawn as they are.
DRAWN = "slug body_html takeaways gaps published_on guide_state".split()
WITH_PEOPLE = [joinedload(who).joinedload(Person.organisation) for who in (Guide.author, Guide.reviewer)]


def guide_page(actor: Person | None, slug: str, comments_after: str | None = None) -> GuidePage:
    """One guide. Raises Moved for a former slug, NotFound for what is not there or not theirs to see."""
    post: Post
    if actor is None or not actor.id:
        post, _author = posts.read(Post, "guide", slug, actor)
        record = kept(("guide", post.id), lambda: _record(None, db.session.get_one(Guide, post.id)))
    else:
        post = guide = by_slug(slug, actor)
        record = replace(_record(actor, guide), shared=False)
    return GuidePage(
        post=post,
        record=record,
        comments=thread(actor, post, after=comments_after),
        marked=posts.marked_by(actor, post.id),
        may_mark=may_mark_useful(actor, post),
        review=_review(actor, post, record) if isinstance(post, Guide) and may_curate(actor) else None,
        fresh=of_post(actor, post.id),
    )


def _record(actor: Person | None, guide: Guide) -> GuideRecord:
    note(f"post:{guide.id}", POSTS, PEOPLE, SERVICES)
    items = _items(guide_id=guide.id)
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
    return GuideRecord(
        guide=SimpleNamespace(**{name: getattr(guide, name) for name in DRAWN}),
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
    )


@Prepared
def _items() -> Select[*tuple[Any, ...]]:
    of_guide = select(GuideItem.__table__).where(GuideItem.guide_id == bindparam("guide_id"))
    return of_guide.order_by(GuideItem.position)


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


def _review(actor: Person | None, guide: Guide, record: GuideRecord) -> Review:
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
        [
            step
            for _heading, steps in record.sections
            for step in steps
            if step.changed and guide.published_on
        ],
        _proposed(actor, guide),
    )


def proposal_of(guide: Guide) -> GuideProposal | None:
    """The change that is proposed."""
    return db.session.get(GuideProposal, guide.id, options=[joinedload(GuideProposal.author)])


def _proposed(actor: Person | None, guide: Guide) -> Proposed | None:
    pending = proposal_of(guide)
    if pending is None or actor is None:
        return None
    outdated = pending.version != guide.version
    return Proposed(
        ref_of(pending.author),
        pending.number,
        pending.saved_at,
        differences("guide", *with_titles(actor, posts.current_record(guide), pending.record)),
        outdated,
        pending.author_id == actor.id,
        not outdated and guide.guide_state != "archived" and policy.may_publish_guide(pending.author, actor),
    )


def _targets(actor: Person | None, wanted: Iterable[int | None]) -> dict[int | None, PostRow]:
    """id -> row for those of these posts that this person may see. Two statements."""
    ids = [id_ for id_ in wanted if id_]
    found = db.session.execute(posts.rows_query(KINDS.keys).where(Post.id.in_(ids), seen_by(actor))).all()
    return {row.id: row for row in posts.as_rows(found)}
