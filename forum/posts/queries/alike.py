"""Lists by place: the posts of communities like one's own, those near it, and those in a part of the map."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from forum.core.db import db
from forum.core.i18n import gettext as _
from forum.core.listing import Listing
from forum.places.likeness import (
    LIKENESS_BANDS,
    Community,
    PlaceColumns,
    kilometres_order,
    likeness,
    likeness_order,
)
from forum.places.maps.frames import Extent
from forum.places.models import Place
from forum.posts.models import Post
from forum.posts.queries import PostRow, about_service
from forum.posts.queries.catalogue import Filtered, filtered, in_order, remembered

# What likeness looks at. How many live there is what the author said, or else what the gazetteer says of the place
# on the map: of the first town that takes part, if the post names no single one.
POPULATION = func.coalesce(Post.place_population, func.nullif(Place.population, 0))
COLUMNS = PlaceColumns(
    POPULATION, Post.country, Post.region_code, Place.latitude, Place.longitude, Post.place_id
)
# What `community_of` needs besides what a row of a list has.
BESIDES = (
    Post.region_code,
    Post.place_id,
    POPULATION.label("people"),
    Place.name.label("gazetteer_name"),
    Place.latitude,
    Place.longitude,
)


def community_of(row: Any) -> Community:
    """The community in a row of `communities_query`."""
    by_author = row.place_population is not None or row.gazetteer_name is None
    return Community(
        row.place_name if by_author else row.gazetteer_name,
        row.region,
        row.region_code,
        row.country,
        row.people,
        None,
        row.latitude,
        row.longitude,
        row.place_id,
    )


def why_like(community: Community, row: Any) -> str:
    """Why the community in a row of `communities_query` is like this one; with its name if the post has another."""
    other = community_of(row)
    why = likeness(community, other).why
    return why if other.name == row.place_name or not why else f"{other.name}: {why}"


def communities_query() -> Select[*tuple[Any, ...]]:
    """SELECT of posts' ids with what `community_of` needs."""
    own = (Post.id, Post.place_name, Post.region, Post.country, Post.place_population)
    return select(*own, *BESIDES).outerjoin(Place, Place.id == Post.place_id)


def with_communities(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """A query of `rows_query`, with what `community_of` needs."""
    return query.add_columns(*BESIDES).outerjoin(Place, Place.id == Post.place_id)


def placed_list(
    kind: str,
    chosen: Mapping[str, Iterable[str]],
    *,
    sort: str,
    cursor: str | None,
    community: Community | None = None,
    box: Extent | None = None,
) -> Filtered:
    """`filtered`, in a part of the map, and compared with a community: sorted by likeness where `sort` is "alike".

    Two statements more at most.
    """
    where = [within_box(box)] if box else []
    reader = community if sort == "alike" else None

    def ids() -> list[int]:
        return by_likeness(kind, reader, where) if reader else list(db.session.scalars(_visible(kind, where)))

    def ids_at(seq: int) -> list[int]:
        return remembered(seq, ("placed", kind, reader, box), ids)

    found = filtered(
        kind,
        chosen,
        sort="match" if reader else sort,
        cursor=cursor,
        within=ids_at if reader or box else None,
    )
    if community is None:
        return found
    return replace(found, posts=replace(found.posts, rows=told_why(found.posts.rows, community)))


def alike_first(
    kinds: Sequence[str], community: Community, *, service: str = "", cursor: str | None
) -> Listing[PostRow]:
    """One page of posts of these kinds, about a service or all, those of the communities most alike first; each says
    why. Two statements more than `in_order`."""
    where = [Post.kind.in_(kinds), *([about_service(service)] if service else [])]
    key = ("alike", tuple(kinds), service, community)
    found = in_order(key, lambda: by_likeness("", community, where), cursor)
    return replace(found, rows=told_why(found.rows, community))


def _visible(kind: str, where: Sequence[ColumnElement[bool]] = ()) -> Select[int]:
    query = select(Post.id).outerjoin(Place, Place.id == Post.place_id)
    return query.where(*([Post.kind == kind] if kind else []), Post.state == "visible", *where)


def by_likeness(kind: str, community: Community, where: Sequence[ColumnElement[bool]] = ()) -> list[int]:
    """Ids of all visible posts of a kind ("" for all), those of the communities most alike first, those of no place
    last. One statement."""
    order = (Post.country == "", likeness_order(community, COLUMNS).desc(), Post.id.desc())
    return list(db.session.scalars(_visible(kind, where).order_by(*order)))


def told_why(rows: Sequence[PostRow], community: Community) -> list[PostRow]:
    """The same rows, each with why its community is like this one, and the heading of its band. One statement."""
    ids = [row.id for row in rows]
    found = {row.id: row for row in db.session.execute(communities_query().where(Post.id.in_(ids)))}
    return [told(row, community, found[row.id]) if row.id in found else row for row in rows]


def told(row: PostRow, community: Community, found: Any) -> PostRow:
    """A row with why its community, of which `found` tells, is like this one, and the heading of its band."""
    if not found.country:
        return replace(row, band=_("Of no one place"))
    band = likeness(community, community_of(found)).band
    return replace(row, why=why_like(community, found), band=LIKENESS_BANDS.label(band))


def within_box(extent: Extent) -> ColumnElement[bool]:
    """Posts whose place lies in a part of the map; join Place."""
    north_south = Place.latitude.between(extent.south, extent.north)
    # East of the date line, the same meridian is 360 degrees less.
    turns = (Place.longitude, Place.longitude + 360)
    return and_(north_south, or_(*(turn.between(extent.west, extent.east) for turn in turns)))


def nearest(
    kind: str, community: Community, *, most: int, km: float, where: Sequence[ColumnElement[bool]] = ()
) -> list[Any]:
    """Rows of `communities_query` for the visible posts within `km`, the nearest first. One statement."""
    away = kilometres_order(community, COLUMNS)
    query = communities_query().where(Post.kind == kind, Post.state == "visible", away <= km, *where)
    return list(db.session.execute(query.order_by(away, Post.id.desc()).limit(most)))


def most_alike(
    kind: str, community: Community, *, most: int, where: Sequence[ColumnElement[bool]] = ()
) -> list[Any]:
    """Rows of `communities_query` for the visible posts of the communities most alike. One statement."""
    order = likeness_order(community, COLUMNS)
    query = communities_query().where(Post.kind == kind, Post.state == "visible", *where)
    return list(db.session.execute(query.order_by(order.desc(), Post.id.desc()).limit(most)))
