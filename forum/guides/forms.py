"""The shape of a guide: a question, an opening, and annotated items in order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, post_load, validates_schema

from forum.core.i18n import gettext as _
from forum.core.i18n import mark
from forum.core.shapes import Choices, Flag, Line, Lines, Rows, Shape
from forum.posts.models import READING_STAGES, THEMES

MOST_ITEMS = 25
# What a reader with ten minutes is sent to.
MOST_FIRST = 3
LONGEST_REMARK = 1000


class Sentences(Choices):
    """Several sentences. A form sends them as the lines of one field."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[str]:
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            value = [line for item in value for line in item.splitlines()]
        return super()._deserialize(value, attr, data, **kwargs)


class DraftItemShape(Shape):
    """One step, as far as it is written. `ref` is what it points to: "case:slug", "resource:https://...", "answer:12".

    Without a ref it has a title. `first`: what to read with ten minutes.
    """

    ref = Line(1010)
    title = Line(200)
    section = Line(120)
    note = Lines(500)
    first = Flag()

    @validates_schema
    def points_or_speaks(self, item: Mapping[str, Any], **_options: Any) -> None:
        """A step without either would have nothing to be called by."""
        if not item.get("ref") and not item.get("title"):
            raise ValidationError({"title": [_("Give this step a title, or say what it points to.")]})


class ItemShape(DraftItemShape):
    """One step as it is published: with a note."""

    note = Lines(500, missing=mark("Say in your own words why this is worth reading."))


class DraftShape(Shape):
    """A guide that is being written: a title is enough to keep it.

    Files name what to read first by its refs, in `start_here`; the form ticks items.
    """

    title = Line(120, low=15, missing=mark("Enter a title."))
    answers = Line(200)
    intro = Lines(1500)
    items = Rows(DraftItemShape, most=MOST_ITEMS)
    start_here = Choices(most=MOST_FIRST, longest=1010)
    takeaways = Sentences(most=7, longest=240)
    gaps = Lines(600)
    services = Choices(most=3)
    themes = Choices(THEMES)
    stage = Choices(READING_STAGES)

    @validates_schema
    def starts_with_its_own_items(self, record: Mapping[str, Any], **_options: Any) -> None:
        """What is read first is among what is read, and is little."""
        items = record.get("items", [])
        refs = {item.get("ref") for item in items}
        first = {ref for ref in record.get("start_here", []) if ref}
        if strange := sorted(first - refs):
            sentence = _("“%(ref)s” is not among the items of this guide.") % {"ref": strange[0][:80]}
            raise ValidationError({"start_here": [sentence]})
        first |= {item.get("ref") or item["title"] for item in items if item.get("first")}
        if len(first) > MOST_FIRST:
            sentence = _("At most %(n)d items can come first.") % {"n": MOST_FIRST}
            raise ValidationError({"items": [sentence]})

    @post_load
    def ticks_what_comes_first(self, record: dict[str, Any], **_options: Any) -> dict[str, Any]:
        """A record is stored in one form, whichever it came in."""
        first = set(record.pop("start_here", []))
        items = [
            {key: value for key, value in item.items() if key != "first"}
            | ({"first": True} if item.get("first") or (item.get("ref") and item["ref"] in first) else {})
            for item in record.get("items", [])
        ]
        return record | {"items": items}


class GuideShape(DraftShape):
    """A guide that can be published."""

    answers = Line(200, missing=mark("Enter the question that the guide answers."))
    intro = Lines(1500, missing=mark("Open the guide: what this is, and why it matters."))
    items = Rows(ItemShape, least=3, most=MOST_ITEMS, few=mark("A guide has 3 to 25 items."))


class RemarkShape(Shape):
    """What is said with a step of the review."""

    note = Lines(LONGEST_REMARK)


class ReasonShape(Shape):
    """What is said to who proposed a change. Another field than the remark's, which stands on the same page."""

    reason = Lines(LONGEST_REMARK)
