"""The shape of a resource: a link, and why it helps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import pre_load

from forum.core.i18n import mark
from forum.core.shapes import Choice, Choices, Line, Lines, Shape, WebAddress, Year
from forum.posts.models import READING_STAGES, RESOURCE_KINDS, THEMES
from forum.resources.models import ACCESS, AUDIENCES, REUSE


class ResourceShape(Shape):
    """A resource as people enter it and as files hold it. `reach`: an ISO 3166 code such as US-WA, or "general"."""

    url = WebAddress(missing=mark("Enter the address of the page."))
    title = Line(200, missing=mark("Enter the title as it was published."))
    kind = Choice(RESOURCE_KINDS, missing=mark("Choose what kind of resource it is."))
    annotation = Lines(600, low=60, missing=mark("Say what is in it, for whom, and one caution."))
    services = Choices(most=3)
    publisher = Line(200)
    author = Line(200)
    year = Year()
    stage = Choices(READING_STAGES)
    themes = Choices(THEMES)
    audience = Choices(AUDIENCES)
    reach = Line(120)
    access = Choice(ACCESS)
    effort = Line(30)
    reuse = Choice(REUSE)

    @pre_load
    def leave_out_an_unknown_year(self, record: Any, **_options: Any) -> Any:
        """Files say null for the year of a page that bears none."""
        if isinstance(record, Mapping) and record.get("year", "") is None:
            return {name: value for name, value in record.items() if name != "year"}
        return record


class DraftShape(ResourceShape):
    """A resource that is being prepared: its address and title are enough to keep it."""

    kind = Choice(RESOURCE_KINDS)
    annotation = Lines(600)


class SuggestionShape(Shape):
    """A link that a member suggests: the address, and why it helps. The rest is offered from the page itself."""

    url = WebAddress(missing=mark("Enter the address of the page."))
    services = Choices(most=3)
    why = Lines(600, low=20, missing=mark("Say in a sentence or two why it helps."))
    title = Line(200)
    publisher = Line(200)
    author = Line(200)
    year = Year()
    kind = Choice(RESOURCE_KINDS)


class DeclineShape(Shape):
    """Why a suggestion is not taken; whoever made it reads this."""

    reason = Lines(600, low=10, missing=mark("Say why, in a sentence: whoever suggested it reads this."))
