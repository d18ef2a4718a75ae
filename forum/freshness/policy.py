"""Who may say that a record still holds."""

from __future__ import annotations

from forum.accounts.models import Person


def may_answer_for(person: Person, kind: str) -> bool:
    """Whoever can bring it up to date, and so curators for a guide."""
    return person.is_active and (kind != "guide" or person.admits("curator"))


def may_confirm(actor: Person | None, owner_id: int) -> bool:
    """Who answers for it, and curators, who may have asked."""
    return actor is not None and (actor.id == owner_id or actor.admits("curator"))
