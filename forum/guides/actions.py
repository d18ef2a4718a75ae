"""Writing guides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from forum.accounts.models import Person
from forum.core import clock
from forum.core.db import write
from forum.core.errors import Forbidden, Invalid
from forum.core.i18n import gettext as _
from forum.guides import policy
from forum.guides.models import Guide, GuideItem
from forum.posts import actions as posts
from forum.posts.actions import Text, rendered
from forum.posts.policy import may_curate
from forum.posts.queries import ids_of_refs


def write_guide(
    actor: Person,
    record: Mapping[str, Any],
    *,
    slug: str = "",
    publish: bool = False,
    reviewer: Person | None = None,
) -> Guide:
    """Store a guide (GuideShape): a draft, or published at once, reviewed by another person than its author.

    Raises Forbidden, and Invalid (at "items-3-ref") for an item that points to nothing.
    """
    intro, notes = _rendered(record)
    with write():
        _ask(actor)
        guide = Guide(author_id=actor.id, state="draft", guide_state="draft")
        _put(guide, record, intro, notes)
        if publish:
            _publish(guide, actor, reviewer)
        posts.publish_new(guide, record, slug=slug)
    return guide


def edit_guide(actor: Person, guide: Guide, record: Mapping[str, Any], opened_at: int | None) -> None:
    """Save a new version. Raises Forbidden, Invalid, and EditConflict with the record that now stands."""
    intro, notes = _rendered(record)
    with write():
        _ask(actor)
        posts.check_version(guide, opened_at)
        _put(guide, record, intro, notes)
        posts.save_version(guide, actor, record)


def _ask(actor: Person) -> None:
    if not may_curate(actor):
        raise Forbidden(_("Curators write the guides. Say what is missing in a comment."))


def _rendered(record: Mapping[str, Any]) -> tuple[Text, list[Text]]:
    """The opening, and the note of each item."""
    notes = [
        rendered(item["note"], f"items-{index}-note", scope=f"item{index}")
        for index, item in enumerate(record["items"])
    ]
    return rendered(record["intro"], "intro"), notes


def _put(guide: Guide, record: Mapping[str, Any], intro: Text, notes: Sequence[Text]) -> None:
    """Make the guide what the record says."""
    guide.title = record["title"]
    guide.summary = record["answers"]
    intro.put_on(guide)
    guide.takeaways = record.get("takeaways", [])
    guide.gaps = record.get("gaps", "")
    guide.themes = record.get("themes", [])
    guide.stage = record.get("stage", [])
    posts.set_services(guide, record.get("services", []))
    _put_items(guide, record, notes)


def _put_items(guide: Guide, record: Mapping[str, Any], notes: Sequence[Text]) -> None:
    ids = ids_of_refs(item["ref"] for item in record["items"] if item.get("ref"))
    unknown = {
        f"items-{index}-ref": _("There is nothing called “%(ref)s” here.") % {"ref": item["ref"][:200]}
        for index, item in enumerate(record["items"])
        if item.get("ref") and item["ref"] not in ids
    }
    if unknown:
        raise Invalid(unknown)
    first = set(record.get("start_here", []))
    for index, (entry, note) in enumerate(zip(record["items"], notes, strict=True)):
        if index == len(guide.items):
            guide.items.append(GuideItem(position=index))
        item = guide.items[index]
        item.post_id = ids.get(entry.get("ref", ""))
        item.title = "" if item.post_id else entry["title"]
        item.section = entry.get("section", "")
        item.note, item.note_html = note.source, note.html
        item.start_here = item.post_id is not None and entry["ref"] in first
    del guide.items[len(notes) :]


def _publish(guide: Guide, author: Person, reviewer: Person | None) -> None:
    if not policy.may_publish_guide(author, reviewer):
        raise Forbidden(_("Another curator has to review this guide before it is published."))
    today = clock.today()
    guide.state, guide.guide_state = "visible", "published"
    guide.reviewer_id = reviewer.id if reviewer else None
    guide.published_on, guide.review_due = today, _a_year_after(today)


def _a_year_after(day: date) -> date:
    """The same day next year; 1 March after a leap day."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return date(day.year + 1, 3, 1)
