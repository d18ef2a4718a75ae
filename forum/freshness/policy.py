"""Who may say that a record still holds."""

from __future__ import annotations

from forum.accounts.models import Person


def may_confirm(actor: Person | None, owner_id: int) -> bool:
    """Who answers for it, and curators, who may have asked."""
    return actor is not None and (actor.id == owner_id or actor.admits("curator"))
