"""What curators keep and look through: synonyms, and searches that found nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from forum.core.db import db
from forum.core.errors import NotFound
from forum.core.listing import Listing, keyset
from forum.search.models import Gap, Synonyms


@dataclass(frozen=True)
class GapRow:
    """Words that were looked for in vain, how often, and when last."""

    id: int
    words: str
    times: int
    last_at: datetime


def synonyms() -> Sequence[Synonyms]:
    """All groups of words, by their first."""
    return db.session.scalars(select(Synonyms).order_by(Synonyms.terms)).all()


def synonyms_by_id(group_id: int) -> Synonyms:
    """One group. Raises NotFound."""
    found = db.session.get(Synonyms, group_id)
    if found is None:
        raise NotFound
    return found


def gaps(cursor: str | None) -> Listing[GapRow]:
    """One page of gaps, those that were asked for most often first."""
    order: tuple[Any, ...] = (Gap.times, Gap.id)
    return keyset(
        select(Gap.id, Gap.words, Gap.times, Gap.last_at),
        order,
        cursor,
        session=db.session,
        key=lambda row: (row.times, row.id),
        shape=lambda row: GapRow(**row._mapping),
    )
