"""What happened to posts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PostPublished:
    """A post can be read by everybody for the first time."""

    post_id: int
    kind: str


@dataclass(frozen=True)
class PostEdited:
    """A new version of a post was saved. `old_path` differs from the present one when it was renamed."""

    post_id: int
    kind: str
    old_path: str


@dataclass(frozen=True)
class MarkedUseful:
    """Somebody found a post or an answer useful, or took that back. `post_id` is the thread."""

    post_id: int
    answer_id: int | None = None


@dataclass(frozen=True)
class ItemHidden:
    """A moderator took a "post", "answer" or "comment" out of sight."""

    kind: str
    id: int


@dataclass(frozen=True)
class ItemRestored:
    """A moderator put it back."""

    kind: str
    id: int
