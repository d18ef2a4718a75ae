"""The page of a place: its agreements, those near it, and those of places like it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import not_, select

from forum.accounts.models import Organisation, Person
from forum.case_studies.queries.map import agreements_at
from forum.core.db import db
from forum.core.errors import Moved
from forum.core.i18n import gettext as _
from forum.core.listing import Listing
from forum.places import queries as places
from forum.places.likeness import Community, distance, kilometres
from forum.places.maps.drawing import MapDrawing, MapPoint, draw
from forum.posts.models import Post
from forum.posts.queries import PostRow, as_rows, rows_query
from forum.posts.queries.alike import community_of, most_alike, nearest, why_like
from forum.posts.queries.lists import listing

# In each of the two lists beside the agreements of the place itself.
FEW = 5
# An hour or two by car. Kilometres.
NEARBY = 150.0


@dataclass(frozen=True)
class PlacePage:
    """One place. `near` and `alike` are rows that say why; `bodies` are (name, path) of the organisations there."""

    community: Community
    there: Listing[PostRow]
    near: Sequence[PostRow]
    alike: Sequence[PostRow]
    bodies: Sequence[tuple[str, str]]
    map: MapDrawing


def place_page(actor: Person | None, place_id: int, path: str, cursor: str | None) -> PlacePage:
    """One place with the agreements there, near it, and of places like it. Eight statements.

    Raises NotFound, or Moved where `path` is not its address.
    """
    place = places.place(place_id)
    if path != place.path:
        raise Moved(place.path)
    community = Community.of_place(place)
    there = listing(actor, ("case",), cursor=cursor, where=[agreements_at(place.id)])
    elsewhere = not_(agreements_at(place.id))
    near = nearest("case", community, most=FEW, km=NEARBY, where=[elsewhere])
    near_ids = [row.id for row in near]
    alike = most_alike("case", community, most=FEW, where=[elsewhere, Post.id.not_in(near_ids)])
    rows = _rows([row.id for row in (*near, *alike)])
    return PlacePage(
        community=community,
        there=there,
        near=[replace(rows[row.id], why=_away(community, row)) for row in near if row.id in rows],
        alike=[replace(rows[row.id], why=why_like(community, row)) for row in alike if row.id in rows],
        bodies=_bodies(place.id),
        map=_map(community, [(row, rows[row.id]) for row in near if row.id in rows]),
    )


def _rows(ids: Sequence[int]) -> dict[int, PostRow]:
    """id -> row. Two statements."""
    found = db.session.execute(rows_query(["case"]).where(Post.id.in_(ids))).all()
    return {row.id: row for row in as_rows(found)}


def _away(community: Community, row: Any) -> str:
    km = kilometres(community, community_of(row)) or 0.0
    return _("%(distance)s away") % {"distance": distance(km, community.country)}


def _bodies(place_id: int) -> list[tuple[str, str]]:
    query = select(Organisation.name, Organisation.slug).where(Organisation.place_id == place_id)
    found = db.session.execute(query.order_by(Organisation.name, Organisation.id).limit(FEW * 2))
    return [(row.name, f"/organisations/{row.slug}") for row in found]


def _map(community: Community, near: Sequence[tuple[Any, PostRow]]) -> MapDrawing:
    """Where it is, with the agreements near it."""
    here = MapPoint(
        community.latitude or 0.0, community.longitude or 0.0, (community.full_name, "#there"), 0, True
    )
    around = [
        MapPoint(row.latitude, row.longitude, (f"{case.title}, {row.place_name}", case.href))
        for row, case in near
    ]
    return draw([here, *around], _names)


def _names(dots: Sequence[Sequence[MapPoint]]) -> list[tuple[str, str]]:
    """A dot for one leads to it; the few that crowd are in the list of what is near."""
    crowd = _("%(n)d nearby")
    return [
        points[0].key if len(points) == 1 else (crowd % {"n": sum(point.n for point in points)}, "#near")
        for points in dots
    ]
