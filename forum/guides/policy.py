"""Who may publish guides, and which steps lead there; who may write them is `posts.policy.may_curate`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from forum.accounts.models import Person
from forum.core.i18n import mark
from forum.guides.models import GUIDE_STATES, Guide
from forum.posts.policy import may_curate


@dataclass(frozen=True)
class Step:
    """Something that a curator does with a guide. `after` "" leaves it where it was before it came here."""

    key: str
    label: str
    done: str
    before: Collection[str]
    after: str


STEPS = {
    step.key: step
    for step in (
        Step("publish", mark("Publish"), mark("published it"), ("in_review",), "published"),
        Step("send", mark("Send for review"), mark("sent it for review"), ("draft", "needs_refresh"), "in_review"),
        Step("return", mark("Ask for changes"), mark("asked for changes"), ("in_review",), ""),
        Step("withdraw", mark("Take it back"), mark("took it back"), ("in_review",), ""),
        Step("refresh", mark("Needs a refresh"), mark("asked for a refresh"), ("published",), "needs_refresh"),
        Step("reopen", mark("Take it up again"), mark("took it up again"), ("archived",), ""),
        Step("remark", mark("Leave a remark"), mark("remarked"), GUIDE_STATES.keys, ""),
        Step("confirm", mark("Still right"), mark("confirmed it"), (), "published"),
        Step("change", mark("Publish the change"), mark("published a change"), (), "published"),
        Step("drop", mark("Drop the change"), mark("dropped a change"), (), ""),
        Step("archive", mark("Archive"), mark("archived it"), ("draft", "published", "needs_refresh"), "archived"),
    )
}  # fmt: skip


def may_publish_guide(author: Person, reviewer: Person | None) -> bool:
    """Two people stand behind a guide: a curator does not publish their own draft. Moderators answer for theirs."""
    if reviewer is None or reviewer.id == author.id:
        return author.admits("moderator")
    return reviewer.admits("curator")


def may_change_at_once(actor: Person, guide: Guide) -> bool:
    """What has readers is changed by two, as it was published by two; a draft by whoever curates."""
    return guide.published_on is None or may_publish_guide(actor, actor)


def may_take_step(actor: Person | None, guide: Guide, step: Step) -> bool:
    """Curators, where the guide stands so; who wrote it takes it back, another one publishes it or asks for changes."""
    if (
        actor is None
        or not may_curate(actor)
        or guide.state == "hidden"
        or guide.guide_state not in step.before
    ):
        return False
    if step.key == "publish":
        return may_publish_guide(guide.author, actor)
    if step.key in ("return", "withdraw"):
        return (actor.id == guide.author_id) == (step.key == "withdraw")
    return True


def steps_open_to(actor: Person | None, guide: Guide) -> list[Step]:
    """What this person may do with this guide now."""
    return [step for step in STEPS.values() if may_take_step(actor, guide, step)]
