"""What to look for, as an expression that every engine understands, and the engine of this database.

An engine finds which entries hold what words, and no more: what they are worth is for `queries.ranking` to say,
so that the same comes first on all.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, select

from forum.core.db import db
from forum.search.engines import postgres, sqlite
from forum.search.engines.expressions import All, AnyOf, Expression, Phrase, Without, Word, every, some
from forum.search.models import Entry

__all__ = [
    "All",
    "AnyOf",
    "Expression",
    "Phrase",
    "Wanted",
    "Without",
    "Word",
    "among",
    "every",
    "hits",
    "pack",
    "settle",
    "some",
    "tidy",
    "written",
]

# What is looked for, or the parameter that stands for it, as it is `written`, in a statement that is built once.
Wanted = Expression | BindParameter[str]

ENGINES = {"sqlite": sqlite, "postgresql": postgres}


def written(expression: Expression) -> str:
    """The expression in the language of this database's engine."""
    text: str = ENGINES[db.engine.dialect.name].written(expression)
    return text


def hits(
    wanted: Wanted,
    most: int | ColumnElement[int],
    where: Sequence[ColumnElement[bool]] = (),
    *,
    rare: bool = False,
) -> Select[Any]:
    """SELECT of the `id` of the newest `most` entries that fit what is wanted and the conditions on Entry.

    `rare`: few fit, or none. An engine that would guess, from what it knows of each word alone, need not then walk
    back through all entries.
    """
    engine = ENGINES[db.engine.dialect.name]
    expression = wanted if isinstance(wanted, BindParameter) else engine.written(wanted)
    query = select(engine.ID.label("id")).where(engine.holds(expression))
    if where:
        query = query.join(Entry, Entry.id == engine.ID).where(*where)
    return query.order_by(engine.newest_first(rare=rare)).limit(most)


def among(column: Any, packed: BindParameter[Any]) -> ColumnElement[bool]:
    """The condition that a column has one of the numbers that this parameter stands for, however many: see `pack`."""
    condition: ColumnElement[bool] = ENGINES[db.engine.dialect.name].among(column, packed)
    return condition


def pack(ids: Collection[int]) -> Any:
    """Numbers as one argument of a statement."""
    return ENGINES[db.engine.dialect.name].pack(ids)


def settle() -> None:
    """After much was written: put the index in order, so that it is read quickly."""
    db.session.execute(ENGINES[db.engine.dialect.name].SETTLE)


def tidy() -> bool:
    """Put a little of the index in order, in milliseconds, inside `write()`; whether there is more to do."""
    more: bool = ENGINES[db.engine.dialect.name].tidy(db.session())
    return more
