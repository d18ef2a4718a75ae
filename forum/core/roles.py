"""The ladder of roles. Every layer speaks of it, so it stands below them all."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """Who somebody is here; each may all that those before may. A visitor has no account."""

    VISITOR = "visitor"
    MEMBER = "member"
    CURATOR = "curator"
    MODERATOR = "moderator"
    ADMIN = "admin"

    def admits(self, needed: str) -> bool:
        """Whether this role reaches as far as `needed`."""
        ladder = list(Role)
        return ladder.index(self) >= ladder.index(Role(needed))
