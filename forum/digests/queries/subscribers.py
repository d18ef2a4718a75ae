"""Who gets an issue by mail, and has not got it yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, select

from forum.accounts.models import Person
from forum.core.db import db
from forum.digests.models import Delivery, FollowedDomain, Issue, Subscription
from forum.topics.models import Service


@dataclass(frozen=True)
class Subscriber:
    """One subscription. `domains`: slug -> name of those that they follow, in curated order; None for all."""

    id: int
    email: str
    token: str
    domains: Mapping[str, str] | None


def _gets_mail() -> ColumnElement[bool]:
    """Nobody is sent what somebody else asked for in their name: the address has to be known as theirs."""
    return and_(
        Subscription.frequency != "never",
        Person.suspended_at.is_(None),
        Person.email_confirmed_at.is_not(None),
    )


def count_subscribers() -> int:
    """How many get the next issue by mail."""
    query = select(func.count()).select_from(Subscription).join(Person, Person.id == Subscription.person_id)
    return db.session.scalars(query.where(_gets_mail())).one()


def waiting(issue: Issue, limit: int) -> list[Subscriber]:
    """Some of those who subscribed before the issue came out and have no mail of it yet. Two statements."""
    rows = db.session.execute(
        select(Subscription.id, Person.email, Subscription.token, Subscription.every_domain)
        .join(Person, Person.id == Subscription.person_id)
        .outerjoin(Delivery, (Delivery.subscription_id == Subscription.id) & (Delivery.issue_id == issue.id))
        .where(_gets_mail(), Subscription.since <= issue.published_at, Delivery.issue_id.is_(None))
        .order_by(Subscription.id)
        .limit(limit)
    ).all()
    followed: dict[int, dict[str, str]] = {row.id: {} for row in rows if not row.every_domain}
    for row in db.session.execute(
        select(FollowedDomain.subscription_id, Service.slug, Service.name)
        .join(Service, Service.id == FollowedDomain.service_id)
        .where(FollowedDomain.subscription_id.in_(followed))
        .order_by(Service.position, Service.id)
    ):
        followed[row.subscription_id][row.slug] = row.name
    return [Subscriber(row.id, row.email, row.token, followed.get(row.id)) for row in rows]


def still_subscribed(batch: Sequence[Subscriber]) -> set[int]:
    """The ids of those who have not ended it meanwhile. Inside `write()`."""
    ids = [subscriber.id for subscriber in batch]
    query = select(Subscription.id).join(Person, Person.id == Subscription.person_id)
    return set(db.session.scalars(query.where(_gets_mail(), Subscription.id.in_(ids))))
