"""The page of results: how the query was read, what was found, and where in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import Integer, Select, and_, bindparam, or_, select

from forum.accounts.models import Person
from forum.core import clock
from forum.core.changes import kept, note
from forum.core.i18n import gettext as _
from forum.core.rows import Prepared
from forum.places.likeness import Community
from forum.posts.models import KINDS, Post
from forum.posts.policy import seen_by
from forum.posts.queries import PostRow, as_rows, rows_query
from forum.posts.queries.alike import told, with_communities
from forum.posts.queries.catalogue import FACET_SOURCES, SPINE_ORDERS, FacetView
from forum.search.models import POST_KINDS, Entry
from forum.search.queries.language import Query, read_query
from forum.search.queries.passages import Bit, Finder
from forum.search.queries.plan import Part, Plan
from forum.search.queries.reading import plan
from forum.search.queries.standing import DEPENDS, MOST_PLACES, RENAMED, SHOWN, SORTS, Standing, stand
from forum.search.queries.vocabulary import ServiceWords

PAGE = 20


@dataclass(frozen=True)
class Place:
    """An answer or comment that has what was asked for: what it is, where it is, and the passage."""

    kind: str
    href: str
    passage: Sequence[Bit]


@dataclass(frozen=True)
class Result:
    """One post. `passage` is what to show of it: of its summary or, where that says nothing, of its body."""

    post: PostRow
    title: Sequence[Bit]
    passage: Sequence[Bit]
    places: Sequence[Place] = ()


@dataclass(frozen=True)
class Results:
    """The page. `counts`: (kind, n) of what was found; `more`: there may be more than is ever counted. `total` is
    what is left of it under the filters.

    `start` counts rows from 0; `after` is that of the next page, None at the end.
    """

    plan: Plan
    rows: Sequence[Result] = ()
    total: int = 0
    counts: Sequence[tuple[str, int]] = ()
    more: bool = False
    start: int = 0
    after: int | None = None
    organisations: Sequence[tuple[str, str]] = ()
    # What the results can be narrowed by, if they are of this kind.
    facets: Sequence[FacetView] = ()
    facets_of: str = ""

    @property
    def found(self) -> int:
        """How many posts were found, of all kinds and whatever the filters."""
        return sum(n for _kind, n in self.counts)

    @property
    def parts(self) -> Sequence[Part]:
        """How the query was read."""
        return self.plan.parts

    @property
    def services(self) -> Sequence[ServiceWords]:
        """Services that the words name."""
        return self.plan.services[:3]

    @property
    def did_you_mean(self) -> str:
        """The query as it was understood, where words were mistyped."""
        return self.plan.query.with_words(self.plan.corrected) if self.plan.corrected else ""


def search(
    actor: Person | None,
    query: Query,
    *,
    kind: str = "",
    chosen: Mapping[str, Sequence[str]] = MappingProxyType({}),
    sort: str = "best",
    start: int = 0,
    community: Community | None = None,
) -> Results:
    """One page of what this person may see. At most four statements, whatever is found.

    `kind` narrows to one kind of post, while the counts still tell of all; `chosen` are values of its facets, by their
    names here (see RENAMED). `sort` is one of `sorts_of(kind, community)`; each row says why its place is like the
    `community`. Sorted by that for the first time, it takes a statement more.
    """
    today = clock.today()
    made = kept(("plan", query, today), lambda: _read(query))
    if made.empty:
        return Results(made)
    named = {facet: tuple(chosen.get(name, ())) for facet, name in facet_names(kind).items()}
    like = community if sort == "alike" else None
    standing = kept(
        ("found", query, today, kind, tuple(named.items()), sort, like),
        lambda: stand(made, kind, named, sort, like),
    )
    ids = tuple(standing.ids[start : start + PAGE])
    if actor is None:
        rows = kept(
            ("found rows", query, today, community, ids), lambda: _rows(None, made, standing, ids, community)
        )
    else:
        rows = _rows(actor, made, standing, ids, community)
    return Results(
        plan=made,
        rows=rows,
        total=standing.total,
        counts=standing.counts,
        more=standing.more,
        start=start,
        after=start + PAGE if len(standing.ids) > start + PAGE else None,
        organisations=standing.organisations,
        facets=standing.facets,
        facets_of=standing.facets_of,
    )


def _read(query: Query) -> Plan:
    note(*DEPENDS)
    return plan(query)


def search_at(
    actor: Person | None,
    args: Mapping[str, Sequence[str]],
    *,
    sort: str = "best",
    start: int = 0,
    community: Community | None = None,
) -> Results:
    """What the page of results shows at an address with these arguments."""
    typed, kind, service, place = (
        next(iter(args.get(name, ())), "") for name in ("q", "kind", "service", "place")
    )
    of_posts = kind in POST_KINDS
    query = read_query(typed, kind="" if of_posts else kind, service=service, place=place)
    # Orders of a kind are of no use to another one.
    sort = sort if sort in sorts_of(kind, community) else SORTS[0]
    kind = kind if of_posts else ""
    return search(actor, query, kind=kind, chosen=args, sort=sort, start=start, community=community)


def facet_names(kind: str) -> dict[str, str]:
    """The facets of a kind: as its list calls them -> as the address of a search does. None for all kinds together."""
    facets = FACET_SOURCES[kind].facets if kind in FACET_SOURCES else ()
    return {facet.name: RENAMED.get(facet.name, facet.name) for facet in facets}


def sorts_of(kind: str, community: Community | None = None) -> dict[str, str]:
    """key -> words of the orders that results of this kind ("" for all) can have, the usual one first; of one who has
    named a community that of likeness as well."""
    orders = FACET_SOURCES[kind].orders if kind in FACET_SOURCES else {"newest": SPINE_ORDERS["newest"]}
    likeness = {"alike": _("Most like your community")} if community else {}
    return {"best": _("Best match"), **{key: _(label) for key, label in orders.items()}} | likeness


def _rows(
    actor: Person | None, made: Plan, standing: Standing, ids: Sequence[int], community: Community | None
) -> list[Result]:
    """These of the results, as they are shown. Two statements."""
    if not ids:
        return []
    note(*DEPENDS)
    best = {id_: standing.entries(id_) for id_ in ids}
    place = {entry: n for entries in best.values() for n, entry in enumerate(entries)}
    unranked = [id_ for id_, entries in best.items() if not entries]
    if actor is None:
        shown = _shown_to_visitors(community is not None)
    else:
        shown = Prepared(lambda: _shown(actor, compared=community is not None))
    found = shown(ids=ids, entries=list(place), unranked=unranked)
    posts = {row.id: row for row in found}
    by_post = {
        row.id: told(row, community, posts[row.id]) if community else row
        for row in as_rows(list(posts.values()))
    }
    finder = Finder(made.concepts)
    results = []
    for id_ in ids:
        post = by_post.get(id_)
        if post is None:
            continue
        entries = sorted(
            (row for row in found if row.id == post.id), key=lambda row: place.get(row.entry_id, SHOWN)
        )
        body = next((row.entry_body for row in entries if row.entry_kind in POST_KINDS), "")
        places = [
            Place(row.entry_kind, _address(post, row), finder.passage(row.entry_body))
            for row in entries
            if row.entry_kind not in POST_KINDS
        ]
        results.append(
            Result(
                post, finder.marked(post.title), _passage(finder, post.summary, body), places[:MOST_PLACES]
            )
        )
    return results


@cache
def _shown_to_visitors(compared: bool) -> Prepared:
    return Prepared(lambda: _shown(None, compared=compared))


def _shown(actor: Person | None, *, compared: bool) -> Select[Any]:
    """The posts of these `ids` with these `entries`, and with their own where they are `unranked`; `compared` with a
    community."""
    ids, entries, unranked = (
        bindparam(name, type_=Integer, expanding=True) for name in ("ids", "entries", "unranked")
    )
    own = (
        select(Entry.id, Entry.kind, Entry.post_id, Entry.answer_id, Entry.comment_id, Entry.body)
        .where(or_(Entry.id.in_(entries), and_(Entry.post_id.in_(unranked), Entry.kind.in_(POST_KINDS))))
        .subquery()
    )
    query = rows_query(KINDS.keys)
    told = ("id", "kind", "answer_id", "comment_id", "body")
    return (
        (with_communities(query) if compared else query)
        .add_columns(*(own.c[name].label(f"entry_{name}") for name in told))
        .join(own, own.c.post_id == Post.id)
        .where(Post.id.in_(ids), seen_by(actor))
    )


def _passage(finder: Finder, summary: str, body: str) -> Sequence[Bit]:
    """The summary where it says something of the query, or else where the body does, or else the summary as it is.

    Bodies are long: none is read where the summary says everything.
    """
    in_summary = finder.passage(summary)
    if finder.finds_all(summary):
        return in_summary
    in_body = finder.passage(body)
    said = {bit.text.lower() for bit in in_summary if bit.found}
    if len({bit.text.lower() for bit in in_body if bit.found} - said) > len(said):
        return in_body
    return in_summary or in_body or finder.marked(summary)


def _address(post: PostRow, row: Any) -> str:
    """Where an answer or comment stands."""
    return (
        f"/comments/{row.entry_comment_id}"
        if row.entry_kind == "comment"
        else f"{post.href}/answers/{row.entry_answer_id}"
    )
