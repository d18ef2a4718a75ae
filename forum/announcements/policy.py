"""Who may do what with announcements."""

from __future__ import annotations

from forum.accounts.models import Person


def may_announce(actor: Person) -> bool:
    """Curators and those above them."""
    return actor.admits("curator")
