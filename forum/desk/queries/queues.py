"""The queues of the desk: where each kind of work is found, and what can be done about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import aliased

from forum.accounts.models import Person
from forum.case_studies.models import CaseOrigin
from forum.core import clock
from forum.core.db import db
from forum.core.i18n import gettext as _
from forum.core.i18n import mark, ngettext
from forum.core.markdown import excerpt
from forum.desk.models import DeskItem
from forum.digests import queries as digests
from forum.freshness import queries as freshness
from forum.guides.models import GUIDE_STATES, Guide
from forum.guides.queries.lists import changed_items, is_proposed, n_changed
from forum.links import queries as links
from forum.posts.models import FOLDERS, KINDS, Post, PostService
from forum.questions.models import Answer, AnswerCite, Question
from forum.resources import queries as resources
from forum.search.models import Gap

# A question should have an example after so many days.
PATIENCE = timedelta(days=3)
# An answer of so many characters, from experience or found useful, may be half a case.
TELLING = 400


@dataclass(frozen=True)
class Step:
    """Something that can be done about a piece of work: a link, or with `fields` a button."""

    label: str
    href: str
    fields: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Note:
    """What a curator told the others."""

    body: str
    author: str
    created_at: datetime


@dataclass(frozen=True)
class Work:
    """A piece of work. `since`: from when it waits; `taken_by` is who is at it, `mine` whether that is who looks."""

    id: int
    title: str
    href: str
    facts: Sequence[str]
    since: date | datetime | None
    steps: Sequence[Step]
    taken_by: str = ""
    mine: bool = False
    notes: Sequence[Note] = ()


@dataclass(frozen=True)
class Queue:
    """A kind of work. `more`: the page where all of it is done, where the desk's own is not that.

    `may_be_put_aside`: whether it can leave the desk undone.
    """

    title: str
    none: str
    found: Callable[[Person, int], list[Work]]
    count: Callable[[Person], int]
    more: str = ""
    may_be_put_aside: bool = False


def _suggestions(_actor: Person, limit: int) -> list[Work]:
    return [
        Work(
            waiting.id,
            waiting.record.get("title") or waiting.url,
            f"/curate/suggestions/{waiting.id}",
            [waiting.person.name],
            waiting.created_at,
            [Step(_("Review"), f"/curate/suggestions/{waiting.id}")],
        )
        for waiting in resources.queue(limit)
    ]


def _links(actor: Person, limit: int) -> list[Work]:
    found, waiting = [], links.queue(limit)
    uses = links.uses(actor, [link.id for link in waiting])
    for link in waiting:
        # A page that was never read has no title of its own: it is called by what it is used in.
        used = [use.title for use in uses.get(link.id, ())] if link.title == link.url else []
        act = f"{link.href}/act"
        steps = [Step(_("Repair"), link.href), Step(_("Check again"), act, {"do": "check"})]
        if link.state != "broken":
            steps.append(Step(_("It is the right page"), act, {"do": "accept"}))
        steps.append(Step(_("Retire"), act, {"do": "retire"}))
        found.append(Work(link.id, (*used, link.title)[0], link.href, [link.label], link.since, steps))
    return found


def _freshness(_actor: Person, limit: int) -> list[Work]:
    return [
        Work(
            due.id,
            due.title,
            due.href,
            [due.kind_label, due.owner],
            due.since,
            [
                Step(_("Confirm"), f"/freshness/{due.id}/confirm", {}),
                *([Step(_("Update"), due.edit_href)] if due.kind != "answer" else ()),
                Step(_("Mark as ended"), f"/freshness/{due.id}/end", {}),
                Step(_("Hand over"), f"/freshness/{due.id}/hand-over"),
            ],
        )
        for due in freshness.queue(limit)
    ]


def _digests(actor: Person, limit: int) -> list[Work]:
    return [
        Work(
            issue.id,
            issue.title,
            f"/curate/digests/{issue.id}/preview",
            [issue.author.name],
            issue.edited_at,
            [Step(_("Read and approve"), f"/curate/digests/{issue.id}/preview")],
        )
        for issue in digests.queue(actor, limit)
    ]


def _aside(queue: str, item_id: Any) -> ColumnElement[bool]:
    put = (DeskItem.queue == queue) & (DeskItem.item_id == item_id) & DeskItem.aside_at.is_not(None)
    return exists().where(put)


def _counted(query: Select[*tuple[Any, ...]]) -> int:
    return db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0


def _without_example() -> Select[*tuple[Any, ...]]:
    """Open questions, some days old, to which no answer points to a case or tells of experience."""
    helped = (
        select(Answer.id)
        .outerjoin(AnswerCite, AnswerCite.answer_id == Answer.id)
        .where(
            Answer.question_id == Question.id,
            Answer.state == "visible",
            Answer.from_experience | AnswerCite.post_id.is_not(None),
        )
    )
    return (
        select(Question.id, Question.title, Question.slug, Question.created_at, Question.n_answers)
        .where(
            Question.state == "visible",
            Question.status == "open",
            Question.created_at < clock.now() - PATIENCE,
            ~helped.exists(),
            ~_aside("questions", Question.id),
        )
        .order_by(Question.created_at, Question.id)
    )


def _questions(_actor: Person, limit: int) -> list[Work]:
    return [
        Work(
            row.id,
            row.title,
            f"/questions/{row.slug}",
            [ngettext("%(n)d answer", "%(n)d answers", row.n_answers) % {"n": row.n_answers}],
            row.created_at,
            [
                Step(_("Answer"), f"/questions/{row.slug}#answer"),
                Step(_("Look for a case"), f"/search?kind=case&q={'+'.join(row.title.split()[:12])}"),
            ],
        )
        for row in db.session.execute(_without_example().limit(limit))
    ]


def _telling_answers() -> Select[*tuple[Any, ...]]:
    """Long answers from experience, or found useful, that no case has come of."""
    question = aliased(Post)
    return (
        select(Answer.id, Answer.body_html, Answer.created_at, Answer.n_useful, question.slug, Person.name)
        .join(question, question.id == Answer.question_id)
        .join(Person, Person.id == Answer.author_id)
        .where(
            Answer.state == "visible",
            question.state == "visible",
            Answer.from_experience | (Answer.n_useful >= 2),
            func.length(Answer.body) >= TELLING,
            ~exists().where(CaseOrigin.answer_id == Answer.id),
            ~_aside("answers", Answer.id),
        )
        .order_by(Answer.n_useful.desc(), Answer.id)
    )


def _answers(_actor: Person, limit: int) -> list[Work]:
    return [
        Work(
            row.id,
            excerpt(row.body_html, 120),
            f"/questions/{row.slug}/answers/{row.id}",
            [
                row.name,
                *([_("found useful by %(n)d") % {"n": row.n_useful}] if row.n_useful else ()),
            ],
            row.created_at,
            [Step(_("Turn into a case"), f"/answers/{row.id}/case")],
        )
        for row in db.session.execute(_telling_answers().limit(limit))
    ]


def _due_guides() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Guide.id, Guide.title, Guide.slug, Guide.guide_state, Guide.review_due, Guide.author_id,
            func.coalesce(Guide.edited_at, Guide.created_at).label("since"), n_changed.label("n_changed"),
            is_proposed.label("is_proposed"),
        )
        .where(
            Guide.state != "hidden",
            Guide.guide_state.in_(("in_review", "needs_refresh"))
            | ((Guide.guide_state == "published") & (n_changed > 0))
            | is_proposed,
        )
        .order_by(is_proposed.desc(), Guide.guide_state, "since", Guide.id)
    )  # fmt: skip


def _guides(_actor: Person, limit: int) -> list[Work]:
    do = {"in_review": _("Review"), "needs_refresh": _("Refresh"), "published": _("Look at the changes")}
    return [
        Work(
            row.id,
            row.title,
            f"/guides/{row.slug}",
            [
                _("A change is proposed") if row.is_proposed else GUIDE_STATES.label(row.guide_state),
                *([changed_items(row.n_changed)] if row.n_changed and row.guide_state != "in_review" else ()),
            ],
            row.since,
            [
                Step(_("Look at the change"), f"/guides/{row.slug}#proposed")
                if row.is_proposed
                else Step(do[row.guide_state], f"/guides/{row.slug}#review-title")
            ],
        )
        for row in db.session.execute(_due_guides().limit(limit))
    ]


def _without_services() -> Select[*tuple[Any, ...]]:
    return (
        select(Post.id, Post.kind, Post.title, Post.slug, Post.created_at)
        .where(
            Post.state == "visible",
            ~exists().where(PostService.post_id == Post.id),
            ~_aside("services", Post.id),
        )
        .order_by(Post.kind, Post.created_at.desc(), Post.id.desc())
    )


def _posts(_actor: Person, limit: int) -> list[Work]:
    found = []
    for row in db.session.execute(_without_services().limit(limit)):
        path = f"/{FOLDERS[row.kind]}/{row.slug}"
        edit = f"{path}/edit/basics" if row.kind == "case" else f"{path}/edit"
        general = _("It is about sharing in general.")
        aside = {"do": "put-aside", "note": general}
        steps = [
            Step(_("Choose services"), edit),
            Step(_("About sharing in general"), f"/curate/desk/services/{row.id}", aside),
        ]
        found.append(Work(row.id, row.title, path, [KINDS.label(row.kind)], row.created_at, steps))
    return found


def _gaps(_actor: Person, limit: int) -> list[Work]:
    rows = db.session.execute(
        select(Gap.id, Gap.words, Gap.times, Gap.last_at)
        .order_by(Gap.times.desc(), Gap.id.desc())
        .limit(limit)
    )
    return [
        Work(
            row.id,
            row.words,
            f"/search?q={'+'.join(row.words.split())}",
            [ngettext("%(n)d search", "%(n)d searches", row.times) % {"n": row.times}],
            row.last_at,
            [
                Step(_("Add a synonym"), "/curate/synonyms"),
                Step(_("Take off the list"), f"/curate/gaps/{row.id}/close", {}),
            ],
        )
        for row in rows
    ]


# In order of need.
QUEUES: Mapping[str, Queue] = {
    "suggestions": Queue(
        mark("Suggested links"),
        mark("No suggestion waits."),
        _suggestions,
        lambda _actor: resources.count(),
        more="/curate/suggestions",
    ),
    "links": Queue(
        mark("Broken and moved links"),
        mark("Every link works."),
        _links,
        lambda _actor: links.count(),
        more="/curate/links",
    ),
    "digests": Queue(
        mark("Digests to approve"),
        mark("No issue waits for you."),
        _digests,
        digests.count,
        more="/curate/digests/",
    ),
    "questions": Queue(
        mark("Questions without an example"),
        mark("Every question has an example."),
        _questions,
        lambda _actor: _counted(_without_example()),
        may_be_put_aside=True,
    ),
    "answers": Queue(
        mark("Answers that could become cases"),
        mark("No answer waits to become a case."),
        _answers,
        lambda _actor: _counted(_telling_answers()),
        may_be_put_aside=True,
    ),
    "guides": Queue(
        mark("Guides to review"),
        mark("Every guide is reviewed and up to date."),
        _guides,
        lambda _actor: _counted(_due_guides()),
        more="/guides/drafts",
    ),
    "freshness": Queue(
        mark("Not confirmed in time"),
        mark("Everything was confirmed in time."),
        _freshness,
        lambda _actor: freshness.count(),
    ),
    "services": Queue(
        mark("Posts without services"),
        mark("Every post says what it is about."),
        _posts,
        lambda _actor: _counted(_without_services()),
        may_be_put_aside=True,
    ),
    "gaps": Queue(
        mark("Searches that found nothing"),
        mark("Everybody found something."),
        _gaps,
        lambda _actor: db.session.scalar(select(func.count()).select_from(Gap)) or 0,
        more="/curate/gaps",
    ),
}
