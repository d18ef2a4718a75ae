"""What entries are worth to a query: the same on every engine, since it looks at nothing but their words.

A BM25 over fields: a word in the title tells more than in the summary, and there more than in the body; the
second time tells less than the first; a rare word tells more than a common one. What says more of the query
comes before what says less.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from forum.search.models import SEAM
from forum.search.queries.plan import Concept, Way

# What a word counts in the title, in the lead and in the body.
TITLE, LEAD, BODY = 5.0, 2.0, 1.0
# Found so often, a word counts half of what it can.
HALF = 2.0
# A usual body, in terms; in a longer one a word tells less.
USUAL_BODY = 350
# Length matters so much.
LENGTH = 0.6
# How strongly what is left unsaid counts against an entry.
COVERAGE = 1.5
# What a reply says is worth this much of what a post says with the same words.
REPLY = 0.6
# Two things asked for one after the other that stand so in the title too.
ADJACENT = 0.15


@dataclass(frozen=True)
class Score:
    """What was found of each concept: how well it is said, and how much of it, 0 to 1. `adjacent`: see ADJACENT."""

    found: tuple[tuple[float, float], ...]
    adjacent: int = 0

    def value(self, concepts: Sequence[Concept]) -> float:
        """What to sort by."""
        worth = sum(
            concept.rarity * well for concept, (well, _much) in zip(concepts, self.found, strict=True)
        )
        return float(worth * self.coverage(concepts) ** COVERAGE * (1 + ADJACENT * self.adjacent))

    def coverage(self, concepts: Sequence[Concept]) -> float:
        """How much of the query is said, 0 to 1."""
        total = sum(concept.rarity for concept in concepts)
        said = sum(concept.rarity * much for concept, (_well, much) in zip(concepts, self.found, strict=True))
        return min(1.0, said / total) if total else 1.0

    def in_reply(self, worth: float = 1.0) -> Score:
        """The same, found in a reply that is worth this much of others."""
        return Score(tuple((well * REPLY * worth, much) for well, much in self.found))

    def and_also(self, other: Score) -> Score:
        """What both found together: each says what the other leaves unsaid."""
        both = zip(self.found, other.found, strict=True)
        found = tuple((max(well, as_well), max(much, as_much)) for (well, much), (as_well, as_much) in both)
        return Score(found, max(self.adjacent, other.adjacent))


class Words:
    """The words of one entry, taken apart for counting."""

    def __init__(self, words: str) -> None:
        self.all = f" {words} "
        parts = self.all.split(SEAM)
        self.title, self.lead, self.body, self.marks = parts if len(parts) == 4 else ("", "", self.all, "")
        self.length = self.body.count(" ")

    def count(self, way: Way) -> float:
        """How often a way of saying something occurs, weighed by where."""
        wanted = way.patterns
        for pattern in wanted:
            if pattern not in self.all:
                return 0.0
        if way.mark:
            return TITLE
        if len(wanted) == 1:
            (pattern,) = wanted
            title, lead, body = self.title.count(pattern), self.lead.count(pattern), self.body.count(pattern)
        else:
            title, lead, body = (
                min(part.count(pattern) for pattern in wanted) for part in (self.title, self.lead, self.body)
            )
            # Some of the words may stand in one part and some in another.
            body = max(body, 1)
        norm = 1 - LENGTH + LENGTH * self.length / USUAL_BODY
        return TITLE * title + LEAD * lead + BODY * body / max(norm, 0.5)


def score(concepts: Sequence[Concept], entry: Words) -> Score:
    """What is found of these concepts in an entry."""
    found = []
    for concept in concepts:
        well = _best(concept.ways, entry)
        found.append((well, 1.0) if well else _sum(concept.parts, entry))
    return Score(tuple(found), _adjacent(concepts, entry.title))


def _best(ways: Sequence[Way], entry: Words) -> float:
    """How well the ways say it together, 0 to 1: each adds to what the others leave open."""
    unsaid = 1.0
    for way in ways:
        if count := entry.count(way):
            unsaid *= 1 - way.weight * count / (HALF + count)
    return 1 - unsaid


def _sum(ways: Sequence[Way], entry: Words) -> tuple[float, float]:
    """Parts of a group of words, added up: what they count, and how much of the group they are."""
    value = share = 0.0
    for way in ways:
        if count := entry.count(way):
            value += way.weight * count / (HALF + count)
            share += way.weight
    return value, min(share, 1.0)


def _adjacent(concepts: Sequence[Concept], title: str) -> int:
    """How many things that follow each other in the query do so in the title."""
    return sum(
        f" {' '.join((*one.ways[0].words, *other.ways[0].words))} " in title
        for one, other in pairwise(concepts)
    )
