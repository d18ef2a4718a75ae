"""Lists that are filtered by facets: each process holds the catalogue of all posts, and reads what has changed."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from threading import Lock
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, ScalarSelect, Select, bindparam, func, select

from forum.accounts.models import PEOPLE
from forum.core.catalogue import Catalogue, Entry
from forum.core.changes import kept, note, note_posts
from forum.core.db import db
from forum.core.errors import NotFound
from forum.core.i18n import gettext as _
from forum.core.i18n import mark
from forum.core.listing import PAGE, Listing
from forum.core.rows import Prepared
from forum.places.models import Place
from forum.places.queries import country_name, region_name
from forum.posts.models import KINDS, ORDERS, POSTS, Catalogued, Post
from forum.posts.queries import PostRow, as_rows, rows_query
from forum.topics.models import SERVICES
from forum.topics.queries import service_names

T = TypeVar("T")
# Maps and the like that are kept until something changes.
MOST_REMEMBERED = 200
# So many entries are read at once, so that a large catalogue is in memory once, and not as the database gave it too.
AT_ONCE = 500


@dataclass(frozen=True)
class Facet:
    """Something to filter by. `label_of` says a value in words; values stand by count, or as `order` has them."""

    name: str
    label: str
    label_of: Callable[[str], str]
    order: Sequence[str] = ()


@dataclass(frozen=True)
class FacetSource:
    """What one kind of post is filtered and sorted by.

    `entry(post)` reads the kind's own part off a post that was just saved; `catalogue_entry` adds what all share.
    """

    facets: Sequence[Facet]
    orders: Mapping[str, str]
    entry: Callable[[Any], Entry]


# Filled by each kind's queries, as ROW_SOURCES are.
FACET_SOURCES: dict[str, FacetSource] = {}


SPINE_ORDERS = {"newest": mark("Newest"), "useful": mark("Most useful")}


def service_facet() -> Facet:
    """Services and their domains; a post counts for both."""
    return Facet("service", mark("Service"), str)


def place_facet() -> Facet:
    """Countries and their regions."""
    return Facet("place", mark("Place"), place_name)


def place_name(code: str) -> str:
    """ "Wisconsin, US" for a region, "United States" for a country."""
    if "-" not in code:
        return country_name(code)
    return f"{region_name(code) or code}, {code[:2]}"


def catalogue_entry(post: Post) -> Entry | None:
    """A post as the catalogue holds it; None for a kind that has no facets."""
    source = FACET_SOURCES.get(post.kind)
    if source is None:
        return None
    own = source.entry(post)
    services = {
        service.slug for row in post.services for service in (row.service, row.service.parent) if service
    }
    places = {post.country, post.region_code} - {""}
    place = db.session.get(Place, post.place_id) if post.place_id else None
    position = {"place": place.id, "latitude": place.latitude, "longitude": place.longitude} if place else {}
    return Entry(
        {"service": sorted(services), "place": sorted(places), **own.facets},
        {"newest": post.created_at.timestamp(), "useful": post.n_useful, **position, **own.keys},
        own.visible and post.state == "visible",
    )


@dataclass
class _Held:
    """What a process knows of one database. The lock is held for microseconds, or for the first reading."""

    lock: Lock = field(default_factory=Lock)
    seq: int = -1
    of_kind: dict[str, Catalogue] = field(default_factory=dict)
    remembered: dict[tuple[int, Hashable], Any] = field(default_factory=dict)


_held: WeakKeyDictionary[Engine, _Held] = WeakKeyDictionary()
_holding = Lock()


@dataclass(frozen=True)
class FacetValue:
    """One choice: its key, its words, how many posts it would leave, whether it is chosen."""

    key: str
    label: str
    n: int
    chosen: bool


@dataclass(frozen=True)
class FacetView:
    """A facet with its choices."""

    name: str
    label: str
    values: tuple[FacetValue, ...]

    @cached_property
    def chosen(self) -> tuple[FacetValue, ...]:
        """The values that are chosen."""
        return tuple(value for value in self.values if value.chosen)

    @property
    def n_chosen(self) -> int:
        """How many are."""
        return len(self.chosen)

    @cached_property
    def _hash(self) -> int:
        return hash((self.name, self.values))

    def __hash__(self) -> int:
        # They are kept, and each page asks whether they have been drawn.
        return self._hash


@dataclass(frozen=True)
class Matching:
    """All posts that match. `seq` rises when anything in the catalogue changes."""

    seq: int
    read: Callable[[], Sequence[tuple[int, Entry]]]

    @cached_property
    def entries(self) -> Sequence[tuple[int, Entry]]:
        """(id, entry) of each, read when they are needed: there may be many, and what is made of them is remembered."""
        return self.read()


@dataclass(frozen=True)
class Filtered:
    """One page of a filtered list, its facets with their counts, how many match in all, and all of them."""

    posts: Listing[PostRow]
    facets: Sequence[FacetView]
    total: int
    every: Matching


def filtered(
    kind: str,
    chosen: Mapping[str, Iterable[str]],
    *,
    sort: str = "newest",
    cursor: str | None = None,
    within: Sequence[int] | Callable[[int], Sequence[int]] | None = None,
    limit: int = PAGE,
) -> Filtered:
    """Visible posts of a kind under the chosen facet values. Four statements; none where nothing has changed.

    `within` are the ids that a search found, best first (or what gives them for a `seq`: see `remembered`); `sort`
    "match" keeps that order.
    """
    source = FACET_SOURCES[kind]
    selection = {facet.name: set(chosen.get(facet.name, ())) for facet in source.facets}
    held = _current()
    within = within(held.seq) if callable(within) else within
    with held.lock:
        catalogue = held.of_kind.setdefault(kind, Catalogue())
        if sort == "match" and within is not None:
            ids, older = _ranked_page(catalogue.matching(selection, within), cursor, limit)
        else:
            ids, after = catalogue.page(selection, sort, _decode(cursor), limit, within)
            older = f"{after[0]!r}_{after[1]}" if after else None
        total = catalogue.total(selection, within)
        seq = held.seq
    posts = _rows_in_order((kind,), ids)

    def make() -> Sequence[FacetView]:
        note(SERVICES)
        with held.lock:
            counts = catalogue.counts(selection, within)
        return _views(source, counts, selection, service_names())

    chosen_now = tuple((name, *sorted(values)) for name, values in selection.items() if values)
    views = kept(("facets", kind, seq, chosen_now), make) if within is None else make()
    every = Matching(seq, lambda: _entries(held, kind, selection, within))
    return Filtered(Listing(posts, older, first=not cursor), views, total, every)


def in_order(key: Hashable, ids: Callable[[], Sequence[int]], cursor: str | None) -> Listing[PostRow]:
    """One page of the posts of any kinds that `ids` gives, in that order; `key` says what else the order depends on.

    It is remembered as `remembered` has it. Four statements, none where nothing has changed.
    """
    held = _current()
    found, older = _ranked_page(remembered(held.seq, key, ids), cursor, PAGE)
    return Listing(_rows_in_order(KINDS.keys, found), older, first=not cursor)


def _rows_in_order(kinds: Sequence[str], ids: Sequence[int]) -> Sequence[PostRow]:
    def make() -> Sequence[PostRow]:
        note(PEOPLE, SERVICES)
        note_posts(ids)
        rows = {row.id: row for row in _rows_of(tuple(kinds))(ids=ids)}
        return tuple(as_rows([rows[id_] for id_ in ids if id_ in rows]))

    return kept(("rows", *ids), make)


def narrowed(
    kind: str,
    chosen: Mapping[str, Iterable[str]],
    within: Sequence[int],
    *,
    seq: int,
    names: Mapping[str, str],
) -> tuple[dict[int, Mapping[str, float]], Sequence[FacetView]]:
    """Those of the posts that a search found that have the chosen values, each with the numbers that it is sorted by;
    and the facets, counted among what was found.

    No statement where the catalogue is as new as `seq`, one where it is not. `names` are those of the services.
    """
    source = FACET_SOURCES[kind]
    selection = {facet.name: set(chosen.get(facet.name, ())) for facet in source.facets}
    held = _current(seq)
    with held.lock:
        catalogue = held.of_kind.setdefault(kind, Catalogue())
        entries = ((id_, catalogue.entry(id_)) for id_ in catalogue.matching(selection, within))
        found = {id_: entry.keys for id_, entry in entries if entry}
        counts = catalogue.counts(selection, within)
    return found, _views(source, counts, selection, names)


def having(kind: str, chosen: Mapping[str, Iterable[str]], *, seq: int) -> list[int] | None:
    """The ids of all posts of a kind that have the chosen values; None where nothing is chosen.

    No statement where the catalogue is as new as `seq`, one where it is not.
    """
    selection = {name: values for name, values in chosen.items() if values}
    if not selection:
        return None
    held = _current(seq)
    with held.lock:
        return [id_ for id_, _entry in held.of_kind.setdefault(kind, Catalogue()).entries(selection)]


def numbers(order: str, ids: Iterable[int], *, seq: int) -> dict[int, float]:
    """id -> what these posts, of any kind, are sorted by in this order, where it is known.

    No statement where the catalogue is as new as `seq`, one where it is not.
    """
    held = _current(seq)
    with held.lock:
        known = [(id_, entry) for id_ in ids for one in held.of_kind.values() if (entry := one.entry(id_))]
    return {id_: entry.keys[order] for id_, entry in known if order in entry.keys}


def newest_seq() -> ScalarSelect[int]:
    """The number of the last change of the catalogue, for a statement that reads something else besides."""
    return select(func.coalesce(func.max(Catalogued.seq), 0)).scalar_subquery()


def matching(kind: str, chosen: Mapping[str, Iterable[str]]) -> Matching:
    """All visible posts of a kind under the chosen facet values. One statement."""
    held = _current()
    return Matching(held.seq, lambda: _entries(held, kind, chosen))


def _entries(
    held: _Held, kind: str, chosen: Mapping[str, Iterable[str]], within: Sequence[int] | None = None
) -> Sequence[tuple[int, Entry]]:
    with held.lock:
        return held.of_kind.setdefault(kind, Catalogue()).entries(chosen, within)


def remembered(seq: int, key: Hashable, make: Callable[[], T]) -> T:
    """What `make` gives, made once as long as nothing changes: for what is worked out of all that match."""
    held = _current(seq)
    if (seq, key) not in held.remembered:
        made = make()
        if len(held.remembered) >= MOST_REMEMBERED:
            held.remembered.clear()
        held.remembered[seq, key] = made
        return made
    found: T = held.remembered[seq, key]
    return found


def _views(
    source: FacetSource,
    counts: Mapping[str, Mapping[str, int]],
    selection: Mapping[str, set[str]],
    names: Mapping[str, str],
) -> Sequence[FacetView]:
    return tuple(
        _view(
            facet, counts.get(facet.name, {}), selection[facet.name], names if facet.name == "service" else {}
        )
        for facet in source.facets
    )


def _view(facet: Facet, counts: Mapping[str, int], chosen: set[str], names: Mapping[str, str]) -> FacetView:
    def label(key: str) -> str:
        return names.get(key) or facet.label_of(key)

    given = {key: place for place, key in enumerate(facet.order)}
    known = [*counts, *sorted(chosen - set(counts))]
    known.sort(key=lambda key: (given.get(key, len(given)), -counts.get(key, 0), label(key)))
    values = tuple(FacetValue(key, label(key), counts.get(key, 0), key in chosen) for key in known)
    return FacetView(facet.name, _(facet.label), values)


def _ranked_page(ids: Sequence[int], cursor: str | None, limit: int) -> tuple[Sequence[int], str | None]:
    start = int(cursor) if cursor and cursor.isdigit() and len(cursor) < 10 else 0
    return ids[start : start + limit], str(start + limit) if len(ids) > start + limit else None


def _decode(cursor: str | None) -> tuple[float, int] | None:
    """Raises NotFound for a cursor that we did not make."""
    if not cursor:
        return None
    rank, _underscore, minus_id = cursor.rpartition("_")
    try:
        at = float(rank), int(minus_id)
    except ValueError:
        raise NotFound from None
    if at[0] != at[0] or abs(at[1]) >= 2**63:
        raise NotFound
    return at


def _current(seq: int | None = None) -> _Held:
    """The catalogue, with all that was committed before this transaction began, or at least up to `seq`. One statement,
    none where it has that already."""
    with _holding:
        held = _held.setdefault(db.engine, _Held())
    if seq is None:
        return kept("catalogue", lambda: _caught_up(held))
    return held if seq <= held.seq else _caught_up(held)


def _caught_up(held: _Held) -> _Held:
    note(POSTS, ORDERS)
    while newer := _changed(seq=held.seq):
        with held.lock:
            for seq, post_id, kind, facets, keys, visible in newer:
                # Another thread may have read the same change, or a later one of the same post.
                if seq > held.seq:
                    held.of_kind.setdefault(kind, Catalogue()).put(post_id, Entry(facets, keys, visible))
            held.seq = max(held.seq, newer[-1].seq)
        if len(newer) < AT_ONCE:
            break
    return held


@Prepared
def _changed() -> Select[*tuple[Any, ...]]:
    columns = ("seq", "post_id", "kind", "facets", "keys", "visible")
    after = select(*(getattr(Catalogued, name) for name in columns)).where(Catalogued.seq > bindparam("seq"))
    return after.order_by(Catalogued.seq).limit(AT_ONCE)


@cache
def _rows_of(kinds: tuple[str, ...]) -> Prepared:
    """Of these ids, what a row of a list needs."""
    these = Post.id.in_(bindparam("ids", expanding=True))
    return Prepared(lambda: rows_query(kinds).where(these, Post.state == "visible"))
