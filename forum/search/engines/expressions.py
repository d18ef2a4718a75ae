"""What to look for. The words are those of `Entry.words`: terms and marks, nothing that a person typed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Word:
    """One word; with `prefix` any that begins so."""

    text: str
    prefix: bool = False


@dataclass(frozen=True)
class Phrase:
    """Words one after the other."""

    words: tuple[str, ...]


@dataclass(frozen=True)
class All:
    """Every one of these."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True)
class AnyOf:
    """At least one of these."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True)
class Without:
    """This, and not that."""

    wanted: Expression
    unwanted: Expression


Expression = Word | Phrase | All | AnyOf | Without


def every(parts: Iterable[Expression]) -> Expression:
    """All of these, said as simply as it can be."""
    kept = tuple(dict.fromkeys(parts))
    return kept[0] if len(kept) == 1 else All(kept)


def some(parts: Iterable[Expression]) -> Expression:
    """Any of these, said as simply as it can be."""
    kept = tuple(dict.fromkeys(parts))
    return kept[0] if len(kept) == 1 else AnyOf(kept)
