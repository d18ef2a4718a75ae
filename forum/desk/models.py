"""What curators note of the work on their desk; the work itself stands in the rooms that it comes from."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from forum.accounts.models import Person
from forum.core import clock
from forum.core.db import Model

LONGEST_NOTE = 600


class DeskItem(Model):
    """A piece of work that somebody has taken, or put aside for good. `item_id` is its number in its queue."""

    __tablename__ = "desk_item"

    queue: Mapped[str] = mapped_column(String(20), primary_key=True)
    item_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    taken_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    taken_at: Mapped[datetime | None]
    aside_at: Mapped[datetime | None]

    taken_by: Mapped[Person | None] = relationship()


class DeskNote(Model):
    """Something that a curator tells the others about a piece of work."""

    __tablename__ = "desk_note"
    __table_args__ = (Index("ix_desk_note_item", "queue", "item_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    queue: Mapped[str] = mapped_column(String(20))
    item_id: Mapped[int]
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    body: Mapped[str] = mapped_column(String(LONGEST_NOTE))

    author: Mapped[Person] = relationship()
