"""The shape of input about a place."""

from __future__ import annotations

from forum.core.i18n import mark
from forum.core.shapes import Choice, Line, Shape, Whole
from forum.places.models import countries


class PlaceShape(Shape):
    """Where something is. `region_code` is ISO 3166-2, `country` ISO 3166-1 alpha-2."""

    name = Line(160)
    region = Line(120)
    region_code = Line(6)
    country = Line(2)
    population = Whole(low=1, high=100_000_000)


class CommunityShape(Shape):
    """The community that somebody reads for. `place_id` came with a suggestion; the rest tells of an unknown one."""

    community = Line(160, missing=mark("Enter the name of your community."))
    place_id = Whole(low=1, high=2**31 - 1)
    region = Line(120)
    country = Choice(tuple(countries()))
    population = Whole(low=1, high=100_000_000)
