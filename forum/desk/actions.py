"""Sharing the work on the desk: take it, hand it back, note something, put it aside."""

from __future__ import annotations

from forum.accounts.models import Person
from forum.core import clock
from forum.core.db import db, write
from forum.core.errors import Forbidden, NotFound
from forum.core.i18n import gettext as _
from forum.desk.models import DeskItem, DeskNote
from forum.desk.queries.queues import QUEUES
from forum.posts.policy import may_curate


def take_item(actor: Person, queue: str, item_id: int) -> None:
    """Say that one is at it. Raises Forbidden where another curator is."""
    with write():
        item = _item(actor, queue, item_id)
        if item.taken_by_id not in (None, actor.id):
            raise Forbidden(_("Somebody else has taken this. Ask them, or wait until they hand it back."))
        item.taken_by_id, item.taken_at = actor.id, clock.now()


def hand_back(actor: Person, queue: str, item_id: int) -> None:
    """Leave it to the others again; a moderator may hand back for somebody who is away."""
    with write():
        item = _item(actor, queue, item_id)
        if item.taken_by_id not in (None, actor.id) and not actor.admits("moderator"):
            raise Forbidden(_("Somebody else has taken this. Ask them, or wait until they hand it back."))
        item.taken_by_id = item.taken_at = None


def note(actor: Person, queue: str, item_id: int, body: str) -> None:
    """Tell the others something about it."""
    with write() as session:
        _item(actor, queue, item_id)
        session.add(DeskNote(queue=queue, item_id=item_id, author_id=actor.id, body=body))


def put_aside(actor: Person, queue: str, item_id: int, reason: str) -> None:
    """Take it off the desk for good, without doing it. Raises NotFound where only doing it takes it off."""
    if not QUEUES[queue].may_be_put_aside:
        raise NotFound
    with write() as session:
        item = _item(actor, queue, item_id)
        item.aside_at = clock.now()
        session.add(DeskNote(queue=queue, item_id=item_id, author_id=actor.id, body=reason))


def _item(actor: Person, queue: str, item_id: int) -> DeskItem:
    """The row of a piece of work, made where there is none yet. Inside `write()`."""
    if not may_curate(actor):
        raise Forbidden(_("The desk is for curators."))
    if queue not in QUEUES:
        raise NotFound
    item = db.session.get(DeskItem, (queue, item_id), with_for_update=True)
    if item is None:
        item = DeskItem(queue=queue, item_id=item_id)
        db.session.add(item)
        db.session.flush()
    return item
