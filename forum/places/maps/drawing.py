"""A map as its template draws it: outlines, and dots that are merged where they crowd."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from forum.places.maps.frames import Extent, fit, paths
from forum.places.maps.outlines import LAYERS, Layer
from forum.places.maps.projections import Point

# Units of the picture; on a screen of usual size a unit is about a pixel.
WIDTH, HEIGHT = 720.0, 440.0
# Of a dot for one, and the least and most of one for several: its area grows with their number.
RADIUS, LEAST_RADIUS, MOST_RADIUS = 5.5, 9.5, 25.0
GROWTH = 3.6
# From the middle of one dot to that of the next at least. The stylesheet shows the dots for wide screens from 0.8
# pixels a unit on, those for narrow ones down to 0.4: 24 pixels at least, what a finger can hit (WCAG 2.5.8).
APART = 31.0
# Degrees east and west of the middle that are one part of the world.
NEIGHBOURHOOD = 60.0
# On a narrow screen the picture is half as large, so what must be hit is twice as large in it.
WIDE, NARROW = 1.0, 2.0


class MapPoint(NamedTuple):
    """Something to show: `n` things, all in one place, which `key` tells to who names the dots.

    A point of 0 things says where something is that is not itself counted; `marked` sets it apart.
    """

    latitude: float
    longitude: float
    key: Any
    n: int = 1
    marked: bool = False


@dataclass(frozen=True)
class Dot:
    """A link on the map. It stands for one point or, where they crowd, for several: `n` things in all."""

    x: float
    y: float
    radius: float
    reach: float
    n: int
    label: str
    href: str
    marked: bool = False


# What each dot is called and where it leads, told the points that it stands for. Asked once for all dots of a map.
NameDots = Callable[[Sequence[Sequence[MapPoint]]], Sequence[tuple[str, str]]]


@dataclass(frozen=True, eq=False)
class MapDrawing:
    """A map, ready to be drawn. Those that are remembered are drawn once: each is like no other.

    `paths` are (layer, SVG path in tenths of a unit); `wide` and `narrow` are the dots for either kind of screen;
    `outside` is how many things lie beyond the edge.
    """

    width: float
    height: float
    paths: Sequence[tuple[Layer, str]]
    wide: Sequence[Dot]
    narrow: Sequence[Dot]
    shown: int
    outside: int


def draw(
    points: Sequence[MapPoint],
    name_dots: NameDots,
    *,
    width: float = WIDTH,
    height: float = HEIGHT,
    extent: Extent | None = None,
) -> MapDrawing:
    """A map of these points, or of those of them that lie in `extent`."""
    inside = [point for point in points if extent is None or extent.holds(point.longitude, point.latitude)]
    frame = fit(globe(inside), width, height)
    drawn = paths(frame)
    placed = list(zip(inside, frame.place(globe(inside)), strict=True))
    wide, narrow = _groups(placed, WIDE), _groups(placed, NARROW)
    names = name_dots([group.points for group in (*wide, *narrow)])
    dots = [_dot(group, *name) for group, name in zip((*wide, *narrow), names, strict=True)]
    shown = sum(point.n for point in inside)
    return MapDrawing(
        width=frame.width,
        height=round(frame.height, 1),
        paths=[(layer, drawn[layer]) for layer in LAYERS],
        wide=dots[: len(wide)],
        narrow=dots[len(wide) :],
        shown=shown,
        outside=sum(point.n for point in points) - shown,
    )


def main_part(points: Sequence[MapPoint]) -> Extent | None:
    """The part of the world where most of the points are, if some are far from it; None where one map shows all."""
    if not points:
        return None
    # The middle one of each, which those far away do not move.
    east, north = (sorted(side)[len(points) // 2] for side in zip(*globe(points), strict=True))
    near = [
        point
        for point in points
        if abs(point.longitude - east) < NEIGHBOURHOOD and abs(point.latitude - north) < NEIGHBOURHOOD / 2
    ]
    return Extent.around(globe(near)) if len(near) < len(points) else None


def globe(points: Sequence[MapPoint]) -> list[Point]:
    """Where points are, as longitude and latitude."""
    return [(point.longitude, point.latitude) for point in points]


class _Group:
    """Points that one dot stands for, in the middle of them."""

    def __init__(self, points: list[MapPoint], x: float, y: float, unit: float) -> None:
        self.points, self.x, self.y, self.unit = points, x, y, unit
        self.n = sum(point.n for point in points)

    @property
    def radius(self) -> float:
        """Of the dot."""
        if self.n <= 1:
            return RADIUS * self.unit
        return min(MOST_RADIUS, max(LEAST_RADIUS, GROWTH * math.sqrt(self.n))) * self.unit

    def crowds(self, other: _Group) -> bool:
        """Whether the two dots would touch, or be too close to hit one of them."""
        apart = max(APART * self.unit, self.radius + other.radius + 2)
        return math.hypot(self.x - other.x, self.y - other.y) < apart

    def add(self, point: MapPoint, x: float, y: float) -> None:
        """Stand for one more point."""
        self._move(x, y, point.n)
        self.points.append(point)

    def take(self, other: _Group) -> None:
        """Stand for the other's points too."""
        self._move(other.x, other.y, other.n)
        self.points += other.points

    def _move(self, x: float, y: float, n: int) -> None:
        """Stay in the middle of all things."""
        share = n / (self.n + n or 1)
        self.x, self.y, self.n = self.x + (x - self.x) * share, self.y + (y - self.y) * share, self.n + n


def _groups(placed: Sequence[tuple[MapPoint, Point]], unit: float) -> list[_Group]:
    """What the dots stand for at this size of a pixel, from the left to the right as one reads."""
    groups: dict[tuple[int, int], _Group] = {}
    # Those in one small square are together from the start, so that thousands of points take no longer.
    side = APART / 2 * unit
    for point, (x, y) in placed:
        cell = (int(x / side), int(y / side))
        if cell in groups:
            groups[cell].add(point, x, y)
        else:
            groups[cell] = _Group([point], x, y, unit)
    return sorted(_merged(list(groups.values())), key=lambda group: (group.x, group.y))


def _merged(groups: list[_Group]) -> list[_Group]:
    """No two of these crowd: the larger takes the smaller, until there is room."""
    crowded = True
    while crowded:
        crowded = False
        kept: list[_Group] = []
        for group in sorted(groups, key=lambda g: (-g.n, g.x, g.y)):
            near = next((other for other in kept if other.crowds(group)), None)
            if near is None:
                kept.append(group)
            else:
                near.take(group)
                crowded = True
        groups = kept
    return groups


def _dot(group: _Group, label: str, href: str) -> Dot:
    radius = round(group.radius, 1)
    reach = max(radius, APART / 2 * group.unit)
    marked = any(point.marked for point in group.points)
    return Dot(round(group.x, 1), round(group.y, 1), radius, reach, group.n, label, href, marked)
