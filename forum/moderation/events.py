"""What moderators did to threads and accounts. Hidden and restored items are told by `posts/events.py`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ThreadLocked:
    """Nobody may answer or comment on a post any more."""

    post_id: int


@dataclass(frozen=True)
class ThreadUnlocked:
    """They may again."""

    post_id: int


@dataclass(frozen=True)
class PersonSuspended:
    """Somebody may not sign in any more; their sessions have ended."""

    person_id: int


@dataclass(frozen=True)
class PersonReinstated:
    """They may again."""

    person_id: int
