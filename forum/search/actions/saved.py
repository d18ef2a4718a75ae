"""Keeping an eye on a search or a list."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit

from sqlalchemy import func, select

from forum.accounts.models import Person
from forum.core import clock
from forum.core.db import db, write
from forum.core.errors import Invalid
from forum.core.i18n import gettext as _
from forum.core.rows import insert_once
from forum.core.text import fold
from forum.search.models import LONGEST_SAVED, SavedSearch
from forum.search.queries import saved as queries

# Enough for all services of a small town; the page that shows what is new reads each of them.
MOST_SAVED = 30


def save_search(actor: Person, address: str, name: str) -> None:
    """Keep the list or search at this address. Kept already, nothing changes. Raises Invalid, NotFound."""
    path = _normal(address)
    name = fold(name)[:160] or path
    with write() as session:
        queries.newest(actor, path)
        n = session.scalar(
            select(func.count()).select_from(SavedSearch).where(SavedSearch.person_id == actor.id)
        )
        if n is not None and n >= MOST_SAVED:
            raise Invalid({"": _("You keep an eye on %(n)d lists already. Remove one first.") % {"n": n}})
        insert_once(SavedSearch, person_id=actor.id, path=path, name=name, looked_at=clock.now())


def _normal(address: str) -> str:
    """The address without order and page, which are of the moment. Raises Invalid for one that is too long."""
    parts = urlsplit(address)
    kept = [(name, value) for name, value in parse_qsl(parts.query) if name not in ("sort", "after")]
    path = f"{parts.path}?{urlencode(kept)}" if kept else parts.path
    if len(path) > LONGEST_SAVED:
        raise Invalid({"": _("This search is too long to be kept.")})
    return path


def look_at(actor: Person, saved_id: int) -> str:
    """Note that they look at it now; returns where it stands. Raises NotFound."""
    with write():
        saved = queries.saved_by_id(actor, saved_id)
        saved.looked_at = clock.now()
        return saved.path


def forget_search(actor: Person, saved_id: int) -> None:
    """Keep an eye on it no more. Raises NotFound."""
    with write():
        db.session.delete(queries.saved_by_id(actor, saved_id))
