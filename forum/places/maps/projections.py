"""From the globe to paper. Both projections keep areas true, so that no country looks larger than it is.

Points are (longitude, latitude) in degrees; on paper they are (x, y) in radii of the earth, y upwards.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

Point = tuple[float, float]


class Projection(Protocol):
    """A way to put the globe on paper."""

    @property
    def longitude(self) -> float:
        """The meridian in the middle."""

    @property
    def reach(self) -> float:
        """How far east and west of the middle it may be used, in degrees."""

    def place(self, points: Iterable[Point]) -> list[Point]:
        """Where points of the globe are on the paper."""


@dataclass(frozen=True)
class EqualEarth:
    """The whole world (Šavrič, Patterson and Jenny, 2018)."""

    longitude: float = 0.0
    reach = 180.0

    def place(self, points: Iterable[Point]) -> list[Point]:
        """Where points of the globe are on the paper."""
        m, a, b, c, d = math.sqrt(3) / 2, 1.340264, -0.081106, 0.000893, 0.003796
        placed = []
        for longitude, latitude in points:
            t = math.asin(m * math.sin(math.radians(latitude)))
            t2 = t * t
            t6 = t2 * t2 * t2
            x = math.radians(longitude - self.longitude) * math.cos(t)
            x /= m * (a + 3 * b * t2 + t6 * (7 * c + 9 * d * t2))
            placed.append((x, t * (a + b * t2 + t6 * (c + d * t2))))
        return placed


@dataclass(frozen=True)
class AzimuthalEqualArea:
    """A part of the world, as it is seen from above its middle (Lambert, 1772)."""

    longitude: float
    latitude: float
    # The other side of the globe is one point that would become a circle.
    reach = 150.0

    def place(self, points: Iterable[Point]) -> list[Point]:
        """Where points of the globe are on the paper."""
        sin_m, cos_m = math.sin(math.radians(self.latitude)), math.cos(math.radians(self.latitude))
        sin, cos, sqrt, radians = math.sin, math.cos, math.sqrt, math.radians
        placed = []
        for longitude, latitude in points:
            east, north = radians(longitude - self.longitude), radians(latitude)
            sin_n, cos_n = sin(north), cos(north)
            inward = cos_n * cos(east)
            k = sqrt(2 / max(1e-9, 1 + sin_m * sin_n + cos_m * inward))
            placed.append((k * cos_n * sin(east), k * (cos_m * sin_n - sin_m * inward)))
        return placed

    def unplace(self, x: float, y: float) -> Point:
        """The point of the globe that is there on the paper."""
        distance = math.hypot(x, y)
        if distance == 0:
            return self.longitude, self.latitude
        c = 2 * math.asin(min(1.0, distance / 2))
        sin_m, cos_m = math.sin(math.radians(self.latitude)), math.cos(math.radians(self.latitude))
        north = math.asin(math.cos(c) * sin_m + y * math.sin(c) * cos_m / distance)
        east = math.atan2(x * math.sin(c), distance * cos_m * math.cos(c) - y * sin_m * math.sin(c))
        return self.longitude + math.degrees(east), math.degrees(north)
