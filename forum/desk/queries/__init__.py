"""The curators' desk: what waits for somebody, in order of need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, select

from forum.accounts.models import Person
from forum.core import clock
from forum.core.changes import last_change
from forum.core.db import db
from forum.core.i18n import gettext as _
from forum.desk.models import DeskItem, DeskNote
from forum.desk.queries.queues import QUEUES, Note, Work

# Of each queue on the desk; a page of its own has more.
FEW, MANY = 5, 100
# Badges count what others wait for; a gap waits for nobody.
COUNTED = tuple(key for key in QUEUES if key not in ("gaps", "services"))


@dataclass(frozen=True)
class QueueView:
    """A queue with its first pieces of work."""

    key: str
    title: str
    none: str
    n: int
    work: Sequence[Work]
    more: str
    may_be_put_aside: bool


@dataclass(frozen=True)
class Desk:
    """The desk. `done`: the queues with nothing in them, by name."""

    queues: Sequence[QueueView]
    done: Sequence[QueueView]


def desk(actor: Person) -> Desk:
    """All queues. Some thirty statements, whatever is in them."""
    views = [_view(actor, key, FEW) for key in QUEUES]
    return Desk([view for view in views if view.n], [view for view in views if not view.n])


def one_queue(actor: Person, key: str) -> QueueView:
    """One queue, with the first hundred pieces of work."""
    return _view(actor, key, MANY)


# (database, person) -> the last change, the day, and how many pieces of work there were.
_counted: WeakKeyDictionary[Engine, dict[int, tuple[int, date, int]]] = WeakKeyDictionary()


def n_waiting(actor: Person) -> int:
    """How many pieces of work wait for curators. It stands on each of their pages, and is counted when things change.

    A statement a queue, then none until something does.
    """
    number, today = last_change(), clock.today()
    counted = _counted.setdefault(db.engine, {})
    known = counted.get(actor.id)
    if known is not None and known[:2] == (number, today):
        return known[2]
    n = sum(QUEUES[key].count(actor) for key in COUNTED)
    if number is not None:
        counted[actor.id] = number, today, n
    return n


def _view(actor: Person, key: str, limit: int) -> QueueView:
    queue = QUEUES[key]
    work = queue.found(actor, limit)
    n = len(work) if len(work) < limit else queue.count(actor)
    return QueueView(
        key,
        _(queue.title),
        _(queue.none),
        n,
        _told(actor, key, work),
        queue.more or f"/curate/desk/{key}",
        queue.may_be_put_aside,
    )


def _told(actor: Person, key: str, work: Sequence[Work]) -> list[Work]:
    """The same work, with who has taken it, and the notes. Two statements, none where there is no work."""
    if not work:
        return []
    ids = [each.id for each in work]
    taken = {
        row.item_id: row
        for row in db.session.execute(
            select(DeskItem.item_id, DeskItem.taken_by_id, Person.name)
            .join(Person, Person.id == DeskItem.taken_by_id)
            .where(DeskItem.queue == key, DeskItem.item_id.in_(ids))
        )
    }
    notes: dict[int, list[Note]] = {}
    for row in db.session.execute(
        select(DeskNote.item_id, DeskNote.body, DeskNote.created_at, Person.name)
        .join(Person, Person.id == DeskNote.author_id)
        .where(DeskNote.queue == key, DeskNote.item_id.in_(ids))
        .order_by(DeskNote.id)
    ):
        notes.setdefault(row.item_id, []).append(Note(row.body, row.name, row.created_at))
    return [
        replace(
            each,
            taken_by=taken[each.id].name if each.id in taken else "",
            mine=each.id in taken and taken[each.id].taken_by_id == actor.id,
            notes=notes.get(each.id, ()),
        )
        for each in work
    ]
