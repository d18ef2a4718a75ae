"""The part of the world that a map shows, and the paths of what lies in it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

from forum.places.maps.outlines import FILLED, LAYERS, Layer, Outline, level_for, outlines
from forum.places.maps.projections import AzimuthalEqualArea, EqualEarth, Point, Projection

# Where nobody lives, and the Arctic Ocean, are left out of the map of the world. Degrees.
WORLD_SOUTH, WORLD_NORTH = -56.0, 80.0
# What lies further apart than this many degrees from the middle is shown on a map of the world.
WIDEST = 52.0
# Half of the least that a map shows from side to side: with less, no line says where it is. Radii of the earth.
LEAST = 600 / 6371
# Room between the outermost point and the edge.
PADDING = 1.18
MANY = 2_000
# Scales go in steps, so that maps of nearly the same part are the same map and drawn once.
SCALE_STEP = 1.12
# How far beyond the edge lines are drawn, so that no outline runs along it.
BLEED = 6.0
# Paths are written in whole tenths of a unit, and put down to size by the template.
FINENESS = 10
# Maps kept: each is some 20 to 60 KB of text.
KEPT = 64


@dataclass(frozen=True)
class Extent:
    """A part of the world in degrees. East is past 180 where it lies across the date line."""

    west: float
    south: float
    east: float
    north: float

    @classmethod
    def around(cls, points: Sequence[Point]) -> Extent:
        """The smallest that holds these points: it leaves out the widest stretch without any."""
        meridians = sorted(longitude for longitude, _latitude in points)
        nexts = [*meridians[1:], meridians[0] + 360]
        start = max(range(len(meridians)), key=lambda i: nexts[i] - meridians[i]) + 1
        # Those before the widest gap come after the date line.
        round_it = [*meridians[start:], *(longitude + 360 for longitude in meridians[:start])]
        if start == len(meridians):
            round_it = meridians
        west, east = round_it[0], round_it[-1]
        parallels = [latitude for _longitude, latitude in points]
        return cls(west, min(parallels), east, max(parallels))

    @classmethod
    def read(cls, text: str) -> Extent | None:
        """The extent in an address ("-98,43,-88,49": west, south, east, north); None for anything else."""
        if not re.fullmatch(r"-?\d{1,3}(\.\d)?(,-?\d{1,3}(\.\d)?){3}", text):
            return None
        west, south, east, north = (float(part) for part in text.split(","))
        return cls(west, south, east, north) if west <= east and south <= north else None

    @property
    def text(self) -> str:
        """What `read` takes: in tenths of a degree, with all that it holds."""
        low = [math.floor(side * 10) / 10 for side in (self.west, self.south)]
        high = [math.ceil(side * 10) / 10 for side in (self.east, self.north)]
        return ",".join(f"{side:g}" for side in (*low, *high))

    def holds(self, longitude: float, latitude: float) -> bool:
        """Whether a point lies in it."""
        inside = self.west <= longitude <= self.east or self.west <= longitude + 360 <= self.east
        return inside and self.south <= latitude <= self.north


@dataclass(frozen=True)
class Frame:
    """A projection with what it takes to make a picture of it: units of the picture a radius, and its size.

    (`middle_x`, `middle_y`) of the projection is in the middle of the picture, whose y goes down.
    """

    projection: AzimuthalEqualArea | EqualEarth
    scale: float
    width: float
    height: float
    middle_y: float = 0.0

    def place(self, points: Iterable[Point]) -> list[Point]:
        """Where points of the globe are in the picture; they may lie outside of it."""
        x0, y0 = self.width / 2, self.height / 2 + self.middle_y * self.scale
        return [(x0 + x * self.scale, y0 - y * self.scale) for x, y in self.projection.place(points)]

    def shows(self, x: float, y: float) -> bool:
        """Whether a place in the picture is in it."""
        return 0 <= x <= self.width and 0 <= y <= self.height

    @cached_property
    def box(self) -> Extent:
        """A part of the world that is at least all that can be seen."""
        if isinstance(self.projection, EqualEarth):
            return Extent(-180, -90, 180, 90)
        half_x, half_y = (side / 2 / self.scale * 1.02 for side in (self.width, self.height))
        edge = [i / 12 for i in range(-12, 13)]
        rim = [(half_x * side, half_y * t) for t in edge for side in (-1, 1)]
        rim += [(half_x * t, half_y * side) for t in edge for side in (-1, 1)]
        points = [self.projection.unplace(x, y) for x, y in rim]
        south, north = min(y for _x, y in points), max(y for _x, y in points)
        west, east = min(x for x, _y in points), max(x for x, _y in points)
        for pole in (-90.0, 90.0):
            ((x, y),) = self.place([(0.0, pole)])
            if self.shows(x, y):
                west, east = self.projection.longitude - 180, self.projection.longitude + 180
                south, north = min(south, pole), max(north, pole)
        return Extent(west, south, east, north)


def world(width: float, height: float) -> Frame:
    """The whole world, in a picture that is no higher than it needs to be."""
    projection = EqualEarth()
    (half, _y), (_x, south), (_x, north) = projection.place(
        [(180.0, 0.0), (0.0, WORLD_SOUTH), (0.0, WORLD_NORTH)]
    )
    scale = min(width / 2 / half, height / (north - south))
    return Frame(projection, scale, width, min(height, (north - south) * scale), (north + south) / 2)


def fit(points: Sequence[Point], width: float, height: float) -> Frame:
    """The part of the world that holds these points, with some room around them."""
    if not points:
        return world(width, height)
    if len(points) > MANY:
        # To find the edges of so many, where they are to a quarter of a degree will do.
        points = list({(round(x * 4) / 4, round(y * 4) / 4) for x, y in points})
    extent = Extent.around(points)
    middle = AzimuthalEqualArea((extent.west + extent.east) / 2, (extent.south + extent.north) / 2)
    placed = middle.place(points)
    # Two radii times the sine of half the angle is how far from the middle it is on paper.
    if extent.east - extent.west > 180 or max(math.hypot(x, y) for x, y in placed) > 2 * math.sin(
        math.radians(WIDEST / 2)
    ):
        return world(width, height)
    xs, ys = [x for x, _y in placed], [y for _x, y in placed]
    longitude, latitude = middle.unplace((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2)
    # Whole degrees on maps of a continent, less on those of a county.
    grid = 2.0 if max(xs) - min(xs) > 0.4 else 0.5
    centred = AzimuthalEqualArea(round(longitude / grid) * grid, round(latitude / grid) * grid)
    placed = centred.place(points)
    half_x = max(LEAST, PADDING * max(abs(x) for x, _y in placed))
    half_y = max(LEAST * height / width, PADDING * max(abs(y) for _x, y in placed))
    scale = min(width / 2 / half_x, height / 2 / half_y)
    scale = SCALE_STEP ** math.floor(math.log(scale, SCALE_STEP))
    return Frame(centred, scale, width, height)


@lru_cache(KEPT)
def paths(frame: Frame) -> dict[Layer, str]:
    """layer -> what an SVG path's `d` takes, in tenths of a unit of the picture."""
    level = level_for(math.radians(1) * frame.scale)
    return {layer: "".join(_path(frame, layer, level)) for layer in LAYERS}


