"""Searches and lists that a person keeps an eye on, and what is new in them since the last look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import select

from forum.accounts.models import Person
from forum.core.db import db
from forum.core.errors import NotFound
from forum.posts.models import FOLDERS
from forum.posts.queries import PostRow
from forum.posts.queries.catalogue import FACET_SOURCES, filtered
from forum.search.models import SavedSearch
from forum.search.queries.results import PAGE, search_at

LISTS = {f"/{FOLDERS[kind]}/": kind for kind in FACET_SOURCES}
SHOWN = 3


@dataclass(frozen=True)
class Watched:
    """A saved search. `n_new` counts up to a page; `more` says that there may be others."""

    id: int
    name: str
    path: str
    looked_at: datetime
    n_new: int
    more: bool
    newest: Sequence[PostRow]


def newest(actor: Person | None, path: str) -> Sequence[PostRow]:
    """The newest page of what stands at the address of a list or a search. Raises NotFound for another address."""
    parts = urlsplit(path)
    args = {name: tuple(values) for name, values in parse_qs(parts.query).items()}
    if parts.path in LISTS:
        return filtered(LISTS[parts.path], args).posts.rows
    if parts.path == "/search":
        return newest_found(actor, args)
    raise NotFound


def newest_found(actor: Person | None, args: Mapping[str, Sequence[str]]) -> Sequence[PostRow]:
    """The newest posts of a search with the arguments of its page."""
    return [row.post for row in search_at(actor, args, sort="newest").rows]


def watched(actor: Person) -> list[Watched]:
    """What this person keeps an eye on, oldest first, each with what is new. A few statements for each."""
    kept = db.session.scalars(
        select(SavedSearch).where(SavedSearch.person_id == actor.id).order_by(SavedSearch.id)
    ).all()
    result = []
    for saved in kept:
        rows = newest(actor, saved.path)
        new = [row for row in rows if row.created_at > saved.looked_at]
        result.append(
            Watched(
                saved.id,
                saved.name,
                saved.path,
                saved.looked_at,
                len(new),
                len(new) == PAGE,
                new[:SHOWN],
            )
        )
    return result


def saved_by_id(actor: Person, saved_id: int) -> SavedSearch:
    """One of one's own. Raises NotFound, also for somebody else's."""
    found = db.session.scalars(
        select(SavedSearch).where(SavedSearch.id == saved_id, SavedSearch.person_id == actor.id)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found
