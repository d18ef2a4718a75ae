"""What curators keep: words that mean the same. And what searches leave behind: words that found nothing."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, select

from forum.accounts.models import Person
from forum.core import clock
from forum.core.db import db, write
from forum.core.errors import Forbidden, Invalid
from forum.core.i18n import gettext as _
from forum.core.rows import insert_once
from forum.core.text import fold
from forum.core.words import terms
from forum.posts.policy import may_curate
from forum.search.models import LONGEST_GAP, Gap, Synonyms

# Gaps are kept up to here; then those that nobody asked for again longest make room.
MOST_GAPS = 2_000


def add_synonyms(actor: Person, line: str) -> Synonyms:
    """Say that these words, separated by commas, mean the same. Raises Forbidden, Invalid."""
    with write() as session:
        _ask(actor)
        group = Synonyms(terms=_checked(line))
        session.add(group)
    return group


def change_synonyms(actor: Person, group: Synonyms, line: str) -> None:
    """Put other words in their place. Raises Forbidden, Invalid."""
    with write():
        _ask(actor)
        group.terms = _checked(line, group.id)


def remove_synonyms(actor: Person, group: Synonyms) -> None:
    """They do not mean the same any more. Raises Forbidden."""
    with write() as session:
        _ask(actor)
        session.delete(group)


def load_synonyms(lines: Iterable[str]) -> int:
    """Start with these groups of words, where there are none yet; returns how many there are now."""
    with write() as session:
        if session.scalar(select(Synonyms.id).limit(1)) is None:
            session.add_all(Synonyms(terms=_checked(line)) for line in lines)
        session.flush()
        return len(session.scalars(select(Synonyms.id)).all())


def note_gap(words: str) -> None:
    """Count one more search that found nothing. Who it was is not kept."""
    words = fold(words)[:LONGEST_GAP].lower()
    if not words:
        return
    with write() as session:
        if not insert_once(Gap, words=words, times=1, last_at=clock.now()):
            gap = session.scalars(select(Gap).where(Gap.words == words)).one()
            gap.times, gap.last_at = Gap.times + 1, clock.now()
        kept = select(Gap.id).order_by(Gap.last_at.desc()).limit(MOST_GAPS)
        session.execute(delete(Gap).where(Gap.id.not_in(kept)))


def close_gap(actor: Person, gap_id: int) -> None:
    """Take a gap off the list: it was filled, or never was one. Raises Forbidden."""
    with write() as session:
        _ask(actor)
        session.execute(delete(Gap).where(Gap.id == gap_id))


def _ask(actor: Person) -> None:
    if not may_curate(actor):
        raise Forbidden(_("Curators keep the synonyms."))


def _checked(line: str, own_id: int | None = None) -> str:
    """The words as they are kept. Raises Invalid for fewer than two, and for a group that is there already."""
    words = list(dict.fromkeys(part for one in line.split(",") if (part := fold(one))))
    if len({tuple(terms(word)) for word in words} - {()}) < 2:
        raise Invalid({"terms": _("Enter at least two words, separated by commas.")})
    joined = ", ".join(words)
    same = select(Synonyms.id).where(Synonyms.terms == joined)
    if own_id is not None:
        same = same.where(Synonyms.id != own_id)
    if db.session.scalar(same) is not None:
        raise Invalid({"terms": _("These words are in the list already.")})
    return joined
