"""Writing announcements, ending them, putting them away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forum.accounts.models import Person
from forum.announcements import policy
from forum.announcements.models import Announcement, Dismissal
from forum.core import clock
from forum.core.db import lock, write
from forum.core.errors import Forbidden, Invalid
from forum.core.i18n import gettext as _
from forum.core.rows import insert_once


def write_announcement(actor: Person, record: Mapping[str, Any]) -> Announcement:
    """Put up a line (AnnouncementShape)."""
    with write() as session:
        _require(actor)
        announcement = Announcement(author_id=actor.id, **_columns(record))
        session.add(announcement)
        return announcement


def edit_announcement(actor: Person, announcement: Announcement, record: Mapping[str, Any]) -> None:
    """Change a line; who has put it away does not see it again. Raises Invalid for one that was ended."""
    with write():
        _require(actor)
        lock(announcement)
        if announcement.ended_at is not None:
            raise Invalid({"": _("This announcement was ended. Write a new one.")})
        for column, value in _columns({"from_day": announcement.from_day, **record}).items():
            setattr(announcement, column, value)


def end_announcement(actor: Person, announcement: Announcement) -> None:
    """Take a line down now."""
    with write():
        _require(actor)
        lock(announcement)
        announcement.ended_at = announcement.ended_at or clock.now()


def dismiss(actor: Person, announcement: Announcement) -> None:
    """Put a line away for good. Doing it twice is doing it once."""
    with write():
        insert_once(Dismissal, person_id=actor.id, announcement_id=announcement.id)


def _columns(record: Mapping[str, Any]) -> dict[str, Any]:
    first, last = record.get("from_day") or clock.today(), record.get("until_day")
    if last and last < max(first, clock.today()):
        raise Invalid({"until_day": _("This is over already.")})
    return {
        "text": record["text"],
        "link": record.get("link", ""),
        "link_text": record.get("link_text", ""),
        "audience": record["audience"],
        "from_day": first,
        "until_day": last,
    }


def _require(actor: Person) -> None:
    if not policy.may_announce(actor):
        raise Forbidden(_("Only curators may do this."))
