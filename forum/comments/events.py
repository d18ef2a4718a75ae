"""What happened to comments."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CommentPosted:
    """Somebody commented. `answer_id` is set when it was on an answer; `post_id` is then the question."""

    comment_id: int
    post_id: int
    answer_id: int | None = None


@dataclass(frozen=True)
class CommentEdited:
    """The words of a comment were changed."""

    comment_id: int
    post_id: int


@dataclass(frozen=True)
class CommentDeleted:
    """Its author took a comment away."""

    comment_id: int
    post_id: int
    answer_id: int | None = None


@dataclass(frozen=True)
class CommentsCounted:
    """The number of comments in sight changed, by one or minus one; `answer_id` as in CommentPosted."""

    post_id: int
    answer_id: int | None
    change: int
