"""The shapes of what curators do to links, and of a page that they pasted."""

from __future__ import annotations

from forum.core.i18n import mark
from forum.core.shapes import Choice, Flag, Line, Lines, Rows, Shape, WebAddress
from forum.curation.pastes import LONGEST, MOST_LINKS
from forum.posts.models import RESOURCE_KINDS


class AddressShape(Shape):
    """A new address for a link."""

    url = WebAddress(missing=mark("Enter the new address."))


class ArchiveShape(Shape):
    """A copy to offer where a link is dead; blank for the public archive's."""

    archive = WebAddress()


class PasteShape(Shape):
    """A pasted page, as text or HTML."""

    page = Lines(LONGEST, missing=mark("Paste the page here."))


class TakenShape(Shape):
    """One link of a pasted page, and whether it is kept."""

    keep = Flag()
    url = WebAddress(missing=mark("Enter the address."))
    title = Line(200)
    note = Lines(500)
    section = Line(120)
    kind = Choice(RESOURCE_KINDS)


class TakeShape(Shape):
    """What is made of a pasted page: a draft of a guide with the links that are kept."""

    title = Line(120, low=15, missing=mark("Give the guide a title."))
    intro = Lines(1500)
    links = Rows(TakenShape, most=MOST_LINKS)
