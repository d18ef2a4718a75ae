"""Lines above the header, and who has put them away."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from forum.core import clock
from forum.core.db import Model
from forum.core.vocabulary import Vocabulary

AUDIENCES = Vocabulary.of(all="Everybody", visitors="Visitors", members="People with an account")
STATES = Vocabulary.of(shown="Shown now", planned="Planned", ended="Ended")


class Announcement(Model):
    """One line, shown from `from_day` through `until_day` (UTC) unless it is ended before."""

    __tablename__ = "announcement"
    __table_args__ = (
        AUDIENCES.check("audience"),
        CheckConstraint("until_day >= from_day", name="until_after_from"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(String(200))
    # An address here or elsewhere, and what it is called; both empty where there is none.
    link: Mapped[str] = mapped_column(String(500), default="")
    link_text: Mapped[str] = mapped_column(String(60), default="")
    audience: Mapped[str] = mapped_column(String(10))
    from_day: Mapped[date]
    until_day: Mapped[date | None]
    ended_at: Mapped[datetime | None]
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    @property
    def state(self) -> str:
        """Which of STATES it is in today; `queries` asks the same of the database."""
        today = clock.today()
        if self.ended_at is not None or (self.until_day is not None and self.until_day < today):
            return "ended"
        return "planned" if self.from_day > today else "shown"


class Dismissal(Model):
    """Somebody has put an announcement away, for good. (Visitors keep theirs in a cookie.)"""

    __tablename__ = "announcement_dismissal"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    announcement_id: Mapped[int] = mapped_column(
        ForeignKey("announcement.id", ondelete="CASCADE"), primary_key=True
    )
