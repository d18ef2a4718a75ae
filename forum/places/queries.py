"""Finding places: while somebody types, by id, and from what a record says."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import ColumnElement, and_, case, false, or_, select

from forum.core.db import db
from forum.core.errors import NotFound
from forum.places.models import REGIONS, Place, countries, country_name, place_key, region_line, region_name

__all__ = [
    "LONGEST",
    "Area",
    "PlaceOption",
    "areas",
    "countries",
    "country_name",
    "first_named",
    "match",
    "match_many",
    "place",
    "recognise",
    "region_name",
    "suggest",
]

# What is typed is read up to here. Characters.
LONGEST = 100
# The longest name of a region with its country has so many words; no more are tried after a place's name.
LONGEST_AREA = 6
# A key is letters, digits and spaces, so this stands behind whatever a prefix can go on with.
AFTER = "\uffff"
# Countries as people shorten them, besides their two letters.
SHORT = {
    "US": ("usa", "u s", "u s a", "united states of america", "america"),
    "GB": ("uk", "u k", "great britain", "britain"),
}
# Words written in two ways.
TWINS = {"saint": "st", "sainte": "ste", "fort": "ft", "mount": "mt"}
TWINS |= {short: long for long, short in TWINS.items()}
# What stands around a name on letterheads. A county is not its county seat and often bears the name of a town
# that lies in another county, so "county" is not among them.
PREFIXES = ("city of ", "town of ", "village of ", "township of ", "borough of ", "municipality of ")
SUFFIXES = (" township", " city council", " town council")
# What parts the names in "Dodge, Steele and Waseca counties"; and words that say only roughly where.
_BETWEEN = re.compile(r"\s*(?:[,;&/()]|\band\b)\s*", re.IGNORECASE)
_ROUGHLY = re.compile(r"\b(?:area|suburbs|region|metropolitan|greater)\b", re.IGNORECASE)
MOST_NAMES = 8


@dataclass(frozen=True)
class PlaceOption:
    """One suggestion."""

    id: int
    name: str
    region_code: str | None
    region: str
    country: str
    population: int

    @property
    def label(self) -> str:
        """The full name: "Northfield, Minnesota, US"."""
        return f"{self.name}, {region_line(self.region, self.country)}"


@dataclass(frozen=True, order=True)
class Area:
    """A region, or a whole country where the region is empty."""

    country: str
    region_code: str = ""

    def holds(self, place: Place) -> bool:
        """Whether the place lies in it."""
        return place.country == self.country and self.region_code in ("", place.region_code)


def place(id_: int) -> Place:
    """One place. Raises NotFound."""
    found = db.session.get(Place, id_)
    if found is None:
        raise NotFound
    return found


def recognise(name: str, region: str, country: str) -> tuple[Place | None, list[PlaceOption]]:
    """The place that somebody calls theirs; or else those among which they must choose, if any. Two statements."""
    found = match(name, region, country)
    if found is not None:
        return found, []
    typed = ", ".join(part for part in (name, region or country) if part)
    options = suggest(typed)
    # "Northfield, MN" is Northfield, though the name of another place may begin so.
    key = f"{place_key(typed)} "
    whole = [option for option in options if key.startswith(f"{place_key(option.name)} ")]
    only = whole if len(whole) == 1 else options
    return (place(only[0].id), []) if len(only) == 1 else (None, options)


def suggest(text: str, limit: int = 8, country: str | None = None) -> list[PlaceOption]:
    """Places whose name begins with `text`: whole names first, then the most populous. One statement.

    After a comma, or after a whole name, the (beginning of the) region and country may follow, in full or
    short: "Northf, Minn", "Northfield MN", "London, Ontario, Canada". `country` (ISO alpha-2) keeps to one.
    """
    readings = list(_readings(text[:LONGEST]))
    if not readings:
        return []
    whole = {name for name, _condition in readings}
    wanted = or_(*(condition for _name, condition in readings))
    query = select(Place.id, Place.name, Place.region_code, Place.region, Place.country, Place.population)
    # The inner select reads the index alone; only the few that are left are looked up in the table.
    best = select(Place.id).where(wanted)
    order = (case((Place.key.in_(sorted(whole)), 0), else_=1), Place.population.desc(), Place.id)
    if country:
        best = best.where(Place.country == country)
    query = query.where(Place.id.in_(best.order_by(*order).limit(limit))).order_by(*order)
    return [PlaceOption(*row) for row in db.session.execute(query)]


def match(name: str, region: str | None, country: str | None) -> Place | None:
    """The one place that a name, region and country stand for; None if there is none or more than one."""
    return match_many([(name, region, country)])[0]


def match_many(wanted: Sequence[tuple[str, str | None, str | None]]) -> list[Place | None]:
    """`match` for many (name, region, country) at once, in the same order. One statement.

    A region is a code (US-MN, MN) or a name, a country a code or a name. "City of" and the like are left off
    unless the gazetteer has the name with them. Mind that a town and a city of one name may lie side by side:
    the position holds, the population need not.
    """
    spellings = [_letterhead(name[:LONGEST]) for name, _region, _country in wanted]
    keys = {key for spelled in spellings for key in spelled}
    named: dict[str, list[Place]] = defaultdict(list)
    if keys:
        for row in db.session.scalars(select(Place).where(Place.key.in_(sorted(keys)))):
            named[row.key].append(row)
    return [
        _only(spelled, named, region, country)
        for spelled, (_name, region, country) in zip(spellings, wanted, strict=True)
    ]


def first_named(name: str, region: str | None, country: str | None) -> Place | None:
    """The first place of several that a name puts together: Hopkins for "Hopkins and Wayzata". One statement.

    It says where to look on a map. How many people live in "Ithaca area" it does not say.
    """
    names = [_ROUGHLY.sub("", part).strip() for part in _BETWEEN.split(name[:LONGEST])[:MOST_NAMES]]
    if names[-1].casefold().endswith(" counties"):
        names[-1] = names[-1][: -len(" counties")]
        names = [f"{part} County" for part in names]
    found = match_many([(part, region, country) for part in names])
    return next((place for place in found if place is not None), None)


def _only(
    spelled: Sequence[str], named: dict[str, list[Place]], region: str | None, country: str | None
) -> Place | None:
    """The one place of these spellings in that area, the nearest spelling first."""
    countries_meant = {area.country for area in _areas(place_key(country or "")) if not area.region_code}
    if country and not countries_meant:
        return None
    areas = [Area(code) for code in sorted(countries_meant)]
    if region:
        regions = [area for area in _areas(_bare_region(region)) if area.region_code]
        if countries_meant:
            regions = [area for area in regions if area.country in countries_meant]
        known = {term.group for term in REGIONS}
        # A region that we do not know tells nothing, unless we know all regions of that country.
        areas = regions or [area for area in areas if area.country not in known]
    for key in spelled:
        found = [place for place in named[key] if any(area.holds(place) for area in areas)]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _bare_region(region: str) -> str:
    """The key of a region without what people add: "Waikato Region", "Washington State"."""
    key = place_key(region)
    for word in (" region", " province", " state"):
        key = key.removesuffix(word)
    return key


def _letterhead(name: str) -> list[str]:
    """Keys that a name may have in the gazetteer: as it stands, then without "City of" and the like."""
    key = place_key(name)
    bare = key
    for prefix in PREFIXES:
        bare = bare.removeprefix(prefix)
    for suffix in SUFFIXES:
        bare = bare.removesuffix(suffix)
    return [*_spellings(key), *(_spellings(bare) if bare != key else ())]


def _spellings(key: str) -> list[str]:
    """The key, and the same with "Saint" for "St." or the other way round."""
    if not key:
        return []
    words = key.split()
    swapped = " ".join(TWINS.get(word, word) for word in words)
    return list(dict.fromkeys((key, swapped)))


def areas(text: str) -> list[Area]:
    """The regions and countries that are called so, in full or short: "Wisconsin", "WI", "US-WI", "Canada"."""
    return sorted(_areas(place_key(text[:LONGEST])))


def _readings(text: str) -> Iterator[tuple[str, ColumnElement[bool]]]:
    """The ways to read what is typed, as (key of the whole name, condition)."""
    typed_name, comma, typed_area = text.partition(",")
    key, area = place_key(typed_name), place_key(typed_area)
    for name in _spellings(key):
        begins = and_(Place.key >= name, Place.key < name + AFTER)
        yield name, and_(begins, _within(_areas(area, begun=True))) if area else begins
    if comma:
        return
    words = key.split()
    for length in range(1, min(len(words), LONGEST_AREA + 1)):
        areas = _areas(" ".join(words[-length:]), begun=True)
        if areas:
            for name in _spellings(" ".join(words[:-length])):
                yield name, and_(Place.key == name, _within(areas))


def _within(areas: Iterable[Area]) -> ColumnElement[bool]:
    """The condition that a place lies in one of these areas."""
    regions = sorted({area.region_code for area in areas if area.region_code})
    whole = sorted({area.country for area in areas if not area.region_code})
    tests = []
    if regions:
        tests.append(Place.region_code.in_(regions))
    if whole:
        tests.append(Place.country.in_(whole))
    return or_(*tests) if tests else false()


def _areas(key: str, *, begun: bool = False) -> set[Area]:
    """The areas called so, or (begun) whose name begins so. None for an empty key."""
    if not key:
        return set()
    names = _area_names()
    found = set()
    for spelled, area in names[bisect_left(names, (key,)) :]:
        if spelled != key and not (begun and spelled.startswith(key)):
            break
        found.add(area)
    return found


@cache
def _area_names() -> list[tuple[str, Area]]:
    """Every way to name a region or a country, in order: "minnesota", "mn", "minnesota us", "us mn" ..."""
    entries = []
    spelled = {
        code: (place_key(name), code.lower(), *SHORT.get(code, ())) for code, name in countries().items()
    }
    for code, names in spelled.items():
        entries += [(name, Area(code)) for name in names]
    for term in REGIONS:
        country, _hyphen, short = term.key.partition("-")
        area = Area(country, term.key)
        entries.append((place_key(term.key), area))
        # "DC" is also written "D.C.", whose key is "d c".
        for name in (place_key(term.label), short.lower(), " ".join(short.lower())):
            entries += [(name, area), *((f"{name} {of}", area) for of in spelled[country])]
    return sorted(entries)
