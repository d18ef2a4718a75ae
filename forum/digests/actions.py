"""Composing, approving and publishing issues; subscribing, and ending it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, select

from forum.accounts.models import Person
from forum.core import clock, jobs
from forum.core.db import db, lock, write
from forum.core.errors import EditConflict, Forbidden, Invalid
from forum.core.i18n import gettext as _
from forum.core.rows import insert_once
from forum.core.stamps import advance
from forum.core.text import first_free, slugify
from forum.digests import policy
from forum.digests.models import MOST_ITEMS, FollowedDomain, Issue, IssueItem, Subscription, new_token
from forum.digests.queries.cards import cards
from forum.digests.queries.picks import last_published, ref_at
from forum.posts.actions import Text, rendered
from forum.posts.policy import may_curate
from forum.topics.queries import ids_of

# Pages beside the issues: /digests/feed.
RESERVED = {"feed", "subscription", "unsubscribe"}


# --- Composing


def start_issue(actor: Person) -> Issue:
    """Begin an issue: an empty draft. Raises Forbidden."""
    with write() as session:
        if not may_curate(actor):
            raise Forbidden(_("Curators write the digest."))
        issue = Issue(author_id=actor.id, editor_id=actor.id)
        session.add(issue)
    return issue


def save_issue(actor: Person, issue: Issue, record: Mapping[str, Any], opened_at: int | None = None) -> None:
    """Save a draft (IssueShape), which may lack anything; what was picked comes after the items.

    Raises Forbidden, Invalid (at "more", "picks" or "items-2-ref"), and EditConflict with the record that now stands.
    """
    opening = rendered(record.get("opening", ""), "opening", scope="digest")
    items = _items(record)
    with write():
        _hold(actor, issue)
        if opened_at is not None and opened_at != issue.version:
            raise EditConflict(issue_record(issue), issue.editor.name)
        _put(issue, record, opening, items)
        issue.editor_id, issue.edited_at = actor.id, clock.now()
        issue.version += 1


def issue_record(issue: Issue) -> dict[str, Any]:
    """An issue in the shape of its form."""
    return {
        "title": issue.title,
        "opening": issue.body,
        "items": [{"ref": item.ref, "sentence": item.sentence} for item in issue.items],
        "call": issue.call,
    }


def _items(record: Mapping[str, Any]) -> dict[str, str]:
    """ref -> sentence of what the issue is to hold, each once. Raises Invalid."""
    items = {item["ref"]: item.get("sentence", "") for item in record.get("items", [])}
    items |= {ref: "" for ref in record.get("picks", []) if ref not in items}
    if more := record.get("more"):
        ref = ref_at(more)
        if not ref:
            raise Invalid({"more": _("There is nothing at this address that everybody may read.")})
        items.setdefault(ref, "")
    if len(items) > MOST_ITEMS:
        raise Invalid({"picks": _("An issue has at most %(n)d items.") % {"n": MOST_ITEMS}})
    return items


def _hold(actor: Person, issue: Issue) -> None:
    lock(issue)
    if not policy.may_edit_issue(actor, issue):
        raise Forbidden(_("This issue cannot be changed now. Ask for it to be sent back first."))


def _put(issue: Issue, record: Mapping[str, Any], opening: Text, items: Mapping[str, str]) -> None:
    kept = {item.ref: item for item in issue.items}
    # What was hidden since stays in the draft, told as gone; what was never there does not come in.
    unknown = items.keys() - kept.keys() - cards(items).keys()
    if unknown:
        raise Invalid({"items": _("One of the items is not there any more. Remove it.")})
    issue.title, issue.call = record.get("title", ""), record.get("call", "")
    opening.put_on(issue)
    # Out of the way first: no two items may stand at one place, not even for a moment.
    for item in issue.items:
        item.position += 1000
    db.session.flush()
    issue.items = [kept.get(ref) or _item(ref) for ref in items]
    for position, (item, sentence) in enumerate(zip(issue.items, items.values(), strict=True)):
        item.position, item.sentence = position, sentence


def _item(ref: str) -> IssueItem:
    kind, _colon, number = ref.partition(":")
    return IssueItem(**{f"{kind}_id": int(number)})


def discard_issue(actor: Person, issue: Issue) -> None:
    """Throw a draft away. Raises Forbidden."""
    with write() as session:
        _hold(actor, issue)
        session.delete(issue)


# --- Two people


def send_for_review(actor: Person, issue: Issue) -> None:
    """Give a complete draft to another curator. Raises Forbidden, and Invalid with all that is missing."""
    with write():
        _hold(actor, issue)
        faults = {}
        if not issue.title:
            faults["title"] = _("Enter a title.")
        if not issue.body:
            faults["opening"] = _("Open the issue: what is in it, and why now.")
        if not issue.items:
            faults["items"] = _("Pick at least one thing that is worth reading.")
        there = cards(item.ref for item in issue.items)
        for item in issue.items:
            if item.ref not in there:
                faults[f"items-{item.position}-ref"] = _("This can no longer be read. Remove it.")
            elif not item.sentence:
                faults[f"items-{item.position}-sentence"] = _("Say why it is worth reading.")
        if faults:
            raise Invalid(faults)
        issue.state, issue.note = "in_review", ""


def send_back(actor: Person, issue: Issue, note: str) -> None:
    """Make an issue in review a draft again, and say what should change. Raises Forbidden."""
    with write():
        lock(issue)
        if not policy.may_send_back(actor, issue):
            raise Forbidden(_("Only an issue that is in review can be sent back."))
        issue.state, issue.note = "draft", note


def approve_issue(actor: Person, issue: Issue) -> None:
    """Approve an issue: it is published, and its mails go out. Raises Forbidden with the reason."""
    with write():
        lock(issue)
        if fault := policy.approval_fault(actor, issue):
            raise Forbidden(fault)
        issue.since, issue.published_at = last_published(), clock.now()
        issue.state, issue.approver_id = "published", actor.id
        issue.slug = _free_slug(issue.title)
        issue.number = advance("digest number")
        db.session.flush()
        jobs.enqueue("send_digest", {"issue": issue.id}, key=f"send_digest:{issue.id}")


def _free_slug(title: str) -> str:
    def taken(slugs: Sequence[str]) -> set[str]:
        used = db.session.scalars(select(Issue.slug).where(Issue.slug.in_(slugs)))
        return {slug for slug in used if slug} | RESERVED

    return first_free(slugify(title), taken)


# --- Subscribing


def subscribe(actor: Person, frequency: str, domains: Sequence[str] | None) -> None:
    """Say how often somebody gets the digest, and about which domains (slugs); None for all. Raises Invalid."""
    with write() as session:
        insert_once(
            Subscription,
            person_id=actor.id,
            frequency="never",
            every_domain=True,
            since=clock.now(),
            token=new_token(),
        )
        subscription = session.scalars(
            select(Subscription).where(Subscription.person_id == actor.id).with_for_update()
        ).one()
        if subscription.frequency == "never" and frequency != "never":
            subscription.since = clock.now()
        subscription.frequency = frequency
        subscription.every_domain = domains is None
        ids = ids_of(domains or [])
        if len(ids) != len(domains or []):
            raise Invalid({"domains": _("One of these services is not there any more.")})
        session.execute(delete(FollowedDomain).where(FollowedDomain.subscription_id == subscription.id))
        session.add_all(
            FollowedDomain(subscription_id=subscription.id, service_id=id_) for id_ in ids.values()
        )


def unsubscribe(subscription: Subscription) -> None:
    """End a subscription; a second time changes nothing. Whoever holds its token may."""
    with write():
        subscription.frequency = "never"
