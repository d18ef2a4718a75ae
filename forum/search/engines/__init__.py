"""What to look for, as an expression that every engine understands, and the engine of this database.

An engine finds which entries hold what words, and no more: what they are worth is for `queries.ranking` to say,
so that the same comes first on all.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from forum.core.db import db
from forum.search.engines import postgres, sqlite
from forum.search.engines.expressions import All, AnyOf, Expression, Phrase, Without, Word, every, some
from forum.search.models import Entry

__all__ = [
    "All",
    "AnyOf",
    "Expression",
    "Phrase",
    "Without",
    "Word",
    "among",
    "every",
    "hits",
    "settle",
    "some",
]

ENGINES = {"sqlite": sqlite, "postgresql": postgres}


def hits(
    expression: Expression,
    most: int | ColumnElement[int],
    where: Sequence[ColumnElement[bool]] = (),
    *,
    rare: bool = False,
) -> Select[Any]:
    """SELECT of the `id` of the newest `most` entries that fit the expression and the conditions on Entry.

    `rare`: few fit, or none. An engine that would guess, from what it knows of each word alone, need not then walk
    back through all entries.
    """
    engine = ENGINES[db.engine.dialect.name]
    query = select(engine.ID.label("id")).where(engine.holds(expression))
    if where:
        query = query.join(Entry, Entry.id == engine.ID).where(*where)
    return query.order_by(engine.newest_first(rare=rare)).limit(most)


def among(column: Any, ids: Collection[int]) -> ColumnElement[bool]:
    """The condition that a column has one of these numbers, however many: they are one argument of the statement."""
    condition: ColumnElement[bool] = ENGINES[db.engine.dialect.name].among(column, ids)
    return condition


def settle() -> None:
    """After much was written: put the index in order, so that it is read quickly."""
    db.session.execute(ENGINES[db.engine.dialect.name].SETTLE)
