"""Reading how fresh records are: of one page, of a person's own, and of all that are due."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import aliased

from forum.accounts.models import PEOPLE, Person
from forum.core import changes, clock
from forum.core.db import db
from forum.core.errors import NotFound
from forum.core.i18n import gettext as _
from forum.core.rows import Prepared
from forum.freshness import policy
from forum.freshness.models import Freshness, Handover
from forum.posts.models import FOLDERS, KINDS, Post
from forum.posts.queries.targets import targets_of

_confirmer = aliased(Person)


@dataclass(frozen=True)
class Fresh:
    """How a record stands. `by`: who confirmed it last, "" if nobody has since it was written."""

    id: int
    kind: str
    by: str
    by_path: str
    on: date
    due: bool
    ended_on: date | None
    may_confirm: bool
    # The owner was asked, and has not answered; `is_asked`: and it is the reader.
    waits: bool
    is_asked: bool
    # Who answers for it, for who may hand it over; "" for others.
    owner: str

    @property
    def is_stale(self) -> bool:
        """Whether a reader should be told."""
        return self.due or self.ended_on is not None


def stale(today: date, kept: type[Freshness] = Freshness) -> ColumnElement[bool]:
    """Records that nobody confirmed in time, or that ended. `kept`: the table, or an alias of it."""
    return or_(kept.review_by <= today, kept.ended_on.is_not(None))


def of_post(actor: Person | None, post_id: int) -> Fresh | None:
    """A case's or guide's, None where it is not looked after. One statement, none for visitors who read it again."""
    if actor is None:
        return changes.kept(("fresh", post_id, clock.today()), lambda: _read(actor, post_id))
    return _read(actor, post_id)


def _read(actor: Person | None, post_id: int) -> Fresh | None:
    changes.note(f"post:{post_id}", PEOPLE)
    return next(iter(_told(actor, _of_post(post_id=post_id)).values()), None)


def of_answers(actor: Person | None, answer_ids: Iterable[int]) -> dict[int, Fresh]:
    """answer id -> how it stands, for those that were accepted. One statement."""
    return _told(actor, _of_answers(answer_ids=list(answer_ids)))


def _rows() -> Select[*tuple[Any, ...]]:
    return (
        select(Freshness.__table__, _confirmer.name, _confirmer.slug, Person.name.label("owner"))
        .join(Person, Person.id == Freshness.owner_id)
        .outerjoin(_confirmer, _confirmer.id == Freshness.confirmed_by_id)
    )


_of_post = Prepared(lambda: _rows().where(Freshness.post_id == bindparam("post_id")))
_of_answers = Prepared(
    lambda: _rows().where(Freshness.answer_id.in_(bindparam("answer_ids", expanding=True)))
)


def _told(actor: Person | None, rows: Sequence[Any]) -> dict[int, Fresh]:
    today = clock.today()
    return {
        kept.answer_id or kept.post_id: Fresh(
            id=kept.id,
            kind=kept.kind,
            by=kept.name or "",
            by_path=f"/people/{kept.slug}" if kept.slug else "",
            on=kept.confirmed_on,
            due=kept.review_by <= today and kept.ended_on is None,
            ended_on=kept.ended_on,
            may_confirm=policy.may_confirm(actor, kept.owner_id),
            waits=kept.asked_at is not None,
            is_asked=actor is not None
            and actor.id == kept.owner_id
            and (kept.review_by <= today or kept.asked_at is not None),
            owner=kept.owner if policy.may_confirm(actor, kept.owner_id) else "",
        )
        for kept in rows
    }


def owner_of(post_id: int) -> int | None:
    """The id of who answers for a case or guide. One statement."""
    return db.session.scalar(select(Freshness.owner_id).where(Freshness.post_id == post_id))


def by_id(freshness_id: int) -> Freshness:
    """One of them. Raises NotFound."""
    kept = db.session.get(Freshness, freshness_id)
    if kept is None:
        raise NotFound
    return kept


@dataclass(frozen=True)
class Due:
    """A record that somebody should look at. `since` is the day from which nobody has confirmed it."""

    id: int
    kind: str
    title: str
    href: str
    since: date
    owner: str
    owner_id: int
    # Only who wrote an answer can change it.
    may_edit: bool
    # Its time has not come: its owner is asked because they have never confirmed it.
    early: bool

    @property
    def kind_label(self) -> str:
        """What it is."""
        return _("Answer") if self.kind == "answer" else KINDS.label(self.kind)

    @property
    def edit_href(self) -> str:
        """Where its owner brings it up to date; "" for somebody else's answer."""
        if not self.may_edit:
            return ""
        if self.kind == "answer":
            return f"/answers/{self.href.rpartition('/')[2]}/edit"
        return f"{self.href}/edit/basics" if self.kind == "case" else f"{self.href}/edit"


