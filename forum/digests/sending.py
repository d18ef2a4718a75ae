"""Handing an issue over to be mailed: to everybody who subscribed, nobody twice, whenever a worker may be killed."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from forum.core import clock, mail
from forum.core.db import write
from forum.core.jobs import Later
from forum.core.rows import insert_once
from forum.digests import queries
from forum.digests.letters import Letter, letter
from forum.digests.models import Delivery
from forum.digests.queries import IssueView
from forum.digests.queries.subscribers import Subscriber, still_subscribed, waiting

# Subscribers in one transaction: some tens of milliseconds in which nobody else writes.
BATCH = 50

log = logging.getLogger("interlocal.digests")


def send_issue(payload: Mapping[str, Any]) -> None:
    """The handler that sends one batch, and is called again at once as long as somebody waits.

    A batch is one transaction: the mails are in the outbox, and it is noted who has theirs, or neither is.
    """
    issue = queries.issue_by_id(payload["issue"])
    batch = waiting(issue, BATCH)
    view = queries.issue_view(issue)
    made = [(subscriber, _edition(view, subscriber)) for subscriber in batch]
    with write():
        there = still_subscribed(batch)
        for subscriber, mine in made:
            if subscriber.id in there:
                _hand_over(issue.id, subscriber, mine)
        if not batch:
            issue.state = "sent"
    if batch:
        raise Later(timedelta())


def _edition(view: IssueView, subscriber: Subscriber) -> Letter | None:
    """What this subscriber gets; None where nothing in the issue is about what they follow."""
    if subscriber.domains is None:
        return letter(view, view.cards, subscriber.token)
    cards = view.about(subscriber.domains)
    follows = list(subscriber.domains.values())
    return letter(view, cards, subscriber.token, follows=follows) if cards else None


def _hand_over(issue_id: int, subscriber: Subscriber, mine: Letter | None) -> None:
    outcome = "mailed" if mine else "nothing"
    if mine:
        try:
            mail.post(
                subscriber.email,
                mine.subject,
                mine.text,
                mine.html,
                key=f"digest:{issue_id}:{subscriber.id}",
                headers=mine.headers,
            )
        except ValueError as error:
            # One address that cannot be written to keeps nobody else waiting.
            log.warning("The digest cannot be mailed to subscriber %s: %s", subscriber.id, error)
            outcome = "refused"
    insert_once(Delivery, issue_id=issue_id, subscription_id=subscriber.id, outcome=outcome, at=clock.now())
