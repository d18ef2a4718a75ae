"""Where the cases are: a map of those in the catalogue that match, and which of them are in one place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select

from forum.accounts.models import Organisation
from forum.case_studies.models import Party
from forum.core.catalogue import Entry
from forum.core.db import db
from forum.core.i18n import gettext as _
from forum.core.i18n import ngettext
from forum.places.maps.drawing import HEIGHT, MapDrawing, MapPoint, draw, globe, main_part
from forum.places.maps.frames import Extent
from forum.places.models import Place, place_path
from forum.posts.models import FOLDERS, Post
from forum.posts.queries.catalogue import Matching, place_name, remembered

# Regions named for a cluster; with more of them the map says it better.
MOST_AREAS = 2


@dataclass(frozen=True)
class CaseKey:
    """What a point of the map stands for: a place, its region or country ("US-MN"), and one of its cases."""

    place_id: int
    area: str
    case_id: int


@dataclass(frozen=True)
class CaseMap:
    """A map of cases. `unplaced`: how many of the same cases name no place that we know."""

    drawing: MapDrawing
    unplaced: int

    @property
    def caption(self) -> str:
        """How many are on it, and how many are not."""
        shown, elsewhere = self.drawing.shown, self.drawing.outside + self.unplaced
        words = ngettext("%(n)d case on the map.", "%(n)d cases on the map.", shown) % {"n": shown}
        if elsewhere:
            more = ngettext("%(n)d more is in the list only.", "%(n)d more are in the list only.", elsewhere)
            words += " " + more % {"n": elsewhere}
        return words


def case_map(
    cases: Matching, zoom: Callable[[str], str], *, height: float = HEIGHT, closely: bool = False
) -> CaseMap:
    """A map of these cases; `closely` shows only the part of the world where most of them are.

    `zoom` gives the address of the list of the same cases in one part of the map. Two statements when it is drawn;
    none as long as nothing changes.
    """

    def make() -> CaseMap:
        points = case_points(cases.entries)
        extent = main_part(points) if closely else None
        drawing = draw(points, lambda dots: _names(dots, zoom), height=height, extent=extent)
        return CaseMap(drawing, len(cases.entries) - drawing.shown - drawing.outside)

    return remembered(cases.seq, ("case map", zoom(""), height, closely), make)


def case_points(entries: Iterable[tuple[int, Entry]]) -> list[MapPoint]:
    """A point for each place that has some of these cases."""
    found: dict[float, MapPoint] = {}
    for id_, entry in entries:
        keys = entry.keys
        if "latitude" not in keys:
            continue
        place = keys["place"]
        if place in found:
            found[place] = found[place]._replace(n=found[place].n + 1)
        else:
            # Of a country and its region, the region is the longer one.
            area = max(entry.facets.get("place", ()), key=len, default="")
            found[place] = MapPoint(keys["latitude"], keys["longitude"], CaseKey(int(place), area, id_))
    return list(found.values())


def _names(dots: Sequence[Sequence[MapPoint]], zoom: Callable[[str], str]) -> list[tuple[str, str]]:
    """What each dot is called and where it leads: a case to itself, a place to its page, a crowd to its list."""
    places = [points[0].key for points in dots if len(points) == 1 and points[0].n > 1]
    cases = [points[0].key for points in dots if len(points) == 1 and points[0].n == 1]
    place_names = _place_names({key.place_id for key in places})
    named = _case_names({key.case_id for key in cases})
    found = []
    for points in dots:
        n, key = sum(point.n for point in points), points[0].key
        if len(points) > 1:
            found.append((_cases_in(n, _areas(points)), zoom(Extent.around(globe(points)).text)))
        elif n > 1:
            name = place_names.get(key.place_id, "")
            found.append((_cases_in(n, name), place_path(key.place_id, name)))
        else:
            found.append(named.get(key.case_id, ("", zoom(""))))
    return found


def _areas(points: Sequence[MapPoint]) -> str:
    """ "Minnesota, US; Wisconsin, US and around"."""
    areas = Counter[str]()
    for point in points:
        areas[point.key.area] += point.n
    named = [place_name(area) for area, _n in areas.most_common(MOST_AREAS)]
    if len(areas) > MOST_AREAS:
        named[-1] = _("%(area)s and around") % {"area": named[-1]}
    return "; ".join(named)


def _cases_in(n: int, where: str) -> str:
    return ngettext("%(n)d case in %(where)s", "%(n)d cases in %(where)s", n) % {"n": n, "where": where}


def _place_names(ids: set[int]) -> dict[int, str]:
    if not ids:
        return {}
    rows = db.session.execute(select(Place.id, Place.name).where(Place.id.in_(ids)))
    return {row.id: row.name for row in rows}


def _case_names(ids: set[int]) -> dict[int, tuple[str, str]]:
    """case id -> its title and place, its address."""
    if not ids:
        return {}
    rows = db.session.execute(
        select(Post.id, Post.title, Post.slug, Post.place_name).where(Post.id.in_(ids), Post.kind == "case")
    )
    return {
        row.id: (
            f"{row.title}, {row.place_name}" if row.place_name else row.title,
            f"/{FOLDERS['case']}/{row.slug}",
        )
        for row in rows
    }


def agreements_at(place_id: int) -> ColumnElement[bool]:
    """Cases that are there, or that a body from there is a party to."""
    bodies = select(Party.case_id).join(Organisation, Organisation.id == Party.organisation_id)
    return or_(Post.place_id == place_id, Post.id.in_(bodies.where(Organisation.place_id == place_id)))
