"""The shape of input about a place."""

from __future__ import annotations

from forum.core.shapes import Line, Shape, Whole


class PlaceShape(Shape):
    """Where something is. `region_code` is ISO 3166-2, `country` ISO 3166-1 alpha-2."""

    name = Line(160)
    region = Line(120)
    region_code = Line(6)
    country = Line(2)
    population = Whole(low=1, high=100_000_000)
