"""Reading announcements."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import exists, or_, select

from forum.accounts.models import Person
from forum.announcements.models import Announcement, Dismissal
from forum.core import clock
from forum.core.changes import note
from forum.core.db import db
from forum.core.errors import NotFound

# Raised by triggers when an announcement changes; part of what every page depends on (`forum/pages.py`).
NAME = "announcements"
# So many that have ended are listed.
PAST = 20


def current(reader: Person | None, dismissed: Collection[int] = ()) -> Announcement | None:
    """The newest line for this reader that they have not put away (visitors: `dismissed`). One statement."""
    note(NAME)
    today = clock.today()
    query = select(Announcement).where(
        Announcement.from_day <= today,
        or_(Announcement.until_day.is_(None), Announcement.until_day >= today),
        Announcement.ended_at.is_(None),
        Announcement.audience.in_(("all", "members" if reader else "visitors")),
    )
    if reader is not None:
        put_away = (Dismissal.announcement_id == Announcement.id) & (Dismissal.person_id == reader.id)
        query = query.where(~exists().where(put_away))
    elif dismissed:
        query = query.where(Announcement.id.not_in(dismissed))
    newest_first = query.order_by(Announcement.from_day.desc(), Announcement.id.desc())
    return db.session.scalars(newest_first.limit(1)).first()


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
