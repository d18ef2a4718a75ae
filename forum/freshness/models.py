"""Who answers for a record, and until when it counts as confirmed."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from forum.accounts.models import Person
from forum.core import clock
from forum.core.db import Model

# What is kept fresh, and the months until somebody has to say again that it holds.
MONTHS = {"case": 24, "guide": 12, "answer": 24}


class Freshness(Model):
    """One for each published case and guide, and for each accepted answer. The owner is asked once it is due."""

    __tablename__ = "freshness"
    __table_args__ = (
        CheckConstraint("kind IN ('case', 'guide', 'answer')", name="kind_known"),
        CheckConstraint("(post_id IS NULL) <> (answer_id IS NULL)", name="one_target"),
        Index("ix_freshness_due", "review_by", "id"),
        Index("ix_freshness_owner", "owner_id", "review_by"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    post_id: Mapped[int | None] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), unique=True)
    answer_id: Mapped[int | None] = mapped_column(ForeignKey("answer.id", ondelete="CASCADE"), unique=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    # Nobody since it was written, at first.
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    confirmed_on: Mapped[date]
    review_by: Mapped[date]
    asked_at: Mapped[datetime | None]
    # Somebody said that it holds no more.
    ended_on: Mapped[date | None]

    owner: Mapped[Person] = relationship(foreign_keys=owner_id)


class Handover(Model):
    """Somebody else answers for a record from then on: `by` saw to it. Never changed."""

    __tablename__ = "handover"

    id: Mapped[int] = mapped_column(primary_key=True)
    freshness_id: Mapped[int] = mapped_column(ForeignKey("freshness.id", ondelete="CASCADE"), index=True)
    from_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    to_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    to: Mapped[Person] = relationship(foreign_keys=to_id)
    by: Mapped[Person] = relationship(foreign_keys=by_id)
