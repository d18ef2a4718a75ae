"""What is looked for: the things asked for, the ways to say each, and what every result must have."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations

from sqlalchemy import ColumnElement

from forum.search.engines import Expression, Phrase, Without, Word, every, some
from forum.search.models import Mark
from forum.search.queries.language import Query
from forum.search.queries.vocabulary import ServiceWords

# Groups of things are looked for that are together so much of what was asked for, by rarity of the words.
ENOUGH = 0.4
# What so many entries have is looked for among the newest, not in the index of words.
COMMON_SHARE = 0.3
# No more groups are looked for at once, out of no more things.
MOST_CLAUSES, MOST_CONCEPTS = 24, 6


@dataclass(frozen=True)
class Way:
    """One way to say something. `weight`: what it is worth beside the words that were typed.

    `apart`: its words may stand anywhere. `mark`: it is no text but a mark of the entry.
    """

    words: tuple[str, ...]
    weight: float = 1.0
    apart: bool = False
    prefix: bool = False
    mark: bool = False

    @cached_property
    def patterns(self) -> tuple[str, ...]:
        """What to count in words that stand between blanks: all of these."""
        end = "" if self.prefix else " "
        return tuple(f" {word} " for word in self.words) if self.apart else (f" {' '.join(self.words)}{end}",)

    @property
    def expression(self) -> Expression:
        """What to look for anywhere."""
        if len(self.words) == 1:
            return Word(self.words[0], self.prefix)
        return every(Word(word) for word in self.words) if self.apart else Phrase(self.words)

    @property
    def in_title(self) -> Expression:
        """What to look for in titles; a mark counts as if it stood there."""
        if self.mark:
            return self.expression
        return every(Word(Mark.TITLE + word, self.prefix) for word in self.words)


@dataclass(frozen=True)
class Concept:
    """One thing that is asked for. `rarity`: how much finding it tells. `parts`: what says it halfway.

    `share`: how many of all entries have it, about, 0 to 1.
    """

    typed: str
    rarity: float
    ways: tuple[Way, ...]
    parts: tuple[Way, ...] = ()
    share: float = 0.0


@dataclass(frozen=True)
class Part:
    """A part of the query in words, and the arguments of the address that change when it is taken away."""

    text: str
    without: Mapping[str, str]


@dataclass
class Plan:
    """How a query was read.

    `also`: other words that were looked for. `corrected`: mistyped words (folded) -> what they were read as;
    `unknown`: words that nothing has. `narrowed` and `unwanted` hold for every result.
    """

    query: Query
    concepts: list[Concept] = field(default_factory=list)
    narrowed: list[Expression] = field(default_factory=list)
    unwanted: list[Expression] = field(default_factory=list)
    where: list[ColumnElement[bool]] = field(default_factory=list)
    services: list[ServiceWords] = field(default_factory=list)
    also: list[str] = field(default_factory=list)
    corrected: dict[str, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    # The number of the last change of what lists are filtered by, and what services are called.
    seq: int = 0
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether nothing is asked for: no words and nothing to narrow by."""
        return not (self.concepts or self.narrowed or self.unwanted or self.where or self.unknown)

    @property
    def everywhere(self) -> bool:
        """Whether nearly every entry has what is asked for."""
        return not self.narrowed and all(concept.share > COMMON_SHARE for concept in self.concepts)

    def expression(self, core: Sequence[Expression], kind: Expression) -> Expression:
        """Entries of this kind that have the core, within what the query is narrowed to."""
        wanted = every([*core, kind, *self.narrowed])
        return Without(wanted, some(self.unwanted)) if self.unwanted else wanted

    @property
    def all_of_it(self) -> list[Expression]:
        """Every concept, in any of its ways."""
        return [some(way.expression for way in concept.ways) for concept in self.concepts]

    @property
    def in_titles(self) -> list[Expression]:
        """Every concept, in titles."""
        return [some(way.in_title for way in concept.ways) for concept in self.concepts]

    @property
    def most_of_it(self) -> list[Expression]:
        """Any groups of concepts that together are ENOUGH of what was asked for."""
        return self._most(lambda way: way.expression)

    @property
    def most_in_titles(self) -> list[Expression]:
        """The same, in titles."""
        return self._most(lambda way: way.in_title)

    def _most(self, look_for: Callable[[Way], Expression]) -> list[Expression]:
        rare = sorted(self.concepts, key=lambda concept: -concept.rarity)[:MOST_CONCEPTS]
        looked_for = {
            concept: some(look_for(way) for way in (*concept.ways, *concept.parts)) for concept in rare
        }
        total = sum(concept.rarity for concept in self.concepts)
        groups: list[tuple[Concept, ...]] = []
        for size in range(1, len(rare) + 1):
            for group in combinations(rare, size):
                enough = sum(concept.rarity for concept in group) >= ENOUGH * total
                if enough and not any(set(smaller) <= set(group) for smaller in groups):
                    groups.append(group)
        if not groups:
            return []
        clauses = [every(looked_for[concept] for concept in group) for group in groups[:MOST_CLAUSES]]
        return [some(clauses)]
