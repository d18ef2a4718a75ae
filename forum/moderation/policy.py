"""Who may moderate. Who may suspend whom is for `accounts.policy` to say."""

from __future__ import annotations

from forum.accounts.models import Person


def may_moderate(actor: Person | None) -> bool:
    """Hide, restore, lock, unlock and read the log: moderators and admins."""
    return actor is not None and actor.admits("moderator")
