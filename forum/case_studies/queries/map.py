"""Where the cases are: points for a map, one for each place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select

from forum.accounts.models import Organisation
from forum.case_studies.models import Party
from forum.core.db import db
from forum.core.i18n import gettext as _
from forum.core.i18n import ngettext
from forum.places.maps.drawing import HEIGHT, MapDrawing, MapPoint, draw
from forum.places.maps.frames import Extent
from forum.places.models import Place, place_path, region_line
from forum.posts.models import FOLDERS, Post

# Regions named for a cluster; with more of them the map says it better.
MOST_AREAS = 2


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


def case_points(where: Sequence[ColumnElement[bool]] = ()) -> list[MapPoint]:
    """A point for each place with visible cases for which all of `where` holds. One statement.

    A place with one case leads to it, one with several to its page.
    """
    query = (
        select(
            Place.id,
            Place.name,
            Place.region,
            Place.country,
            Place.latitude,
            Place.longitude,
            func.count().label("n"),
            func.max(Post.title).label("title"),
            func.max(Post.slug).label("slug"),
            func.max(Post.place_name).label("place_name"),
        )
        .join(Post, Post.place_id == Place.id)
        .where(Post.kind == "case", Post.state == "visible", *where)
        .group_by(Place.id)
        .order_by(Place.id)
    )
    return [
        MapPoint(
            row.latitude,
            row.longitude,
            f"{row.title}, {row.place_name or row.name}" if row.n == 1 else _cases_in(row.n, row.name),
            f"/{FOLDERS['case']}/{row.slug}" if row.n == 1 else place_path(row.id, row.name),
            row.n,
            region_line(row.region, row.country),
        )
        for row in db.session.execute(query)
    ]


def case_map(
    points: Sequence[MapPoint],
    total: int,
    zoom: Callable[[str], str],
    *,
    height: float = HEIGHT,
    extent: Extent | None = None,
) -> CaseMap:
    """A map of these points; `total` cases are meant. `zoom` gives the address of the list of one part of the map."""

    def name_cluster(crowded: Sequence[MapPoint], part: Extent) -> tuple[str, str]:
        areas = Counter[str]()
        for point in crowded:
            if point.n:
                areas[point.area] += point.n
        named = [area for area, _n in areas.most_common(MOST_AREAS)]
        if len(areas) > MOST_AREAS:
            named[-1] = _("%(area)s and around") % {"area": named[-1]}
        return _cases_in(areas.total(), "; ".join(named)), zoom(part.text)

    drawing = draw(points, name_cluster, height=height, extent=extent)
    return CaseMap(drawing, max(0, total - sum(point.n for point in points)))


def _cases_in(n: int, where: str) -> str:
    return ngettext("%(n)d case in %(where)s", "%(n)d cases in %(where)s", n) % {"n": n, "where": where}


def agreements_at(place_id: int) -> ColumnElement[bool]:
    """Cases that are there, or that a body from there is a party to."""
    bodies = select(Party.case_id).join(Organisation, Organisation.id == Party.organisation_id)
    return or_(Post.place_id == place_id, Post.id.in_(bodies.where(Organisation.place_id == place_id)))
