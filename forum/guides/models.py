"""Guides: annotated, ordered, reviewed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from forum.accounts.models import Person
from forum.core import clock
from forum.core.db import Model
from forum.core.vocabulary import Vocabulary
from forum.posts.models import Post

GUIDE_STATES = Vocabulary.of(
    draft="Draft",
    in_review="In review",
    published="Published",
    needs_refresh="Needs a refresh",
    archived="Archived",
)


class Guide(Post):
    """A guide. Its opening is the post's body; the question that it answers is the post's summary."""

    __tablename__ = "guide"
    __table_args__ = (GUIDE_STATES.check("guide_state"),)

    post_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), primary_key=True)
    guide_state: Mapped[str] = mapped_column(String(15), default="draft")
    gaps: Mapped[str] = mapped_column(String(600), default="")
    takeaways: Mapped[list[str]] = mapped_column(JSON, default=list)
    themes: Mapped[list[str]] = mapped_column(JSON, default=list)
    stage: Mapped[list[str]] = mapped_column(JSON, default=list)
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    origin_question_id: Mapped[int | None] = mapped_column(ForeignKey("post.id"))
    published_on: Mapped[date | None]
    review_due: Mapped[date | None]

    # Said because `origin_question_id` points to a post too.
    __mapper_args__ = {"polymorphic_identity": "guide", "inherit_condition": post_id == Post.id}

    reviewer: Mapped[Person | None] = relationship(foreign_keys=reviewer_id)
    items: Mapped[list[GuideItem]] = relationship(
        order_by="GuideItem.position",
        cascade="all, delete-orphan",
        passive_deletes=True,
        foreign_keys="GuideItem.guide_id",
    )


class GuideStep(Model):
    """What somebody did with a guide, or said about it, on its way to its readers. `state` is what it led to."""

    __tablename__ = "guide_step"
    __table_args__ = (GUIDE_STATES.check("state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    guide_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), index=True)
    actor_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    step: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(15))
    # The version of the guide that this was about.
    version: Mapped[int]
    note: Mapped[str] = mapped_column(String(1000), default="")

    actor: Mapped[Person] = relationship()


class GuideProposal(Model):
    """What a guide that has readers is to say, once a second curator publishes it: at most one for each guide.

    `number` counts its saves, so that nobody publishes what they have not seen; `version` is what it starts from.
    """

    __tablename__ = "guide_proposal"

    guide_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    record: Mapped[dict[str, Any]] = mapped_column(JSON)
    number: Mapped[int]
    version: Mapped[int]
    saved_at: Mapped[datetime] = mapped_column(default=clock.now)

    author: Mapped[Person] = relationship()


class GuideItem(Model):
    """One step of a guide: a post, an answer, or text alone, with a note in the curator's own words."""

    __tablename__ = "guide_item"
    __table_args__ = (
        UniqueConstraint("guide_id", "position"),
        CheckConstraint("post_id IS NULL OR answer_id IS NULL", name="one_target"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    guide_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"))
    position: Mapped[int]
    section: Mapped[str] = mapped_column(String(120), default="")
    # Shown for an item of text alone; the others show the title of what they point to.
    title: Mapped[str] = mapped_column(String(200), default="")
    post_id: Mapped[int | None] = mapped_column(ForeignKey("post.id", ondelete="SET NULL"), index=True)
    answer_id: Mapped[int | None] = mapped_column(ForeignKey("answer.id", ondelete="SET NULL"), index=True)
    note: Mapped[str] = mapped_column(Text)
    note_html: Mapped[str] = mapped_column(Text)
    start_here: Mapped[bool] = mapped_column(default=False)
    # What it points to was changed, or taken out of sight, after the guide was reviewed.
    changed_at: Mapped[datetime | None]

    post: Mapped[Post | None] = relationship(foreign_keys=post_id)
