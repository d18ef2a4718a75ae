"""Guides in lists, what they are filtered by, and those that only curators see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, cast, exists, func, null, select

from forum.accounts.models import Person
from forum.core.catalogue import Entry
from forum.core.db import db
from forum.core.i18n import gettext as _
from forum.core.i18n import mark, ngettext
from forum.guides.models import GUIDE_STATES, Guide, GuideItem, GuideProposal
from forum.posts import queries as posts
from forum.posts.models import READING_STAGES, THEMES
from forum.posts.queries import PostLink, RowSource
from forum.posts.queries.catalogue import FACET_SOURCES, SPINE_ORDERS, Facet, FacetSource, service_facet
from forum.posts.queries.versions import FIELD_LABELS

TABLE: Any = Guide.__table__
_n_links = (
    select(func.count(GuideItem.id))
    .where(
        GuideItem.guide_id == TABLE.c.post_id,
        GuideItem.post_id.is_not(None) | GuideItem.answer_id.is_not(None),
    )
    .scalar_subquery()
)
posts.MADE_FROM["guide"] = lambda question_id: select(
    Guide.post_id.label("post_id"), cast(null(), Integer).label("answer_id")
).where(Guide.origin_question_id == question_id)
# What versions of a guide call its fields.
FIELD_LABELS["guide"] = {
    "answers": mark("The question it answers"),
    "intro": mark("Opening"),
    "items": mark("Item"),
    "gaps": mark("What is missing"),
    "first": mark("Read first"),
    "section": mark("Part"),
}
# Where a guide waits for somebody, in the order in which that is shown; of what is published, what shows something
# else now than when it was reviewed.
WAITING = ("proposed", "in_review", "needs_refresh", "published", "draft", "archived")
# How many of a guide's items those are: a column beside those of `Guide`.
n_changed = (
    select(func.count(GuideItem.id))
    .where(GuideItem.guide_id == Guide.post_id, GuideItem.changed_at.is_not(None))
    .correlate(Guide)
    .scalar_subquery()
)


# Whether a change to it waits.
is_proposed = exists().where(GuideProposal.guide_id == Guide.post_id).correlate(Guide)


def changed_items(n: int) -> str:
    """Says so."""
    return ngettext("%(n)d item changed since the review", "%(n)d items changed since the review", n) % {
        "n": n
    }


def _facts(row: Any) -> list[tuple[str, str]]:
    n = row.guide_n_links
    facts = [("list-checks", ngettext("%(n)d annotated link", "%(n)d annotated links", n) % {"n": n})]
    if row.guide_state in ("in_review", "needs_refresh", "archived"):
        facts.append(("info", GUIDE_STATES.label(row.guide_state)))
    return facts


posts.ROW_SOURCES["guide"] = RowSource(
    table=TABLE,
    columns=(TABLE.c.guide_state, _n_links.label("guide_n_links")),
    facts=_facts,
    count=lambda row: (row.n_useful, _("found useful")),
)
posts.CITING["guide"] = lambda post_id: select(GuideItem.guide_id).where(GuideItem.post_id == post_id)


def entry(guide: Guide) -> Entry:
    """A guide for the catalogue. One that is archived keeps its page, but stands in no list."""
    n_links = sum(item.post_id is not None or item.answer_id is not None for item in guide.items)
    return Entry(
        {"theme": guide.themes, "stage": guide.stage},
        {"links": n_links},
        guide.guide_state != "archived",
    )


FACET_SOURCES["guide"] = FacetSource(
    (
        service_facet(),
        Facet("theme", mark("Theme"), THEMES.label),
        Facet("stage", mark("Stage"), READING_STAGES.label, READING_STAGES.keys),
    ),
    SPINE_ORDERS | {"links": mark("Most links")},
    entry,
)


@dataclass(frozen=True)
class WaitingGuide:
    """A guide that somebody has to do something about. `since`: when it was last changed."""

    link: PostLink
    author: str
    since: datetime
    n_changed: int


@dataclass(frozen=True)
class WaitingGuides:
    """Those in one state."""

    key: str
    label: str
    guides: Sequence[WaitingGuide]


def waiting_guides() -> list[WaitingGuides]:
    """Drafts and what else is not simply published, state by state, the longest waiting first. One statement."""
    changed = func.coalesce(Guide.edited_at, Guide.created_at)
    rows = db.session.execute(
        select(
            Guide.guide_state, Guide.kind, Guide.slug, Guide.title, Person.name, changed.label("since"),
            n_changed.label("n_changed"), is_proposed.label("is_proposed"),
        )
        .join(Person, Person.id == Guide.author_id)
        .where(Guide.state != "hidden", (Guide.guide_state != "published") | (n_changed > 0) | is_proposed)
        .order_by(changed, Guide.id)
    ).all()  # fmt: skip
    labels = {"proposed": _("Proposed changes"), "published": _("Changed since the review")}
    groups: dict[str, list[WaitingGuide]] = {state: [] for state in WAITING}
    for row in rows:
        link = PostLink(row.kind, row.slug, row.title)
        waits = "proposed" if row.is_proposed else row.guide_state
        groups[waits].append(WaitingGuide(link, row.name, row.since, row.n_changed))
    return [
        WaitingGuides(state, labels.get(state) or GUIDE_STATES.label(state), guides)
        for state, guides in groups.items()
        if guides
    ]
