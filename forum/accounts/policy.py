"""Who may do what with accounts."""

from __future__ import annotations

from forum.accounts.models import Person


def may_suspend(actor: Person, person: Person) -> bool:
    """Moderators suspend those below them on the ladder, nobody themselves."""
    return (
        actor.admits("moderator")
        and actor.id != person.id
        and (actor.role == "admin" or not person.admits(actor.role))
    )
