"""PostgreSQL: tsvector."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Integer, any_, cast, column, table, text
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY
from sqlalchemy.orm import Session

from forum.search.engines.expressions import All, AnyOf, Expression, Phrase, Without, Word

FTS = table("search_fts", column("entry_id"), column("words"))
ID: ColumnElement[int] = FTS.c.entry_id
SETTLE = text("ANALYZE search_entry, search_fts, search_word")
PENDING = text("SELECT gin_clean_pending_list('ix_search_fts_words')")


def tidy(session: Session) -> bool:
    """Sort in what was written since the last time, which each search would read through. There is no more to do."""
    session.execute(PENDING)
    return False


def newest_first(*, rare: bool) -> ColumnElement[int]:
    """The order, newest first. What is rare is sorted by an expression, which no index has: its words find it."""
    return (ID + 0).desc() if rare else ID.desc()


def among(one: Any, packed: BindParameter[Any]) -> ColumnElement[bool]:
    """The condition that a column has one of these numbers."""
    return one == any_(cast(packed, ARRAY(Integer)))  # type: ignore[no-any-return]  # a column's


def pack(ids: Collection[int]) -> list[int]:
    """Numbers as one argument."""
    return list(ids)


def holds(expression: str | BindParameter[str]) -> ColumnElement[bool]:
    """The condition that an entry fits an expression, as it is `written`."""
    return FTS.c.words.op("@@", is_comparison=True)(cast(expression, TSQUERY))


def written(expression: Expression) -> str:
    """The expression in the language of tsquery."""
    match expression:
        case Word(word, prefix):
            return f"'{word}':*" if prefix else f"'{word}'"
        case Phrase(words):
            return "(" + " <-> ".join(f"'{word}'" for word in words) + ")"
        case All(parts):
            return "(" + " & ".join(map(written, parts)) + ")"
        case AnyOf(parts):
            return "(" + " | ".join(map(written, parts)) + ")"
        case Without(wanted, unwanted):
            return f"({written(wanted)} & !{written(unwanted)})"
