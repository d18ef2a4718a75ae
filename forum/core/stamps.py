"""Stamps: numbers that rise whenever something changes, in the transaction that changes it.

Whoever keeps something made from the database in memory keeps the stamp beside it, and knows by one look-up
whether it still holds, in any process.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, String, update
from sqlalchemy.orm import Mapped, mapped_column

from forum.core.db import Model, db
from forum.core.rows import insert_once


class Stamp(Model):
    """How often the thing of this name has changed."""

    __tablename__ = "stamp"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)


def advance(name: str) -> int:
    """Raise a stamp and return it. Inside `write()`.

    Its row is held until the write ends: numbers become visible in the order in which they were given.
    """
    raised = update(Stamp).where(Stamp.name == name).values(value=Stamp.value + 1).returning(Stamp.value)
    value = db.session.scalar(raised)
    if value is None:
        insert_once(Stamp, name=name, value=0)
        value = db.session.scalars(raised).one()
    return value
