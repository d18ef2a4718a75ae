"""Writing guides, and taking them from a draft to their readers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import ColumnElement, select, update

from forum.accounts.models import Person
from forum.core import clock, once
from forum.core.db import db, lock, write
from forum.core.errors import EditConflict, Forbidden, Invalid
from forum.core.events import publish as announce
from forum.core.i18n import gettext as _
from forum.core.jobs import enqueue
from forum.core.shapes import as_typed, load
from forum.freshness import actions as freshness
from forum.freshness.events import RecordConfirmed, RecordEnded
from forum.freshness.models import MONTHS
from forum.guides import policy
from forum.guides.events import GuidePublished
from forum.guides.forms import GuideShape
from forum.guides.models import Guide, GuideItem, GuideProposal, GuideStep
from forum.links.events import LinkChecked
from forum.links.models import LinkUse
from forum.posts import actions as posts
from forum.posts.actions import Text, rendered
from forum.posts.events import ItemHidden, PostEdited, PostPublished
from forum.posts.models import Post
from forum.posts.policy import may_curate
from forum.posts.queries import current_record
from forum.posts.queries.targets import ids_of_refs, targets_of


def write_guide(
    actor: Person,
    record: Mapping[str, Any],
    *,
    slug: str = "",
    publish: bool = False,
    reviewer: Person | None = None,
    origin_question_id: int | None = None,
    key: str = "",
) -> Guide:
    """Store a guide: a draft (DraftShape), or published at once (GuideShape), reviewed by another than its author.

    Once for each `key`. Raises Forbidden, and Invalid (at "items-3-ref") for an item that points to nothing.
    """
    intro, notes = _rendered(record)
    with write() as session:
        if made := once.claim(key):
            return session.get_one(Guide, made)
        _ask(actor)
        guide = Guide(
            author_id=actor.id, state="draft", guide_state="draft", origin_question_id=origin_question_id
        )
        _put(actor, guide, record, intro, notes)
        if publish:
            _publish(guide, actor, reviewer)
        posts.publish_new(guide, record, slug=slug)
        if publish:
            _tell(guide, reviewer or actor)
        once.note(key, guide.id)
    return guide


def edit_guide(actor: Person, guide: Guide, record: Mapping[str, Any], opened_at: int | None) -> None:
    """Save a new version. Raises Forbidden, Invalid, and EditConflict with the record that now stands."""
    intro, notes = _rendered(record)
    with write():
        _ask(actor)
        posts.check_version(guide, opened_at)
        if posts.plain(record) != current_record(guide):
            _put(actor, guide, record, intro, notes)
            posts.save_version(guide, actor, record)


def change_guide(
    actor: Person, guide: Guide, record: Mapping[str, Any], opened_at: int | None, proposed: int
) -> bool:
    """Save a draft; of a guide that has readers, propose the change. True where it is live already.

    `proposed` is the number of the proposal that was gone on from, 0 for none. Raises as edit_guide does.
    """
    if policy.may_change_at_once(actor, guide):
        with write():
            pending = _pending(guide, proposed)
            edit_guide(actor, guide, record, opened_at)
            if pending:
                db.session.delete(pending)
        return True
    _rendered(record)
    with write() as session:
        _ask(actor)
        posts.check_version(guide, opened_at)
        pending = _pending(guide, proposed)
        _targets_of_all(actor, guide, record.get("items", []))
        plain = posts.plain(record)
        if plain != current_record(guide):
            pending = pending or GuideProposal(guide_id=guide.id, number=0)
            pending.author_id, pending.record, pending.version = actor.id, plain, guide.version
            pending.number += 1
            pending.saved_at = clock.now()
            session.add(pending)
        elif pending:
            session.delete(pending)
    return False


def publish_change(actor: Person, guide: Guide, proposed: int, note: str = "") -> None:
    """Make a guide what was proposed (its number), which counts as a review of all of it. Raises Forbidden, Invalid."""
    pending = db.session.get(GuideProposal, guide.id)
    intro, notes = _rendered(pending.record if pending else {})
    with write() as session:
        lock(guide)
        pending = _still(guide, proposed)
        if not may_curate(actor) or not policy.may_publish_guide(pending.author, actor):
            raise Forbidden(_("Another curator has to review this change before it is published."))
        if pending.version != guide.version:
            raise Forbidden(_("The guide was changed meanwhile. Edit the proposal and save it again."))
        _put(pending.author, guide, pending.record, intro, notes)
        posts.save_version(guide, pending.author, pending.record)
        session.delete(pending)
        state = guide.state
        _publish(guide, pending.author, actor)
        guide.state = state
        _note(guide, actor.id, "change", "published", note, tell=pending.author_id)
        _tell(guide, actor)


def drop_change(actor: Person, guide: Guide, note: str) -> None:
    """Put a proposed change aside: one's own, or another's with the reason. Raises Forbidden, Invalid."""
    with write() as session:
        _ask(actor)
        lock(guide)
        pending = session.get(GuideProposal, guide.id)
        if pending is None:
            raise Forbidden(_refused(guide, "drop"))
        if not note and pending.author_id != actor.id:
            raise Invalid({"reason": _("Say why, for who proposed it.")})
        session.delete(pending)
        _note(guide, actor.id, "drop", guide.guide_state, note, tell=pending.author_id)


def _pending(guide: Guide, proposed: int) -> GuideProposal | None:
    """What is proposed. Raises EditConflict where somebody has proposed something since."""
    pending = db.session.get(GuideProposal, guide.id)
    if pending and pending.number != proposed:
        raise EditConflict(pending.record, pending.author.name)
    return pending


def _still(guide: Guide, proposed: int) -> GuideProposal:
    pending = db.session.get(GuideProposal, guide.id)
    if pending is None or pending.number != proposed or guide.guide_state == "archived":
        raise Forbidden(_refused(guide, "change"))
    return pending


def take_step(actor: Person, guide: Guide, key: str, note: str = "") -> None:
    """Take a guide one step on (policy.STEPS), with a note for whoever has it next.

    Raises Forbidden, and Invalid where a remark says nothing, or where a guide goes to its readers unfinished.
    """
    step = policy.STEPS.get(key)
    with write():
        lock(guide)
        if step is None or not policy.may_take_step(actor, guide, step):
            raise Forbidden(_refused(guide, key))
        if not note and key in ("return", "remark"):
            raise Invalid(
                {"note": _("Say what should change.") if key == "return" else _("Write the remark first.")}
            )
        if step.after in ("in_review", "published"):
            load(GuideShape(), as_typed(current_record(guide)))
        first_time = key == "publish" and guide.published_on is None
        if key == "publish":
            _publish(guide, guide.author, actor)
        if first_time:
            # It is new to its readers now, however long it was a draft.
            guide.created_at = guide.last_activity_at = clock.now()
        _note(
            guide,
            actor.id,
            key,
            guide.guide_state if key == "publish" else step.after or _back(guide, key),
            note,
        )
        if first_time:
            announce(PostPublished(guide.id, guide.kind))
        if key == "publish":
            _tell(guide, actor)
        elif key == "archive":
            freshness.stop(guide)


def _tell(guide: Guide, reviewer: Person) -> None:
    """A guide was reviewed, and is fresh for a year."""
    freshness.keep_post(guide, by=reviewer)
    _mark_items(GuideItem.guide_id == guide.id, changed=False)
    announce(GuidePublished(guide.id, reviewer.id))


def record_confirmed(event: RecordConfirmed) -> None:
    """Somebody looked at a guide that was due, and it needs no refresh."""
    if event.kind == "guide":
        guide = db.session.get_one(Guide, event.post_id)
        guide.review_due = clock.months_after(clock.today(), MONTHS["guide"])
        _mark_items(GuideItem.guide_id == guide.id, changed=False)
        if guide.guide_state == "needs_refresh":
            _note(guide, event.person_id, "confirm", "published")


def record_ended(event: RecordEnded) -> None:
    """A guide that holds no more is archived."""
    if event.kind == "guide":
        guide = db.session.get_one(Guide, event.post_id)
        if guide.guide_state != "archived":
            _note(guide, event.person_id, "archive", "archived")


def refresh_due(_payload: Mapping[str, Any]) -> None:
    """Guides that nobody has looked at for a year need a refresh."""
    with write():
        _need_refresh(Guide.review_due <= clock.today())


def link_checked(event: LinkChecked) -> None:
    """Guides that point to a link which has just been found broken need a refresh."""
    if event.state == "broken" != event.before:
        _need_refresh(Guide.post_id.in_(select(LinkUse.post_id).where(LinkUse.link_id == event.link_id)))


def post_edited(event: PostEdited) -> None:
    """Guides show something else now than when they were reviewed."""
    _mark_items(GuideItem.post_id == event.post_id)


class AnswerChanged(Protocol):
    """What befell an answer. The questions stand beside this room: their events are known by what they hold."""

    @property
    def answer_id(self) -> int: ...


def answer_changed(event: AnswerChanged) -> None:
    """The same for an answer that was edited or deleted."""
    _mark_items(GuideItem.answer_id == event.answer_id)


def item_hidden(event: ItemHidden) -> None:
    """Guides have a gap where a moderator took something out of sight."""
    if event.kind != "comment":
        _mark_items((GuideItem.answer_id if event.kind == "answer" else GuideItem.post_id) == event.id)


def _mark_items(which: ColumnElement[bool], *, changed: bool = True) -> None:
    """Note that these items are others than those that were reviewed; or that somebody has looked at them."""
    db.session.execute(update(GuideItem).where(which).values(changed_at=clock.now() if changed else None))


def _need_refresh(which: ColumnElement[bool]) -> None:
    guides = select(Guide).where(Guide.guide_state == "published", which)
    for guide in db.session.scalars(guides.with_for_update(of=Post)):
        guide.guide_state = "needs_refresh"
        posts.catalogue(guide)


def _note(
    guide: Guide, actor_id: int, step: str, state: str, note: str = "", *, tell: int | None = None
) -> None:
    """Bring a guide into a state, keep who did it, and tell its author, or who `tell` names."""
    guide.guide_state = state
    taken = GuideStep(
        guide_id=guide.id, actor_id=actor_id, step=step, state=state, version=guide.version, note=note
    )
    db.session.add(taken)
    db.session.flush()
    posts.catalogue(guide)
    told = tell or guide.author_id
    if actor_id != told:
        enqueue("tell_author", {"step": taken.id, "person": told}, key=f"guide-step:{taken.id}")


def _refused(guide: Guide, key: str) -> str:
    if key == "publish" and guide.guide_state == "in_review":
        return _("Another curator has to review this guide before it is published.")
    return _("This guide has moved on meanwhile. Look at it again.")


def _back(guide: Guide, key: str) -> str:
    """Where a guide goes that was not published: to where it came from."""
    if key == "remark":
        return guide.guide_state
    return "needs_refresh" if guide.published_on else "draft"


def _ask(actor: Person) -> None:
    if not may_curate(actor):
        raise Forbidden(_("Curators write the guides. Say what is missing in a comment."))


def _rendered(record: Mapping[str, Any]) -> tuple[Text, list[Text]]:
    """The opening, and the note of each item."""
    notes = [
        rendered(item.get("note", ""), f"items-{index}-note", scope=f"item{index}")
        for index, item in enumerate(record.get("items", []))
    ]
    return rendered(record.get("intro", ""), "intro"), notes


def _put(actor: Person, guide: Guide, record: Mapping[str, Any], intro: Text, notes: Sequence[Text]) -> None:
    """Make the guide what the record says."""
    guide.title = record["title"]
    guide.summary = record.get("answers", "")
    intro.put_on(guide)
    guide.takeaways = record.get("takeaways", [])
    guide.gaps = record.get("gaps", "")
    guide.themes = record.get("themes", [])
    guide.stage = record.get("stage", [])
    posts.set_services(guide, record.get("services", []))
    _put_items(actor, guide, record.get("items", []), notes)


def _put_items(
    actor: Person, guide: Guide, items: Sequence[Mapping[str, Any]], notes: Sequence[Text]
) -> None:
    targets = _targets_of_all(actor, guide, items)
    changed = {(item.post_id, item.answer_id): item.changed_at for item in guide.items}
    for index, (entry, note) in enumerate(zip(items, notes, strict=True)):
        if index == len(guide.items):
            guide.items.append(GuideItem(position=index))
        item = guide.items[index]
        item.post_id, item.answer_id = target = targets.get(entry.get("ref", ""), (None, None))
        item.changed_at = changed.get(target)
        is_text = not entry.get("ref")
        item.title = entry["title"] if is_text else ""
        item.section = entry.get("section", "")
        item.note, item.note_html = note.source, note.html
        item.start_here = not is_text and entry.get("first", False)
    del guide.items[len(notes) :]


def _targets_of_all(
    actor: Person, guide: Guide, items: Sequence[Mapping[str, Any]]
) -> dict[str, tuple[int | None, int | None]]:
    """The same as _targets. Raises Invalid for an item that points to nothing."""
    targets = _targets(actor, guide, {item["ref"] for item in items if item.get("ref")})
    unknown = {
        f"items-{index}-ref": _("There is nothing called “%(ref)s” here.") % {"ref": item["ref"][:200]}
        for index, item in enumerate(items)
        if item.get("ref") and item["ref"] not in targets
    }
    if unknown:
        raise Invalid(unknown)
    return targets


def _targets(actor: Person, guide: Guide, refs: Collection[str]) -> dict[str, tuple[int | None, int | None]]:
    """ref -> (post id, answer id). What the guide points to already it may go on pointing to, in sight or not."""
    found: dict[str, tuple[int | None, int | None]] = {
        f"answer:{item.answer_id}": (None, item.answer_id) for item in guide.items if item.answer_id
    }
    found |= {ref: (post_id, None) for ref, post_id in ids_of_refs(refs).items()}
    answers = targets_of(actor, (ref for ref in refs if ref.startswith("answer:") and ref not in found))
    return found | {ref: (None, target.answer_id) for ref, target in answers.items()}


def _publish(guide: Guide, author: Person, reviewer: Person | None) -> None:
    if not policy.may_publish_guide(author, reviewer):
        raise Forbidden(_("Another curator has to review this guide before it is published."))
    today = clock.today()
    guide.state, guide.guide_state = "visible", "published"
    guide.reviewer_id = reviewer.id if reviewer else None
    guide.published_on = guide.published_on or today
    guide.review_due = clock.months_after(today, MONTHS["guide"])
