"""Who may publish guides; who may write them is `posts.policy.may_curate`."""

from __future__ import annotations

from forum.accounts.models import Person


def may_publish_guide(author: Person, reviewer: Person | None) -> bool:
    """Two people stand behind a guide: a curator does not publish their own draft. Moderators answer for theirs."""
    if reviewer is None or reviewer.id == author.id:
        return author.admits("moderator")
    return reviewer.admits("curator")
