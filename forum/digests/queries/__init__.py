"""Reading digests: an issue as a page, the list of them, and what curators have on their desk."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from forum.accounts.models import Person
from forum.accounts.queries import PersonRef, ref_of
from forum.core.db import db
from forum.core.errors import NotFound
from forum.core.listing import Listing, keyset
from forum.core.markdown import excerpt
from forum.digests import policy
from forum.digests.models import PUBLIC, Delivery, Issue, IssueItem, Subscription
from forum.digests.queries.cards import Card, cards
from forum.digests.queries.subscribers import count_subscribers


@dataclass(frozen=True)
class IssueView:
    """An issue as it is read, on a page or in a mail. Cards of what is not to be seen any more are left out."""

    issue: Issue
    author: PersonRef
    approver: PersonRef | None
    cards: Sequence[Card]

    def about(self, domains: Collection[str]) -> Sequence[Card]:
        """The edition for who follows these domains (slugs): what is about them, with what is about no service.

        None where nothing is about them: what concerns everybody is no reason to write to somebody.
        """
        followed = [not card.domains.isdisjoint(domains) for card in self.cards]
        if not any(followed):
            return []
        return [card for card, theirs in zip(self.cards, followed, strict=True) if theirs or not card.domains]


@dataclass(frozen=True)
class IssuePage:
    """A published issue, with its neighbors: (address, title)."""

    view: IssueView
    older: tuple[str, str] | None
    newer: tuple[str, str] | None


@dataclass(frozen=True)
class IssueRow:
    """An issue in a list or a feed; of a draft without a title, "" is told."""

    id: int
    number: int | None
    href: str
    title: str
    state: str
    created_at: datetime
    edited_at: datetime
    author: PersonRef
    n_items: int
    summary: str
    # What feeds of posts tell too.
    services: tuple[()] = ()
    facts: tuple[()] = ()


def issue_view(issue: Issue) -> IssueView:
    """What everybody may read of an issue, whoever asks: a preview shows what will be sent. Four statements."""
    items = db.session.execute(
        select(IssueItem.post_id, IssueItem.answer_id, IssueItem.sentence)
        .where(IssueItem.issue_id == issue.id)
        .order_by(IssueItem.position)
    ).all()
    refs = {f"post:{i.post_id}" if i.post_id else f"answer:{i.answer_id}": i.sentence for i in items}
    found = cards(refs)
    return IssueView(
        issue=issue,
        author=ref_of(issue.author),
        approver=ref_of(issue.approver) if issue.approver else None,
        cards=[found[ref].saying(sentence) for ref, sentence in refs.items() if ref in found],
    )


_people = [
    joinedload(who).joinedload(Person.organisation) for who in (Issue.author, Issue.editor, Issue.approver)
]


def issue_by_id(issue_id: int) -> Issue:
    """One issue, for curators and the worker. Raises NotFound."""
    found = db.session.scalars(select(Issue).options(*_people).where(Issue.id == issue_id)).one_or_none()
    if found is None:
        raise NotFound
    return found


def issue_page(slug: str) -> IssuePage:
    """One published issue. Raises NotFound."""
    issue = db.session.scalars(
        select(Issue).options(*_people).where(Issue.slug == slug, Issue.state.in_(PUBLIC))
    ).one_or_none()
    if issue is None or issue.number is None:
        raise NotFound
    return IssuePage(
        issue_view(issue),
        older=_neighbor(Issue.number < issue.number, Issue.number.desc()),
        newer=_neighbor(Issue.number > issue.number, Issue.number.asc()),
    )


def _neighbor(where: ColumnElement[bool], order: ColumnElement[Any]) -> tuple[str, str] | None:
    row = db.session.execute(
        select(Issue.slug, Issue.title).where(where, Issue.state.in_(PUBLIC)).order_by(order).limit(1)
    ).first()
    return (f"/digests/{row.slug}", row.title) if row else None


def _rows() -> Any:
    counted = select(func.count(IssueItem.id)).where(IssueItem.issue_id == Issue.id).scalar_subquery()
    return select(
        Issue.id,
        Issue.number,
        Issue.slug,
        Issue.title,
        Issue.body_html,
        Issue.state,
        Issue.published_at,
        Issue.edited_at,
        Issue.created_at,
        counted.label("n_items"),
        Person.id.label("person_id"),
        Person.name,
        Person.slug.label("person_slug"),
    ).join(Person, Person.id == Issue.author_id)


def _row(row: Any) -> IssueRow:
    return IssueRow(
        id=row.id,
        number=row.number,
        href=f"/digests/{row.slug}" if row.slug else f"/curate/digests/{row.id}",
        title=row.title,
        state=row.state,
        created_at=row.published_at or row.created_at,
        edited_at=row.edited_at,
        author=PersonRef(row.person_id, row.name, row.person_slug, "", ""),
        n_items=row.n_items,
        summary=excerpt(row.body_html),
    )


def published(cursor: str | None = None) -> Listing[IssueRow]:
    """One page of the issues that are out, the newest first. One statement."""
    return keyset(
        _rows().where(Issue.state.in_(PUBLIC)),
        (Issue.number,),
        cursor,
        session=db.session,
        key=lambda row: (row.number,),
        shape=_row,
    )


@dataclass(frozen=True)
class Desk:
    """What curators see: what is being written or read through, and how many get the next issue by mail."""

    unfinished: Sequence[IssueRow]
    published: Listing[IssueRow]
    subscribers: int


def desk(cursor: str | None = None) -> Desk:
    """The curators' page of digests. Three statements."""
    open_ones = db.session.execute(
        _rows().where(Issue.state.not_in(PUBLIC)).order_by(Issue.edited_at.desc(), Issue.id.desc()).limit(50)
    )
    return Desk([_row(row) for row in open_ones], published(cursor), count_subscribers())


def count_mailed(issue: Issue) -> int:
    """To how many an issue was mailed so far."""
    mailed = (Delivery.issue_id == issue.id) & (Delivery.outcome == "mailed")
    return db.session.scalars(select(func.count()).select_from(Delivery).where(mailed)).one()


def queue(actor: Person, limit: int) -> list[IssueRow]:
    """For the curators' desk: issues that wait for this person's approval, longest waiting first."""
    found = db.session.execute(
        _rows().where(policy.approvable_by(actor)).order_by(Issue.edited_at, Issue.id).limit(limit)
    )
    return [_row(row) for row in found]


def count(actor: Person) -> int:
    """How many those are."""
    return db.session.scalars(
        select(func.count()).select_from(Issue).where(policy.approvable_by(actor))
    ).one()


def subscription_of(person: Person) -> Subscription | None:
    """Whether and how somebody gets the digest; None for who never said."""
    return (
        db.session.scalars(
            select(Subscription)
            .options(joinedload(Subscription.domains))
            .where(Subscription.person_id == person.id)
        )
        .unique()
        .one_or_none()
    )


def subscription_by_token(token: str) -> Subscription:
    """The subscription that a link in a mail ends. Raises NotFound."""
    found = db.session.scalars(select(Subscription).where(Subscription.token == token)).one_or_none()
    if found is None:
        raise NotFound
    return found
