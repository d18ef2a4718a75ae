"""How good the search is on the table of real queries."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from forum.posts.models import FOLDERS
from forum.search.queries import read_query, search
from tests.search.table import TABLE

# folder of an address -> kind of post
KINDS = {folder: kind for kind, folder in FOLDERS.items()}


@dataclass(frozen=True)
class Quality:
    """`recall`: how much of what must be among the first three is there. `mrr`: the mean reciprocal rank of the
    first thing wanted. `missed`: (query, names) of what is not among the first three."""

    recall: float
    mrr: float
    missed: Sequence[tuple[str, tuple[str, ...]]]


def first_ten(query: str) -> list[str]:
    """The names ("case:slug") of what a visitor finds first."""
    found = search(None, read_query(query)).rows[:10]
    paths = (result.post.href.strip("/").split("/") for result in found)
    return [f"{KINDS[folder]}:{slug}" for folder, slug in paths]


def measure(find: Callable[[str], Sequence[str]] = first_ten) -> Quality:
    """Ask all queries of the table. Needs the starter content and an application context."""
    wanted = there = 0
    ranks = 0.0
    missed = []
    for query, names in TABLE:
        found = find(query)
        absent = tuple(name for name in names if name not in found[:3])
        wanted, there = wanted + len(names), there + len(names) - len(absent)
        ranks += next((1 / place for place, name in enumerate(found, 1) if name in names), 0.0)
        if absent:
            missed.append((query, absent))
    return Quality(there / wanted, ranks / len(TABLE), missed)
