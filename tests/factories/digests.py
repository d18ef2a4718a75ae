"""Issues of the digest: drafts, and published ones; and who gets them."""

from collections.abc import Sequence
from typing import Any

from forum.accounts.models import Person
from forum.core.shapes import load
from forum.digests.actions import approve_issue, save_issue, send_for_review, start_issue, subscribe
from forum.digests.forms import IssueShape
from forum.digests.models import Issue, Subscription
from forum.digests.queries import subscription_of
from forum.posts.models import Post
from forum.questions.models import Answer


def issue_record(*things: Post | Answer, **changes: Any) -> dict[str, Any]:
    """A complete issue with these posts and answers, and what is changed or added."""
    items = [
        {"ref": f"{'answer' if isinstance(thing, Answer) else 'post'}:{thing.id}", "sentence": f"Why {n}."}
        for n, thing in enumerate(things)
    ]
    return {
        "title": "What neighbors did this week",
        "opening": "Good morning. The **costs** are new.",
        "items": items,
        "call": "Do you share a clerk? Tell us.",
    } | changes


def add_issue(
    author: Person, *things: Post | Answer, approver: Person | None = None, **changes: Any
) -> Issue:
    """An issue: published where somebody approves it, otherwise a draft."""
    issue = start_issue(author)
    save_issue(author, issue, load(IssueShape(), issue_record(*things, **changes)))
    if approver:
        send_for_review(author, issue)
        approve_issue(approver, issue)
    return issue


def add_subscription(person: Person, domains: Sequence[str] | None = None) -> Subscription:
    """Somebody who gets the digest every week, about these domains or all."""
    subscribe(person, "weekly", domains)
    subscription = subscription_of(person)
    assert subscription
    return subscription
