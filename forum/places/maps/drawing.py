"""A map as its template draws it: outlines, and dots that are merged where they crowd."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from forum.places.maps.frames import Extent, Frame, fit, paths
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


@dataclass(frozen=True)
class MapPoint:
    """Something to show. `n` is how many things it stands for, all in one place; `area` where that is, in words.

    A point of 0 things says where something is that is not itself counted; `marked` sets it apart.
    """

    latitude: float
    longitude: float
    label: str
    href: str
    n: int = 1
    area: str = ""
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


# What a dot that stands for several points is called, and where it leads; told them and where they lie.
NameCluster = Callable[[Sequence[MapPoint], Extent], tuple[str, str]]


@dataclass(frozen=True)
class MapDrawing:
    """A map, ready to be drawn.

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
    name_cluster: NameCluster,
    *,
    width: float = WIDTH,
    height: float = HEIGHT,
    extent: Extent | None = None,
) -> MapDrawing:
    """A map of these points, or of those of them that lie in `extent`."""
    inside = [point for point in points if extent is None or extent.holds(point.longitude, point.latitude)]
    frame = fit(_globe(inside), width, height)
    drawn = paths(frame)
    shown = sum(point.n for point in inside)
    return MapDrawing(
        width=frame.width,
        height=round(frame.height, 1),
        paths=[(layer, drawn[layer]) for layer in LAYERS],
        wide=_dots(inside, frame, WIDE, name_cluster),
        narrow=_dots(inside, frame, NARROW, name_cluster),
        shown=shown,
        outside=sum(point.n for point in points) - shown,
    )


def main_part(points: Sequence[MapPoint]) -> Extent | None:
    """The part of the world where most of the points are, if some are far from it; None where one map shows all."""
    if not points:
        return None
    # The middle one of each, which those far away do not move.
    east, north = (sorted(side)[len(points) // 2] for side in zip(*_globe(points), strict=True))
    near = [
        point
        for point in points
        if abs(point.longitude - east) < NEIGHBOURHOOD and abs(point.latitude - north) < NEIGHBOURHOOD / 2
    ]
    return Extent.around(_globe(near)) if len(near) < len(points) else None


def _globe(points: Sequence[MapPoint]) -> list[Point]:
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

    def take(self, other: _Group) -> None:
        """Stand for the other's points too."""
        n = self.n + other.n or 1
        self.x, self.y = ((a * self.n + b * other.n) / n for a, b in ((self.x, other.x), (self.y, other.y)))
        self.points, self.n = self.points + other.points, self.n + other.n


def _dots(
    points: Sequence[MapPoint], frame: Frame, unit: float, name_cluster: NameCluster
) -> tuple[Dot, ...]:
    """The dots at this size of a pixel, from the left to the right as one reads."""
    groups: dict[tuple[int, int], _Group] = {}
    places = frame.place(_globe(points))
    # Those in one small square are together from the start, so that thousands of points take no longer.
    for point, (x, y) in zip(points, places, strict=True):
        group = _Group([point], x, y, unit)
        cell = (int(x / APART * 2 / unit), int(y / APART * 2 / unit))
        if cell in groups:
            groups[cell].take(group)
        else:
            groups[cell] = group
    merged = _merged(list(groups.values()))
    return tuple(_dot(group, name_cluster) for group in sorted(merged, key=lambda g: (g.x, g.y)))


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


def _dot(group: _Group, name_cluster: NameCluster) -> Dot:
    label, href = group.points[0].label, group.points[0].href
    if len(group.points) > 1:
        extent = Extent.around(_globe(group.points))
        label, href = name_cluster(group.points, extent)
    radius = round(group.radius, 1)
    reach = max(radius, APART / 2 * group.unit)
    marked = any(point.marked for point in group.points)
    return Dot(round(group.x, 1), round(group.y, 1), radius, reach, group.n, label, href, marked)
