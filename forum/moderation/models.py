"""The log of what moderators did."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from forum.accounts.models import Person
from forum.core import clock
from forum.core.db import Model
from forum.core.vocabulary import Vocabulary

ACTS = Vocabulary.of(
    hide="Hid",
    restore="Restored",
    lock="Locked",
    unlock="Unlocked",
    suspend="Suspended",
    reinstate="Reinstated",
)


class LogEntry(Model):
    """One act: who, what, on what, why, when. Never changed, never deleted."""

    __tablename__ = "moderation_log"
    __table_args__ = (ACTS.check("act"), Index("ix_moderation_log_newest", "created_at", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    actor_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    act: Mapped[str] = mapped_column(String(12))
    # What it was done to, in words and as an address that still leads there.
    subject: Mapped[str] = mapped_column(String(240))
    subject_path: Mapped[str] = mapped_column(String(240))
    reason: Mapped[str] = mapped_column(String(400), default="")

    actor: Mapped[Person] = relationship(foreign_keys=actor_id)
