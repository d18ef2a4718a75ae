"""The shape of a guide: a question, an opening, and annotated items in order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, validates_schema

from forum.core.i18n import gettext as _
from forum.core.i18n import mark
from forum.core.shapes import Choices, Line, Lines, Rows, Shape
from forum.posts.models import READING_STAGES, THEMES


class ItemShape(Shape):
    """One step. `ref` is what it points to ("case:slug", "resource:https://..."); without one it has a title."""

    ref = Line(1010)
    title = Line(200)
    section = Line(120)
    note = Lines(500, missing=mark("Say in your own words why this is worth reading."))

    @validates_schema
    def points_or_speaks(self, item: Mapping[str, Any], **_options: Any) -> None:
        """A step without either would have nothing to be called by."""
        if not item.get("ref") and not item.get("title"):
            raise ValidationError({"title": [_("Give this step a title, or say what it points to.")]})


class GuideShape(Shape):
    """A guide as curators write it and as files hold it. `start_here` holds refs of its items."""

    title = Line(120, low=15, missing=mark("Enter a title."))
    answers = Line(200, missing=mark("Enter the question that the guide answers."))
    intro = Lines(1500, missing=mark("Open the guide: what this is, and why it matters."))
    items = Rows(ItemShape, least=3, most=25, drawn=3, few=mark("A guide has 3 to 25 items."))
    start_here = Choices(most=3, longest=1010)
    takeaways = Choices(most=7, longest=240)
    gaps = Lines(600)
    services = Choices(most=3)
    themes = Choices(THEMES)
    stage = Choices(READING_STAGES)

    @validates_schema
    def starts_with_its_own_items(self, record: Mapping[str, Any], **_options: Any) -> None:
        """What is read first is among what is read."""
        refs = {item.get("ref") for item in record.get("items", [])}
        if strange := [ref for ref in record.get("start_here", []) if ref not in refs]:
            sentence = _("“%(ref)s” is not among the items of this guide.") % {"ref": strange[0][:80]}
            raise ValidationError({"start_here": [sentence]})