def _path(frame: Frame, layer: Layer, level: int) -> Iterator[str]:
    box, filled = frame.box, layer in FILLED
    for outline in outlines(layer, level):
        if outline.north < box.south or outline.south > box.north:
            continue
        # The same land may be seen from either side of the date line.
        for turn in (-360.0, 0.0, 360.0):
            if outline.east + turn < box.west or outline.west + turn > box.east:
                continue
            points = _within_reach(outline, turn, frame.projection) if filled else _turned(outline, turn)
            placed = frame.place(points)
            if filled:
                yield _written(_cut(placed, frame), closed=True)
            else:
                for line in _seen(placed, frame):
                    yield _written(line)


def _turned(outline: Outline, turn: float) -> Sequence[Point]:
    return [(x + turn, y) for x, y in outline.points] if turn else outline.points


def _within_reach(outline: Outline, turn: float, projection: Projection) -> Sequence[Point]:
    """A ring's part that the projection can show."""
    west, east = projection.longitude - projection.reach, projection.longitude + projection.reach
    points = _turned(outline, turn)
    if outline.west + turn >= west and outline.east + turn <= east:
        return points
    return _half(_half(points, 0, west, 1), 0, east, -1)


def _cut(ring: Sequence[Point], frame: Frame) -> Sequence[Point]:
    """A ring's part in the picture and a little beyond (Sutherland and Hodgman)."""
    for axis, edge, side in (
        (0, -BLEED, 1),
        (0, frame.width + BLEED, -1),
        (1, -BLEED, 1),
        (1, frame.height + BLEED, -1),
    ):
        ring = _half(ring, axis, edge, side)
    return ring


def _half(ring: Sequence[Point], axis: int, edge: float, side: int) -> Sequence[Point]:
    """What of a ring is on one side (1: beyond, -1: before) of a straight edge."""
    if all((point[axis] - edge) * side >= 0 for point in ring):
        return ring
    kept: list[Point] = []
    for i, point in enumerate(ring):
        last = ring[i - 1]
        inside, was_inside = (point[axis] - edge) * side >= 0, (last[axis] - edge) * side >= 0
        if inside != was_inside:
            t = (edge - last[axis]) / (point[axis] - last[axis])
            kept.append((last[0] + t * (point[0] - last[0]), last[1] + t * (point[1] - last[1])))
        if inside:
            kept.append(point)
    return kept


def _seen(line: Sequence[Point], frame: Frame) -> Iterator[Sequence[Point]]:
    """The stretches of a line that can be seen, each with the step that leads in and out."""
    stretch: list[Point] = []
    for a, b in pairwise(line):
        if (
            max(a[0], b[0]) < -BLEED
            or min(a[0], b[0]) > frame.width + BLEED
            or max(a[1], b[1]) < -BLEED
            or min(a[1], b[1]) > frame.height + BLEED
        ):
            if stretch:
                yield stretch
            stretch = []
        else:
            stretch = [*stretch, b] if stretch else [a, b]
    if stretch:
        yield stretch


def _written(points: Sequence[Point], *, closed: bool = False) -> str:
    """A line or ring in the language of SVG paths, without the steps that nobody could see."""
    if len(points) < 2:
        return ""
    x, y = round(points[0][0] * FINENESS), round(points[0][1] * FINENESS)
    text = [f"M{x} {y}l"]
    last = len(points) - 1
    steps = 0
    for i, point in enumerate(points[1:], 1):
        step_x, step_y = round(point[0] * FINENESS) - x, round(point[1] * FINENESS) - y
        if abs(step_x) + abs(step_y) < FINENESS // 2 and (closed or i < last):
            continue
        # A minus sign parts two numbers as well as a space does.
        text.append(f"{' ' if step_x >= 0 and steps else ''}{step_x}{' ' if step_y >= 0 else ''}{step_y}")
        x, y, steps = x + step_x, y + step_y, steps + 1
    if steps < (2 if closed else 1):
        return ""
    return "".join(text) + ("z" if closed else "")
