"""SQLite: FTS5."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Integer, column, func, select, table, text
from sqlalchemy.orm import Session

from forum.search.engines.expressions import All, AnyOf, Expression, Phrase, Without, Word

# Its one hidden column has the table's own name: that is what MATCH takes.
FTS = table("search_fts", column("rowid"), column("search_fts"))
ID: ColumnElement[int] = FTS.c.rowid
SETTLE = text("INSERT INTO search_fts(search_fts) VALUES ('optimize')")
# So many pages are merged at a time: two milliseconds.
MERGE = text("INSERT INTO search_fts(search_fts, rank) VALUES ('merge', 64)")
CHANGES = select(func.total_changes())


def tidy(session: Session) -> bool:
    """Merge a little of the index, of which each transaction makes a part, and a search reads all parts for each of
    its words. Whether there is more to merge: https://www.sqlite.org/fts5.html#the_merge_command says how one knows."""
    before = session.scalars(CHANGES).one()
    session.execute(MERGE)
    return int(session.scalars(CHANGES).one()) - int(before) > 1


def newest_first(*, rare: bool) -> ColumnElement[int]:  # it never guesses
    """The order, newest first."""
    return ID.desc()


def among(one: Any, packed: BindParameter[Any]) -> ColumnElement[bool]:
    """The condition that a column has one of these numbers."""
    each = func.json_each(packed).table_valued(column("value", Integer))
    return one.in_(select(each.c.value))  # type: ignore[no-any-return]  # a column's


def pack(ids: Collection[int]) -> str:
    """Numbers as one argument."""
    return json.dumps(list(ids))


def holds(expression: str | BindParameter[str]) -> ColumnElement[bool]:
    """The condition that an entry fits an expression, as it is `written`."""
    return FTS.c.search_fts.op("MATCH", is_comparison=True)(expression)


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
