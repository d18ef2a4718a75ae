"""SQLite: FTS5."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Integer, column, func, select, table, text

from forum.search.engines.expressions import All, AnyOf, Expression, Phrase, Without, Word

# Its one hidden column has the table's own name: that is what MATCH takes.
FTS = table("search_fts", column("rowid"), column("search_fts"))
ID: ColumnElement[int] = FTS.c.rowid
SETTLE = text("INSERT INTO search_fts(search_fts) VALUES ('optimize')")


def newest_first(*, rare: bool) -> ColumnElement[int]:  # it never guesses
    """The order, newest first."""
    return ID.desc()


def among(one: Any, ids: Collection[int]) -> ColumnElement[bool]:
    """The condition that a column has one of these numbers."""
    each = func.json_each(json.dumps(list(ids))).table_valued(column("value", Integer))
    return one.in_(select(each.c.value))  # type: ignore[no-any-return]  # a column's


def holds(expression: Expression) -> ColumnElement[bool]:
    """The condition that an entry fits."""
    return FTS.c.search_fts.op("MATCH", is_comparison=True)(written(expression))


def written(expression: Expression) -> str:
    """The expression in FTS5's language."""
    match expression:
        case Word(word, prefix):
            return f'"{word}"*' if prefix else f'"{word}"'
        case Phrase(words):
            return '"' + " ".join(words) + '"'
        case All(parts):
            return "(" + " AND ".join(map(written, parts)) + ")"
        case AnyOf(parts):
            return "(" + " OR ".join(map(written, parts)) + ")"
        case Without(wanted, unwanted):
            return f"({written(wanted)} NOT {written(unwanted)})"
