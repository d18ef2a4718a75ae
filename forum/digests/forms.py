"""The shapes of an issue, of a reviewer's note, and of a subscription."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, validates_schema

from forum.core.i18n import gettext as _
from forum.core.i18n import mark
from forum.core.shapes import Choice, Choices, Line, Lines, Rows, Shape
from forum.digests.models import FREQUENCIES, LONGEST_CALL, LONGEST_SENTENCE, MOST_ITEMS


class ItemShape(Shape):
    """One pick: what it points to ("post:12", "answer:5"), and why to read it."""

    ref = Line(30, missing=mark("This item points to nothing. Remove it."))
    sentence = Line(LONGEST_SENTENCE)


class IssueShape(Shape):
    """A draft, which may lack anything. `picks` are refs to be added; `more` is an address on this site."""

    title = Line(120)
    opening = Lines(3000)
    items = Rows(ItemShape, most=MOST_ITEMS)
    picks = Choices(longest=30, most=MOST_ITEMS)
    more = Line(1000)
    call = Lines(LONGEST_CALL)


class NoteShape(Shape):
    """What the reviewer would change."""

    note = Lines(400, missing=mark("Say what should change."))


class SubscriptionShape(Shape):
    """How often, and what about. `domains` are slugs of services of the first level."""

    frequency = Choice(FREQUENCIES, missing=mark("Choose how often."))
    about = Choice(("all", "some"), missing=mark("Choose all services, or some of them."))
    domains = Choices(longest=80)

    @validates_schema
    def follows_something(self, record: Mapping[str, Any], **_options: Any) -> None:
        """Some, but none of them, would be a mail that never comes."""
        if record["frequency"] != "never" and record["about"] == "some" and not record.get("domains"):
            raise ValidationError({"domains": [_("Choose at least one service, or all of them.")]})
