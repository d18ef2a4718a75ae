"""Reading announcements."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, exists, or_, select

from forum.accounts.models import Person
from forum.announcements.models import Announcement, Dismissal
from forum.core import clock
from forum.core.changes import kept, note
from forum.core.db import db
from forum.core.errors import NotFound

# Raised by triggers when an announcement changes; part of what every page depends on (`forum/pages.py`).
NAME = "announcements"
# So many that have ended are listed.
PAST = 20


def current(reader: Person | None, dismissed: Collection[int] = ()) -> Announcement | None:
    """The newest line for this reader that they have not put away (visitors: `dismissed`).

    One statement, none on the many days when nothing is announced.
    """
    note(NAME)
    if not _is_anything_announced():
        return None
    query = select(Announcement).where(
        _today(), Announcement.audience.in_(("all", "members" if reader else "visitors"))
    )
    if reader is not None:
        put_away = (Dismissal.announcement_id == Announcement.id) & (Dismissal.person_id == reader.id)
        query = query.where(~exists().where(put_away))
    elif dismissed:
        query = query.where(Announcement.id.not_in(dismissed))
    newest_first = query.order_by(Announcement.from_day.desc(), Announcement.id.desc())
    found = db.session.scalars(newest_first.limit(1)).first()
    if found is not None:
        note(f"announcement:{found.id}")  # somebody else may have put it away
    return found


def _today() -> ColumnElement[bool]:
    today = clock.today()
    not_over = or_(Announcement.until_day.is_(None), Announcement.until_day >= today)
    return (Announcement.from_day <= today) & not_over & Announcement.ended_at.is_(None)


def _is_anything_announced() -> bool:
    """Every page asks."""

    def read() -> bool:
        note(NAME)
        return bool(db.session.scalar(select(exists().where(_today()))))

    return kept(("announced", clock.today()), read)


def announcement(announcement_id: int) -> Announcement:
    """One of them. Raises NotFound."""
    found = db.session.get(Announcement, announcement_id)
    if found is None:
        raise NotFound
    return found


def all_announcements() -> tuple[Sequence[Announcement], Sequence[Announcement]]:
    """Those that are shown or planned, the next first; and the last that have ended."""
    ended = or_(Announcement.ended_at.is_not(None), Announcement.until_day < clock.today())
    # NULL where there is no last day: that has not ended.
    open_ = select(Announcement).where(
        Announcement.ended_at.is_(None),
        or_(Announcement.until_day.is_(None), Announcement.until_day >= clock.today()),
    )
    past = select(Announcement).where(ended).order_by(Announcement.id.desc()).limit(PAST)
    return (
        db.session.scalars(open_.order_by(Announcement.from_day.desc(), Announcement.id.desc())).all(),
        db.session.scalars(past).all(),
    )
