"""What a search found, ranked, narrowed and sorted: whoever asks, and whatever page of it is shown."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from typing import Any

from forum.accounts.models import PEOPLE
from forum.core.changes import note
from forum.places.likeness import Community
from forum.places.models import PLACES
from forum.posts.models import ORDERS, POSTS
from forum.posts.queries.alike import by_likeness
from forum.posts.queries.catalogue import FacetView, having, narrowed, numbers, remembered
from forum.search.models import POST_KINDS, WORDS
from forum.search.queries.found import MATCHED, Found, find
from forum.search.queries.plan import Concept, Plan
from forum.search.queries.ranking import Score, Words, score
from forum.topics.models import SERVICES

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
DEPENDS = (WORDS, POSTS, ORDERS, PEOPLE, SERVICES, PLACES)
# What says less of the query than this, or is worth less than this part of the best, is no result; but what says ALL
# of it always is one.
LEAST_COVERAGE, LEAST_VALUE, ALL = 0.3, 0.1, 0.999


@dataclass(frozen=True)
class Standing:
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


def stand(
    made: Plan, kind: str, named: Mapping[str, Sequence[str]], sort: str, like: Community | None
) -> Standing:
    """Find, rank, narrow and sort. One statement, and one more by likeness."""
    note(*DEPENDS)
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
    return Standing(
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


def _of_kinds(threads: Mapping[int, _Thread], found: Found) -> dict[str, Sequence[int]]:
    """kind -> the ids of all posts of it that were found."""
    of_kinds: dict[str, list[int]] = {kind: list(found.posts.get(kind, ())) for kind in POST_KINDS}
    every = found.every
    for post_id, thread in threads.items():
        if post_id not in every:
            of_kinds[thread.kind].append(post_id)
    return dict(of_kinds)


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
