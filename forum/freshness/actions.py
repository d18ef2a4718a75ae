"""Keeping records fresh: counted from the day they are written, confirmed with one press, ended."""

from __future__ import annotations

from sqlalchemy import Select, delete, select, update

from forum.accounts.models import Person
from forum.core import clock
from forum.core.db import db, lock, write
from forum.core.errors import Forbidden, Invalid
from forum.core.events import publish
from forum.core.i18n import gettext as _
from forum.core.jobs import enqueue
from forum.freshness import policy
from forum.freshness.events import RecordConfirmed, RecordEnded
from forum.freshness.models import MONTHS, Freshness, Handover
from forum.posts.events import PostEdited, PostPublished
from forum.posts.models import Post, Revision


def keep_post(post: Post, *, by: Person | None = None) -> Freshness:
    """Count a case or guide as fresh from today on, as `by` has just looked at it. Inside `write()`."""
    kept = db.session.scalars(select(Freshness).where(Freshness.post_id == post.id)).one_or_none()
    if kept is None:
        kept = Freshness(kind=post.kind, post_id=post.id, owner_id=post.author_id)
        db.session.add(kept)
    return _fresh(kept, by)


def keep_answer(answer_id: int, author_id: int) -> None:
    """Look after an answer from the day on which it is accepted. Inside `write()`."""
    if db.session.scalar(select(Freshness.id).where(Freshness.answer_id == answer_id)) is None:
        kept = Freshness(kind="answer", answer_id=answer_id, owner_id=author_id)
        db.session.add(kept)
        _fresh(kept, None)


def refresh_answer(answer_id: int) -> None:
    """Its author has just brought it up to date. Inside `write()`."""
    kept = db.session.scalars(select(Freshness).where(Freshness.answer_id == answer_id)).one_or_none()
    if kept is not None:
        _fresh(kept, kept.owner)


def forget_answers(answer_ids: Select[int]) -> None:
    """These are accepted no more. Inside `write()`."""
    db.session.execute(delete(Freshness).where(Freshness.answer_id.in_(answer_ids)))


def _fresh(kept: Freshness, by: Person | None) -> Freshness:
    today = clock.today()
    kept.confirmed_by_id = by.id if by else None
    kept.confirmed_on, kept.review_by = today, clock.months_after(today, MONTHS[kept.kind])
    kept.asked_at = kept.ended_on = None
    db.session.flush()
    return kept


def entrust(kept: Freshness, owner_id: int) -> None:
    """Let who said it answer for what another wrote up; they are asked whether it is right. Inside `write()`."""
    kept.owner_id, kept.confirmed_by_id, kept.asked_at = owner_id, None, clock.now()


def hand_over(actor: Person, kept: Freshness, to: Person) -> None:
    """Let another member answer for it; they are told, and asked whether it is right. Raises Forbidden, Invalid."""
    with write() as session:
        _require(actor, kept)
        if not policy.may_answer_for(to, kept.kind):
            raise Invalid({"to": _("Curators answer for guides: they can bring them up to date.")})
        if to.id == kept.owner_id:
            raise Invalid({"to": _("%(name)s answers for it already.") % {"name": to.name}})
        handover = Handover(freshness_id=kept.id, from_id=kept.owner_id, to_id=to.id, by_id=actor.id)
        session.add(handover)
        kept.owner_id, kept.asked_at = to.id, clock.now()
        session.flush()
        enqueue("tell_owner", {"handover": handover.id}, key=f"handover:{handover.id}")


def confirm(actor: Person, kept: Freshness) -> None:
    """Say that it still holds. Raises Forbidden."""
    with write():
        _require(actor, kept)
        _fresh(kept, actor)
        if kept.post_id is not None:
            publish(RecordConfirmed(kept.kind, kept.post_id, actor.id))


def end(actor: Person, kept: Freshness) -> None:
    """Say that it holds no more: its page says so, and it is found after others. Raises Forbidden."""
    with write():
        _require(actor, kept)
        kept.ended_on, kept.asked_at = clock.today(), None
        if kept.post_id is not None:
            publish(RecordEnded(kept.kind, kept.post_id, actor.id))


def stop(post: Post) -> None:
    """It is not looked after any more, and nobody is asked about it. Inside `write()`."""
    ended = update(Freshness).where(Freshness.post_id == post.id, Freshness.ended_on.is_(None))
    db.session.execute(ended.values(ended_on=clock.today(), asked_at=None))


def _require(actor: Person, kept: Freshness) -> None:
    lock(kept)
    if not policy.may_confirm(actor, kept.owner_id):
        raise Forbidden(_("Who wrote it, and curators, say whether it still holds."))


def post_published(event: PostPublished) -> None:
    """A case is fresh on the day it is shared; a guide once it is reviewed, which its own room says."""
    if event.kind == "case":
        keep_post(db.session.get_one(Post, event.post_id))


def post_edited(event: PostEdited) -> None:
    """Who answers for a case and saves it has looked at it. A guide is looked at by two: saving it is not enough."""
    kept = db.session.scalars(select(Freshness).where(Freshness.post_id == event.post_id)).one_or_none()
    if kept is None or kept.kind != "case" or kept.ended_on:
        return
    editor_id = db.session.scalars(
        select(Revision.editor_id)
        .where(Revision.post_id == event.post_id)
        .order_by(Revision.version.desc())
        .limit(1)
    ).one()
    if editor_id == kept.owner_id:
        _fresh(kept, kept.owner)
