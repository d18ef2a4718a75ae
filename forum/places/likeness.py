"""How alike two communities are, and why: a number to sort by, words to show, and the same number in SQL.

Four parts, each from 0 (nothing in common) to 1 (the same):

    size      1 / (1 + |ln(a / b)| / ln 3)   half for three times the people
    region    1 in the same region, half in the same country, 0 elsewhere
    distance  1 / (1 + km / 300)             half at 300 km, along a great circle
    setting   1 for the same, half for the next one (urban, suburban, small city, rural; "mixed" is next to
              each of them), 0 beyond

The likeness is their mean, weighted by WEIGHTS. A part that is not known of one of the two counts half: it speaks
neither for nor against. A community is wholly like itself, whatever is known of it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Double, SQLColumnExpression, and_, case, func, literal, or_

from forum.core.format import number
from forum.core.i18n import gettext as _
from forum.core.i18n import mark, ngettext
from forum.core.vocabulary import Term, Vocabulary
from forum.places.models import Place, country_name, place_path, region_line, region_name

WEIGHTS: Mapping[str, float] = {"size": 0.5, "region": 0.2, "distance": 0.2, "setting": 0.1}
UNKNOWN = 0.5
# At this many times the people, and at this many kilometres, half of a part is left.
TIMES, AWAY = 3.0, 300.0
# Further away than this many kilometres, how far is no reason.
NEAR = 250.0
EARTH_RADIUS, MILE = 6371.0, 1.609344
# From dense to sparse; the keys are those of organisations.
SETTINGS = ("urban", "suburban", "small_city", "rural")
SETTING_WORDS = {
    "urban": mark("urban too"),
    "suburban": mark("suburban too"),
    "small_city": mark("a small city too"),
    "rural": mark("rural too"),
}
REGION_WORDS = {"US": mark("same state"), "AU": mark("same state"), "CA": mark("same province")}
IN_MILES = ("US", "GB")
# How lists are headed when they are sorted by likeness: a key is the least that is needed, in hundredths.
LIKENESS_BANDS = Vocabulary(
    Term("70", mark("Much like yours")),
    Term("50", mark("Somewhat like yours")),
    Term("0", mark("Less like yours")),
)


@dataclass(frozen=True)
class Community:
    """A place as it is compared. What is not known is empty or None; degrees are those of WGS 84."""

    name: str
    region: str = ""
    region_code: str = ""
    country: str = ""
    population: int | None = None
    setting: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    place_id: int | None = None

    @classmethod
    def of_place(
        cls, place: Place, *, population: int | None = None, setting: str | None = None
    ) -> Community:
        """An entry of the gazetteer, with what is known better than there."""
        return cls(
            place.name,
            place.region,
            place.region_code or "",
            place.country,
            population or place.population or None,
            setting,
            place.latitude,
            place.longitude,
            place.id,
        )

    @property
    def full_name(self) -> str:
        """The name that tells it from its namesakes: "Northfield, Minnesota, US"."""
        where = region_line(self.region or region_name(self.region_code), self.country)
        return ", ".join(part for part in (self.name, where) if part)

    @property
    def path(self) -> str:
        """The address of its page; "" for a place that the gazetteer does not know."""
        return place_path(self.place_id, self.name) if self.place_id is not None else ""


@dataclass(frozen=True)
class Likeness:
    """How alike, 0 to 1, and what speaks for it."""

    score: float
    reasons: tuple[str, ...] = ()

    @property
    def why(self) -> str:
        """The reasons in one line: "9,100 people, same state"."""
        return ", ".join(self.reasons)

    @property
    def band(self) -> str:
        """The key of its band in LIKENESS_BANDS."""
        return next(key for key in LIKENESS_BANDS.keys if self.score * 100 >= int(key))


def likeness(a: Community, b: Community) -> Likeness:
    """How alike two communities are; the reasons tell of `b` as somebody from `a` would be told."""
    if a == b or (a.place_id is not None and a.place_id == b.place_id):
        return Likeness(1.0, (_("your own community"),))
    km = kilometres(a, b)
    parts = {
        "size": _size(a.population, b.population),
        "region": _region(a, b),
        "distance": _closeness(km / AWAY) if km is not None else UNKNOWN,
        "setting": _setting(a.setting, b.setting),
    }
    score = sum(WEIGHTS[name] * part for name, part in parts.items())
    return Likeness(score, tuple(_reasons(a, b, km)))


def kilometres(a: Community, b: Community) -> float | None:
    """The distance along a great circle; None if a position is not known."""
    if a.latitude is None or a.longitude is None or b.latitude is None or b.longitude is None:
        return None
    north_a, north_b = math.radians(a.latitude), math.radians(b.latitude)
    h = (
        math.sin((north_b - north_a) / 2) ** 2
        + math.cos(north_a) * math.cos(north_b) * math.sin(math.radians(b.longitude - a.longitude) / 2) ** 2
    )
    return 2 * EARTH_RADIUS * math.asin(math.sqrt(min(1.0, h)))


def distance(km: float, country: str) -> str:
    """A distance in words for somebody from that country: "40 miles", "65 km"."""
    if country in IN_MILES:
        n = max(1, round(km / MILE))
        return ngettext("%(n)s mile", "%(n)s miles", n) % {"n": number(n)}
    return _("%(n)s km") % {"n": number(max(1, round(km)))}


def _closeness(difference: float) -> float:
    """1 for no difference, half for a difference of 1, and never quite 0."""
    return 1 / (1 + difference)


def _size(a: int | None, b: int | None) -> float:
    return _closeness(abs(math.log(a) - math.log(b)) / math.log(TIMES)) if a and b else UNKNOWN


def _region(a: Community, b: Community) -> float:
    if not a.country or not b.country:
        return UNKNOWN
    if a.country != b.country:
        return 0.0
    return 1.0 if a.region_code and a.region_code == b.region_code else 0.5


def _setting(a: str | None, b: str | None) -> float:
    if not a or not b:
        return UNKNOWN
    if a == b:
        return 1.0
    if a not in SETTINGS or b not in SETTINGS:
        return 0.5
    return 0.5 if abs(SETTINGS.index(a) - SETTINGS.index(b)) == 1 else 0.0


def _reasons(a: Community, b: Community, km: float | None) -> Sequence[str]:
    reasons = []
    if b.population:
        people = ngettext("%(n)s person", "%(n)s people", b.population)
        reasons.append(people % {"n": number(b.population)})
    if b.country and a.country and a.country != b.country:
        reasons.append(country_name(b.country))
    elif a.region_code and a.region_code == b.region_code:
        also = _("also in %(region)s") % {"region": region_name(b.region_code) or b.region_code}
        reasons.append(_(REGION_WORDS[b.country]) if b.country in REGION_WORDS else also)
    if km is not None and km < NEAR:
        reasons.append(_("%(distance)s away") % {"distance": distance(km, a.country)})
    if a.setting and a.setting == b.setting and a.setting in SETTING_WORDS:
        reasons.append(_(SETTING_WORDS[a.setting]))
    return reasons


@dataclass(frozen=True)
class PlaceColumns:
    """The columns of a query that hold the facts of a Community. The setting is not kept for places, nor here."""

    population: SQLColumnExpression[Any]
    country: SQLColumnExpression[Any]
    region_code: SQLColumnExpression[Any]
    latitude: SQLColumnExpression[Any]
    longitude: SQLColumnExpression[Any]
    place_id: SQLColumnExpression[Any]


def likeness_order(community: Community, columns: PlaceColumns) -> ColumnElement[float]:
    """The twin of `likeness(...).score`, for ORDER BY; descending puts the most alike first.

    It takes ln, sqrt, asin, sin, cos and radians: PostgreSQL has them, and `core.db` sees to it that SQLite does.
    """
    parts = {
        "size": _size_sql(community, columns),
        "region": _region_sql(community, columns),
        "distance": _distance_sql(community, columns),
        "setting": literal(UNKNOWN, Double),
    }
    score: ColumnElement[float] = literal(0.0, Double)
    for name, part in parts.items():
        score = score + literal(WEIGHTS[name], Double) * part
    if community.place_id is None:
        return score
    return case((columns.place_id == community.place_id, literal(1.0, Double)), else_=score)


def kilometres_order(community: Community, columns: PlaceColumns) -> ColumnElement[float]:
    """The twin of `kilometres`, NULL where the position is not known. The community must have one."""
    latitude, longitude = community.latitude, community.longitude
    if latitude is None or longitude is None:
        raise ValueError("the community has no position")
    north_a = math.radians(latitude)
    north_b = func.radians(columns.latitude)
    up = func.sin((north_b - north_a) / 2, type_=Double)
    along = func.sin(func.radians(columns.longitude - longitude) / 2, type_=Double)
    h = up * up + math.cos(north_a) * func.cos(north_b, type_=Double) * along * along
    # Rounding may put the other end of the world a little beyond it.
    h = case((h > 1, literal(1.0, Double)), else_=h)
    return 2 * EARTH_RADIUS * func.asin(func.sqrt(h, type_=Double), type_=Double)


def _size_sql(community: Community, columns: PlaceColumns) -> ColumnElement[float]:
    if not community.population:
        return literal(UNKNOWN, Double)
    people = func.ln(func.nullif(columns.population, 0), type_=Double)
    difference = func.abs(people - math.log(community.population), type_=Double) / math.log(TIMES)
    return func.coalesce(1.0 / (1.0 + difference), UNKNOWN, type_=Double)


def _region_sql(community: Community, columns: PlaceColumns) -> ColumnElement[float]:
    if not community.country:
        return literal(UNKNOWN, Double)
    same_country = columns.country == community.country
    steps: list[tuple[ColumnElement[bool], float]] = [
        (or_(columns.country.is_(None), columns.country == ""), UNKNOWN)
    ]
    if community.region_code:
        steps.append((and_(same_country, columns.region_code == community.region_code), 1.0))
    steps.append((same_country, 0.5))
    return case(*((test, literal(value, Double)) for test, value in steps), else_=literal(0.0, Double))


def _distance_sql(community: Community, columns: PlaceColumns) -> ColumnElement[float]:
    if community.latitude is None or community.longitude is None:
        return literal(UNKNOWN, Double)
    km = kilometres_order(community, columns)
    return func.coalesce(1.0 / (1.0 + km / AWAY), UNKNOWN, type_=Double)
