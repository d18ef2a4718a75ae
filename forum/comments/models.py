"""Comments on any post, and on the answers of a question."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from forum.accounts.models import Person
from forum.core import clock
from forum.core.db import Model
from forum.core.vocabulary import Term, Vocabulary
from forum.posts.models import Hideable, Post, Written

# Deeper replies are drawn, and sorted, beside the one they answer: a phone has no room for more steps.
DEEPEST = 3
# Characters of a path segment: the comment's id in hexadecimal, so that paths sort as text.
SEGMENT = 8

COMMENT_KINDS = Vocabulary(
    Term("comment", "Comment"),
    Term("correction", "Correction"),
    Term("update", "Update"),
    Term("same_here", "We do this too"),
)


class Comment(Model, Hideable, Written):
    """A comment. `path` holds the ids from the top of its thread down, so that ordering by it draws the
    thread, and a page of a long thread is one keyset range."""

    __tablename__ = "comment"
    __table_args__ = (
        COMMENT_KINDS.check("kind"),
        CheckConstraint("state IN ('visible', 'hidden', 'deleted')", name="state_known"),
        CheckConstraint(f"depth BETWEEN 0 AND {DEEPEST}", name="depth_readable"),
        Index("ix_comment_thread", "post_id", "answer_id", "path"),
        Index("ix_comment_author", "author_id", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"))
    # Set when it is a comment on an answer; `post_id` is then the question.
    answer_id: Mapped[int | None] = mapped_column(ForeignKey("answer.id", ondelete="CASCADE"), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(12), default="comment")
    path: Mapped[str] = mapped_column(String((DEEPEST + 1) * SEGMENT), default="")
    depth: Mapped[int] = mapped_column(default=0)
    n_replies: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    edited_at: Mapped[datetime | None]

    author: Mapped[Person] = relationship(foreign_keys=author_id)
    post: Mapped[Post] = relationship()