def _due() -> ColumnElement[bool]:
    return (Freshness.review_by <= clock.today()) & Freshness.ended_on.is_(None)


def _of(person: Person) -> ColumnElement[bool]:
    """What is due, and what they were asked about before that."""
    waits = Freshness.ended_on.is_(None) & Freshness.asked_at.is_not(None)
    return and_(Freshness.owner_id == person.id, or_(_due(), waits))


def due_of(person: Person) -> list[Due]:
    """What this person should confirm, the longest waiting first. Two statements."""
    return _dues(_of(person), 100)


def n_due_of(person: Person) -> int:
    """How many those are, at most. One statement."""
    return db.session.scalar(select(func.count()).where(_of(person))) or 0


def queue(limit: int) -> list[Due]:
    """What nobody has confirmed in time, the longest waiting first. Two statements."""
    return _dues(_due(), limit)


def count() -> int:
    """How many records the queue holds. One statement."""
    return db.session.scalar(select(func.count()).select_from(Freshness).where(_due())) or 0


def record(freshness_id: int) -> Due | None:
    """One of them, due or not; None for what is out of sight. Two statements."""
    return next(iter(_dues(Freshness.id == freshness_id, 1)), None)


@dataclass(frozen=True)
class HandedOver:
    """Who answered for a record, who does since then, and who saw to it."""

    from_name: str
    to_name: str
    by_name: str
    at: datetime


def handovers(freshness_id: int) -> list[HandedOver]:
    """The hands that a record went through, the latest first. One statement."""
    one, other, by = aliased(Person), aliased(Person), aliased(Person)
    rows = db.session.execute(
        select(one.name, other.name, by.name, Handover.created_at)
        .join(one, one.id == Handover.from_id)
        .join(other, other.id == Handover.to_id)
        .join(by, by.id == Handover.by_id)
        .where(Handover.freshness_id == freshness_id)
        .order_by(Handover.id.desc())
    )
    return [HandedOver(*row) for row in rows]


def not_yet_asked(limit: int) -> list[Due]:
    """What is due and whose owner was not asked. Two statements."""
    return _dues(_due() & Freshness.asked_at.is_(None), limit)


_was_handed_over = exists().where(Handover.freshness_id == Freshness.id)


def _dues(which: ColumnElement[bool], limit: int) -> list[Due]:
    rows = db.session.execute(
        select(
            Freshness.id, Freshness.kind, Freshness.answer_id, Freshness.confirmed_on, Freshness.owner_id,
            Freshness.review_by, Post.title, Post.slug, Person.name, _was_handed_over.label("was_handed_over"),
        )
        .join(Person, Person.id == Freshness.owner_id)
        .outerjoin(Post, Post.id == Freshness.post_id)
        .where(which, or_(Post.id.is_(None), Post.state == "visible"))
        .order_by(Freshness.review_by, Freshness.id)
        .limit(limit)
    ).all()  # fmt: skip
    answers = targets_of(None, (f"answer:{row.answer_id}" for row in rows if row.answer_id))
    found = []
    for row in rows:
        if row.answer_id is None:
            title, href = row.title, f"/{FOLDERS[row.kind]}/{row.slug}"
        elif target := answers.get(f"answer:{row.answer_id}"):
            title, href = target.title, target.href
        else:
            continue  # Not in sight: nobody is asked about it.
        may_edit = row.answer_id is None or not row.was_handed_over
        early = row.review_by > clock.today()
        found.append(
            Due(row.id, row.kind, title, href, row.confirmed_on, row.name, row.owner_id, may_edit, early)
        )
    return found
