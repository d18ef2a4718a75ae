"""Lists of posts of any kinds, newest or most useful first; those with facets are in `catalogue`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, select, union_all

from forum.accounts.models import PEOPLE, Person
from forum.core.changes import kept, note
from forum.core.db import db
from forum.core.listing import PAGE, Listing, keyset, listing_of, page_of
from forum.core.rows import Prepared
from forum.posts import policy
from forum.posts.models import KINDS, ORDERS, POSTS, Post
from forum.posts.queries import PostRow, about_service, as_rows, in_place, rows_query
from forum.topics.models import SERVICES


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed by; blank means not at all. `place` is a country ("US") or region ("US-MN")."""

    service: str = ""
    place: str = ""
    kind: str = ""


def listing(
    actor: Person | None,
    kinds: Iterable[str],
    filters: Filters = Filters(),  # frozen
    *,
    sort: str = "newest",
    cursor: str | None = None,
    where: Sequence[ColumnElement[bool]] = (),
    limit: int = PAGE,
) -> Listing[PostRow]:
    """One page of posts, newest or most useful first. Two statements; none where visitors read the first page again."""
    by = "n_useful" if sort == "useful" else "created_at"

    def key(row: Any) -> tuple[Any, ...]:
        return getattr(row, by), row.id

    kinds = tuple(kinds)
    if (actor is None or not actor.id) and not (filters.place or where or cursor) and limit == PAGE:
        about = {"service": filters.service} if filters.service else {}
        return kept(
            ("first page", kinds, by, filters.service),
            lambda: _shown(listing_of(_first_page(kinds, by, *about)(**about), PAGE, lambda row: row, key)),
        )
    query = _narrowed(rows_query(kinds).where(*where), filters)
    columns = (getattr(Post, by), Post.id)
    if actor is None:
        query = query.where(policy.seen_by(None))
    else:
        ids = query.with_only_columns(Post.id) if where else _narrowed(_of_kinds(kinds), filters)
        # What everybody sees stands in an index in this order, and the rest is little. Asked for both together, the
        # database would read and sort all there is.
        rest = and_(Post.state.in_(("draft", "hidden")), policy.seen_by(actor))
        pages = [
            page_of(ids.where(part), columns, cursor, limit=limit).subquery()
            for part in (Post.state == "visible", rest)
        ]
        query = rows_query(kinds).where(Post.id.in_(union_all(*(select(page.c.id) for page in pages))))
    return _shown(keyset(query, columns, cursor, session=db.session, limit=limit, key=key))


def _of_kinds(kinds: Collection[str]) -> Select[int]:
    ids = select(Post.id)
    return ids if {*kinds} == {*KINDS.keys} else ids.where(Post.kind.in_(kinds))


def _narrowed(query: Select[*tuple[Any, ...]], filters: Filters) -> Select[*tuple[Any, ...]]:
    if filters.service:
        query = query.where(about_service(filters.service))
    return query.where(in_place(filters.place)) if filters.place else query


def _shown(found: Listing[Any]) -> Listing[PostRow]:
    note(POSTS, ORDERS, PEOPLE, SERVICES)
    return Listing(tuple(as_rows(found.rows)), found.older, found.first)


@cache
def _first_page(kinds: tuple[str, ...], by: str, about: str = "") -> Prepared:
    """What visitors ask for most: of all of these kinds, or of those that are `about` ("service") something."""
    newest = (getattr(Post, by).desc(), Post.id.desc())
    where = [about_service(bindparam(about))] if about else []
    return Prepared(
        lambda: rows_query(kinds).where(policy.seen_by(None), *where).order_by(*newest).limit(PAGE + 1)
    )
