"""What is sent twice is made once: a double click, a reload, a retry of a browser or of a proxy.

A form carries a key of its own. An action that makes something claims it first, and notes what it made, in the
transaction that makes it: of two at once the second waits for the first, and gets what that one made.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, String, Update, bindparam, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from forum.core import clock
from forum.core.db import Model, db, table_of, write
from forum.core.rows import Prepared, insert_once

# So long after the first time the second one still counts as the same: a browser may send a form once more when it
# is started again.
REMEMBERED = timedelta(days=30)


class Made(Model):
    """What was made under a key, by the number of its row."""

    __tablename__ = "made"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    item_id: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(index=True)


@Prepared
def _made() -> Select[Any]:
    return select(Made.item_id).where(Made.key == bindparam("key"))


@Prepared
def _note() -> Update:
    return update(table_of(Made)).where(Made.key == bindparam("of")).values(item_id=bindparam("made"))


def made(key: str) -> int | None:
    """The number of what was made under this key; None for nothing, and for "". One statement."""
    return next((row.item_id for row in _made(key=key)), None) if key else None


def claim(key: str) -> int | None:
    """The same, first thing inside `write()`. Where it was nothing, whoever asks makes it now, and notes it."""
    if not key or insert_once(Made, key=key, item_id=0, made_at=clock.now()):
        return None
    return made(key)


def note(key: str, item_id: int) -> None:
    """This is what was made under a key that was claimed."""
    if key:
        _note.run(of=key, made=item_id)


def forget(_payload: Mapping[str, Any]) -> None:
    """The handler that drops what is long made."""
    with write():
        db.session.execute(delete(Made).where(Made.made_at < clock.now() - REMEMBERED))
