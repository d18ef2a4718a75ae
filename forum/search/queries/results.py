"""The page of results: how the query was read, what was found, and where in it."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from types import MappingProxyType
from typing import Any

from sqlalchemy import and_, or_, select

from forum.accounts.models import PEOPLE, Person
from forum.core import clock
from forum.core.changes import kept, note
from forum.core.db import db
from forum.core.i18n import gettext as _
from forum.places.likeness import Community
from forum.places.models import PLACES
from forum.posts.models import KINDS, ORDERS, POSTS, Post
from forum.posts.policy import seen_by
from forum.posts.queries import PostRow, as_rows, rows_query
from forum.posts.queries.alike import by_likeness, told, with_communities
from forum.posts.queries.catalogue import (
    FACET_SOURCES,
    SPINE_ORDERS,
    FacetView,
    having,
    narrowed,
    numbers,
    remembered,
)
from forum.search.models import POST_KINDS, WORDS, Entry
from forum.search.queries.found import MATCHED, Found, find
from forum.search.queries.language import Query, read_query
from forum.search.queries.passages import Bit, Finder
from forum.search.queries.plan import Concept, Part, Plan
from forum.search.queries.ranking import Score, Words, score
from forum.search.queries.reading import plan
from forum.search.queries.vocabulary import ServiceWords
from forum.topics.models import SERVICES

PAGE = 20
SORTS = ("best", "newest", "alike")
# Facets whose names in the address of a search are others than in that of a list: those mean something else there.
RENAMED = {"kind": "type", "service": "about", "place": "where"}
# What those who have words already ask next stands first: places of my size, and how they share the cost.
FIRST = ("largest", "split", "place")
# Replies that a row shows.
MOST_PLACES = 2
# Entries of a post that a row can show: its own and those.
SHOWN = MOST_PLACES + 1
# No list of results goes further: what is looked at ends long before.
FARTHEST = 10_000
# Who asks a question is answered by questions and guides; so much more they are worth then.
ASKED = 1.2
# What nobody has confirmed in time, or what has ended, is worth this much of what is fresh: enough to stand behind
# its equals, too little to be beaten by what says less of the query.
STALE = 0.85
# Sorted by date, what says less than this part of what the best does is left out.
MOST_OF_IT = 0.8
# What can make other results of the same words.
_DEPENDS = (WORDS, POSTS, ORDERS, PEOPLE, SERVICES, PLACES)
# What says less of the query than this, or is worth less than this part of the best, is no result; but what says ALL
# of it always is one.
LEAST_COVERAGE, LEAST_VALUE, ALL = 0.3, 0.1, 0.999


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


@dataclass(frozen=True)
class _Standing:
    """What was found and in what order, whoever asks and whatever page is shown. Kept, so it is packed.

    `ids`: the first FARTHEST of `total` posts. `ranked`: those posts that were ranked, by id; `best`: of each its
    SHOWN best entries, the best first, filled up with zeros.
    """

    ids: array[int]
    total: int
    ranked: array[int]
    best: array[int]
    counts: Sequence[tuple[str, int]]
    more: bool
    organisations: Sequence[tuple[str, str]]
    facets: Sequence[FacetView]
    facets_of: str

    def entries(self, post_id: int) -> Sequence[int]:
        """The entries of a post that say most, the best first; none where it was not ranked."""
        at = bisect_left(self.ranked, post_id)
        if at == len(self.ranked) or self.ranked[at] != post_id:
            return ()
        return [id_ for id_ in self.best[SHOWN * at : SHOWN * (at + 1)] if id_]


@dataclass
class _Thread:
    """What was found of one post and its replies. `entries`: (value, id) of each."""

    post_id: int
    kind: str = ""
    newest: datetime | None = None
    score: Score | None = None
    value: float = 0.0
    coverage: float = 0.0
    entries: list[tuple[float, int]] = field(default_factory=list)
    worth: float = 1.0

    def add(self, entry: Any, got: Score, concepts: Sequence[Concept]) -> None:
        """Count one more entry of it."""
        self.entries.append((got.value(concepts), entry.id))
        self.newest = max(entry.created_at, self.newest or entry.created_at)
        self.score = got if self.score is None else self.score.and_also(got)

    @property
    def best(self) -> Sequence[int]:
        """Ids of the SHOWN entries that say most, filled up with zeros."""
        best = [id_ for _value, id_ in sorted(self.entries, reverse=True)[:SHOWN]]
        return best + [0] * (SHOWN - len(best))

    def settle(self, made: Plan) -> None:
        """Say what all of it together is worth."""
        if self.score:
            self.value = self.score.value(made.concepts) * self.worth
            self.coverage = self.score.coverage(made.concepts)


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
        lambda: _stand(made, kind, named, sort, like),
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


def _stand(
    made: Plan, kind: str, named: Mapping[str, Sequence[str]], sort: str, like: Community | None
) -> _Standing:
    """Find, rank, narrow and sort. One statement, and one more by likeness."""
    note(*_DEPENDS)
    found = find(made, kind, having(kind, named, seq=made.seq) if kind else None)
    every = found.every
    threads = {thread.post_id: thread for thread in _threads(made, found)}
    if sort != "best":
        # What has a part of the words stands below the others when the best come first; here it would stand among them.
        most = 1 if every else max((thread.coverage for thread in threads.values()), default=0)
        enough = most * MOST_OF_IT
        threads = {id_: one for id_, one in threads.items() if id_ in every or one.coverage >= enough}
    of_kinds = _of_kinds(threads, found)
    # The best of them first; then those that have everything as well and are too many to be ranked, newest first.
    ids = [id_ for id_, thread in threads.items() if kind in ("", thread.kind)]
    ids += sorted((set(of_kinds[kind]) if kind else every) - threads.keys(), reverse=True)
    # Most come for cases: they can be narrowed at once.
    facets_of = kind or ("case" if of_kinds["case"] else "")
    keys: Mapping[int, Mapping[str, float]] = {}
    facets: Sequence[FacetView] = ()
    if facets_of:
        of_kind = set(of_kinds[facets_of])
        keys, facets = narrowed(
            facets_of, named, [id_ for id_ in ids if id_ in of_kind], seq=made.seq, names=made.names
        )
    if kind:
        ids = [id_ for id_ in ids if id_ in keys]
    if like:
        alike = remembered(made.seq, ("placed", kind, like, None), lambda: by_likeness(kind, like))
        place = {id_: n for n, id_ in enumerate(alike)}
        ids.sort(key=lambda id_: place.get(id_, len(place)))
    elif sort not in SORTS:
        ids.sort(key=lambda id_: keys[id_].get(sort, float("-inf")), reverse=True)
    if sort == "newest":
        written = numbers("newest", set(ids) - threads.keys(), seq=made.seq)
        written |= {id_: thread.newest.timestamp() for id_, thread in threads.items() if thread.newest}
        ids.sort(key=lambda id_: (written.get(id_, 0), id_), reverse=True)
    ranked = sorted(threads.keys() & set(ids))
    return _Standing(
        ids=array("q", ids[:FARTHEST]),
        total=len(ids),
        ranked=array("q", ranked),
        best=array("q", chain.from_iterable(threads[id_].best for id_ in ranked)),
        counts=[(one, len(of_one)) for one, of_one in of_kinds.items()],
        more=len(every) >= MATCHED,
        organisations=[
            (e.title, f"/organisations/{e.slug}") for e in found.entries if e.kind == "organisation"
        ],
        facets=tuple(
            replace(facet, name=RENAMED.get(facet.name, facet.name))
            for facet in sorted(facets, key=lambda facet: (*FIRST, facet.name).index(facet.name))
        ),
        facets_of=facets_of,
    )


def _read(query: Query) -> Plan:
    note(*_DEPENDS)
    return plan(query)


def _of_kinds(threads: Mapping[int, _Thread], found: Found) -> dict[str, Sequence[int]]:
    """kind -> the ids of all posts of it that were found."""
    of_kinds: dict[str, list[int]] = {kind: list(found.posts.get(kind, ())) for kind in POST_KINDS}
    every = found.every
    for post_id, thread in threads.items():
        if post_id not in every:
            of_kinds[thread.kind].append(post_id)
    return dict(of_kinds)


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


def _threads(made: Plan, looked_at: Found) -> list[_Thread]:
    """What was ranked, thread by thread, the best first."""
    threads: dict[int, _Thread] = {}
    for entry in looked_at.entries:
        if entry.post_id is not None:
            got = score(made.concepts, Words(entry.words))
            if entry.kind not in POST_KINDS:
                got = got.in_reply(STALE if entry.answer_is_stale else 1.0)
            thread = threads.setdefault(entry.post_id, _Thread(entry.post_id, entry.post_kind))
            if entry.is_stale:
                thread.worth = STALE
            thread.add(entry, got, made.concepts)
    for thread in threads.values():
        thread.settle(made)
    found = [thread for thread in threads.values() if thread.coverage >= LEAST_COVERAGE]
    found.sort(key=lambda thread: (-thread.value * answering(made, thread.kind), -thread.post_id))
    least = max((thread.value for thread in found), default=0.0) * LEAST_VALUE
    every = looked_at.every
    return [
        thread
        for thread in found
        if thread.value >= least or thread.coverage >= ALL or thread.post_id in every
    ]


def answering(made: Plan, kind: str) -> float:
    """How much more a kind of post is worth to how a query is put."""
    return ASKED if made.query.asks and kind in ("question", "guide") else 1.0


def _rows(
    actor: Person | None, made: Plan, standing: _Standing, ids: Sequence[int], community: Community | None
) -> list[Result]:
    """These of the results, as they are shown. Two statements."""
    if not ids:
        return []
    note(*_DEPENDS)
    best = {id_: standing.entries(id_) for id_ in ids}
    place = {entry: n for entries in best.values() for n, entry in enumerate(entries)}
    unranked = [id_ for id_, entries in best.items() if not entries]
    own = (
        select(Entry.id, Entry.kind, Entry.post_id, Entry.answer_id, Entry.comment_id, Entry.body)
        .where(or_(Entry.id.in_(place), and_(Entry.post_id.in_(unranked), Entry.kind.in_(POST_KINDS))))
        .subquery()
    )
    query = rows_query(KINDS.keys)
    found = db.session.execute(
        (with_communities(query) if community else query)
        .add_columns(
            *(
                own.c[name].label(f"entry_{name}")
                for name in ("id", "kind", "answer_id", "comment_id", "body")
            )
        )
        .join(own, own.c.post_id == Post.id)
        .where(Post.id.in_(ids), seen_by(actor))
    ).all()
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
