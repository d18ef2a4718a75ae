"""The lines of the map: land, lakes, and the borders of countries and regions. Sources: see data/README.md."""

from __future__ import annotations

import gzip
import json
from array import array
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Literal

Layer = Literal["land", "lakes", "countries", "regions"]
LAYERS: tuple[Layer, ...] = ("land", "lakes", "countries", "regions")
# Those that are filled; the others are lines.
FILLED: tuple[Layer, ...] = ("land", "lakes")
DATA = Path(__file__).parents[1] / "data" / "outlines.jsonl.gz"
# A point is in level k when it spans a triangle of at least STEPS[k] square degrees with its neighbours.
STEPS = (0.1, 0.02, 0.0025, 0.0003, 0.00006)
LEVELS = len(STEPS)
# The largest triangle that may be missing from a drawing, in its square units.
UNSEEN = 0.6
# Degrees of longitude between two points of a line, at most.
LONGEST_STEP = 3.0


@dataclass(frozen=True)
class Outline:
    """One ring or line: degrees east and north, and the box that holds it."""

    # Packed, as `_stored`.
    xs: array[float]
    ys: array[float]
    west: float
    south: float
    east: float
    north: float

    @property
    def points(self) -> list[tuple[float, float]]:
        """Degrees east and north of each point."""
        return list(zip(self.xs, self.ys, strict=True))


def level_for(units: float) -> int:
    """The coarsest level that looks right at so many units of the drawing a degree."""
    return next((k for k, step in enumerate(STEPS) if step * units * units <= UNSEEN), LEVELS - 1)


@cache
def outlines(layer: Layer, level: int) -> tuple[Outline, ...]:
    """All of a layer, with the points that this level needs."""
    fewest = 4 if layer in FILLED else 2
    found = []
    for digits, east, north in _stored()[layer]:
        steps = zip(digits, east, north, strict=True)
        kept = [(x / 100, y / 100) for digit, x, y in steps if digit <= level]
        if len(kept) >= fewest:
            xs, ys = (array("d", numbers) for numbers in zip(*_curved(kept), strict=True))
            found.append(Outline(xs, ys, min(xs), min(ys), max(xs), max(ys)))
    return tuple(found)


def _curved(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The same with more points on long straight lines: a border along a parallel is a curve on most maps."""
    found = [points[0]]
    for (x, y), (new_x, new_y) in pairwise(points):
        pieces = int(abs(new_x - x) / LONGEST_STEP) + 1
        found += [(x + (new_x - x) * i / pieces, y + (new_y - y) * i / pieces) for i in range(1, pieces + 1)]
    return found


@cache
def _stored() -> dict[str, list[tuple[bytes, array[int], array[int]]]]:
    """layer -> for each of its lines the level of each point, and how far east and north it is, in 1/100 degree.

    Packed, and read one by one: as Python's numbers they would take twenty megabytes of every process.
    """
    found = defaultdict(list)
    with gzip.open(DATA, "rt", encoding="utf-8") as lines:
        for line in lines:
            layer, digits, *steps = json.loads(line)
            points = array("i", accumulate(steps[::2])), array("i", accumulate(steps[1::2]))
            found[layer].append((bytes(map(int, digits)), *points))
    return found
