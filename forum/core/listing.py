"""Lists that page by keyset: the cost of a page does not depend on how far down it is."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, literal, tuple_

from forum.core.errors import NotFound

T = TypeVar("T")
PAGE = 20


@dataclass(frozen=True)
class Listing(Generic[T]):
    """One page of a list. `older` is the cursor of the next page, or None at the end."""

    rows: Sequence[T]
    older: str | None = None
    first: bool = True


def encode_cursor(values: Sequence[Any]) -> str:
    """A cursor that fits in a URL."""
    plain = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, columns: Sequence[Any]) -> list[Any]:
    """The values in a cursor. Raises NotFound for one that we did not make."""
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if len(values) != len(columns):
            raise ValueError("other order")
        parsed = []
        for value, column in zip(values, columns, strict=True):
            kind = column.type.python_type
            if kind is datetime:
                parsed.append(datetime.fromisoformat(value))
            elif type(value) is kind and (kind is not int or abs(value) < 2**63):
                parsed.append(value)
            else:
                raise ValueError("other type")
    except (ValueError, TypeError, AttributeError) as error:
        raise NotFound from error
    return parsed


def keyset(
    query: Select[*tuple[Any, ...]],
    columns: Sequence[Any],
    cursor: str | None,
    *,
    session: Any,
    ascending: bool = False,
    limit: int = PAGE,
    shape: Callable[[Any], Any] = lambda row: row,
    key: Callable[[Any], Sequence[Any]],
) -> Listing[Any]:
    """Run `query` ordered by `columns` (the last a unique tie-breaker) from `cursor` on; one SELECT.

    `key(row)` gives the values of `columns` for a row; `shape(row)` what the page gets.
    """
    found = session.execute(page_of(query, columns, cursor, ascending=ascending, limit=limit)).all()
    return listing_of(found, limit, shape, key, first=not cursor)


def page_of(
    query: Select[*tuple[Any, ...]],
    columns: Sequence[Any],
    cursor: str | None,
    *,
    ascending: bool = False,
    limit: int = PAGE,
) -> Select[*tuple[Any, ...]]:
    """SELECT of one page, and of one row more that tells whether there is another, as `keyset` has it."""
    if cursor:
        # The values go in typed as their columns are, so that both engines compare moments as moments.
        values = [
            literal(value, column.type)
            for value, column in zip(decode_cursor(cursor, columns), columns, strict=True)
        ]
        left, right = tuple_(*columns), tuple_(*values)
        query = query.where(left > right if ascending else left < right)
    order = (column.asc() if ascending else column.desc() for column in columns)
    return query.order_by(*order).limit(limit + 1)


def listing_of(
    found: Sequence[Any],
    limit: int,
    shape: Callable[[Any], Any],
    key: Callable[[Any], Sequence[Any]],
    *,
    first: bool = True,
) -> Listing[Any]:
    """The page of what was found, which is one row more than fit where there is another page."""
    older = encode_cursor(key(found[limit - 1])) if len(found) > limit else None
    return Listing([shape(row) for row in found[:limit]], older, first)
