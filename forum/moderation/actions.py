"""What moderators do. Each act says why, and stands in the log: same transaction, so none goes unlogged."""

from __future__ import annotations

from forum.accounts.actions import end_sessions
from forum.accounts.models import Person
from forum.accounts.policy import may_suspend
from forum.core import clock
from forum.core.db import db, write
from forum.core.db import lock as hold
from forum.core.errors import Forbidden, Invalid
from forum.core.events import publish
from forum.core.i18n import gettext as _
from forum.moderation import policy, queries
from forum.moderation.events import PersonReinstated, PersonSuspended, ThreadLocked, ThreadUnlocked
from forum.moderation.models import LogEntry
from forum.moderation.queries import Item
from forum.posts.events import ItemHidden, ItemRestored
from forum.posts.models import Post


def hide(actor: Person, item: Item, reason: str) -> None:
    """Take a post, answer or comment out of sight; its author still sees it, and why."""
    with write():
        _require(policy.may_moderate(actor))
        hold(item)
        _require_state(item.state == "visible", _("This is not in sight any more."))
        item.state, item.hidden_reason = "hidden", reason
        item.hidden_at, item.hidden_by_id = clock.now(), actor.id
        _log(actor, "hide", item, reason)
        publish(ItemHidden(_kind(item), item.id))


def restore(actor: Person, item: Item, reason: str) -> None:
    """Put something hidden back."""
    with write():
        _require(policy.may_moderate(actor))
        hold(item)
        _require_state(item.state == "hidden", _("This is not hidden any more."))
        item.state, item.hidden_reason = "visible", ""
        item.hidden_at = item.hidden_by_id = None
        _log(actor, "restore", item, reason)
        publish(ItemRestored(_kind(item), item.id))


def lock(actor: Person, post: Post, reason: str) -> None:
    """End the discussion of a post: only moderators may add to it."""
    with write():
        _require(policy.may_moderate(actor))
        hold(post)
        _require_state(not post.locked, _("This is locked already."))
        post.locked_at, post.locked_reason = clock.now(), reason
        _log(actor, "lock", post, reason)
        publish(ThreadLocked(post.id))


def unlock(actor: Person, post: Post, reason: str) -> None:
    """Open the discussion again."""
    with write():
        _require(policy.may_moderate(actor))
        hold(post)
        _require_state(post.locked, _("This is not locked any more."))
        post.locked_at, post.locked_reason = None, ""
        _log(actor, "unlock", post, reason)
        publish(ThreadUnlocked(post.id))


def suspend(actor: Person, person: Person, reason: str) -> None:
    """Keep somebody from signing in, and sign them out everywhere. What they wrote stays."""
    with write():
        _require(may_suspend(actor, person))
        hold(person)
        _require_state(person.is_active, _("This account is suspended already."))
        person.suspended_at, person.suspended_reason = clock.now(), reason
        end_sessions(person)
        _log(actor, "suspend", person, reason)
        publish(PersonSuspended(person.id))


def reinstate(actor: Person, person: Person, reason: str) -> None:
    """Let them sign in again."""
    with write():
        _require(may_suspend(actor, person))
        hold(person)
        _require_state(not person.is_active, _("This account is not suspended any more."))
        person.suspended_at, person.suspended_reason = None, ""
        _log(actor, "reinstate", person, reason)
        publish(PersonReinstated(person.id))


def _require(allowed: bool) -> None:
    if not allowed:
        raise Forbidden(_("Your account may not do this."))


def _require_state(holds: bool, otherwise: str) -> None:
    """Another moderator may have been first: then there is nothing to do, and nothing to log."""
    if not holds:
        raise Invalid({"": otherwise})


def _kind(item: Item) -> str:
    return next(kind for kind, model in queries.MODELS.items() if isinstance(item, model))


def _log(actor: Person, act: str, item: Item | Person, reason: str) -> None:
    subject = queries.subject(item)
    db.session.add(
        LogEntry(
            actor_id=actor.id,
            act=act,
            subject=subject.words[:240],
            subject_path=subject.path[:240],
            reason=reason,
        )
    )
