"""How often something may be tried: counters in the database, so they hold across processes and restarts."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import String, Update, bindparam, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from forum.core import clock
from forum.core.db import Model, db, table_of, write
from forum.core.errors import TooMany
from forum.core.i18n import gettext as _
from forum.core.rows import Prepared, insert_once


class Attempts(Model):
    """Attempts under one key since `started_at`; forgotten when `ends_at` has passed."""

    __tablename__ = "attempts"
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    tries: Mapped[int]
    ends_at: Mapped[datetime]


@Prepared
def _one_more() -> Update:
    """Asked before every write of a member."""
    attempts = table_of(Attempts)
    same = (attempts.c.key == bindparam("of"), attempts.c.ends_at > bindparam("now"))
    return (
        update(attempts).where(*same, attempts.c.tries < bindparam("most")).values(tries=attempts.c.tries + 1)
    )


def spend(key: str, most: int, seconds: int) -> None:
    """Count one attempt; raises TooMany when `most` within `seconds` are used up.

    Refused attempts do not push the end further away, so who waits gets in.
    """
    now = clock.now()
    with write() as session:

        def counted() -> bool:
            return bool(_one_more.run(of=key, now=now, most=most).rowcount)

        if counted():
            return
        # Never one that counts: who had just seen it would take its absence for a refusal. Nor what others hold.
        ended = select(Attempts.key).where(Attempts.ends_at <= now).with_for_update(skip_locked=True)
        session.execute(delete(Attempts).where(Attempts.key.in_(ended)))
        # Or again: meanwhile somebody may have been the first.
        if insert_once(Attempts, key=key, tries=1, ends_at=now + timedelta(seconds=seconds)) or counted():
            return
        ends_at = session.scalars(select(Attempts.ends_at).where(Attempts.key == key)).one()
        wait = max(1, round((ends_at - now).total_seconds()))
        minutes = -(-wait // 60)
        raise TooMany(_("Too many attempts. Try again in %(n)d minutes.") % {"n": minutes}, wait)


def forget(key: str) -> None:
    """Start the count afresh, as after a success."""
    with write():
        db.session.execute(delete(Attempts).where(Attempts.key == key))
