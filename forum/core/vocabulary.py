"""Fixed vocabularies: keys that are stored, labels that are read, definitions that help to choose."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import CheckConstraint

from forum.core.i18n import gettext, mark


@dataclass(frozen=True)
class Term:
    """One value. `group` sorts values that belong together (the heading is the room's own affair)."""

    key: str
    label: str
    hint: str = ""
    group: str = ""


class Vocabulary:
    """An ordered set of terms. Iterating gives the terms; `in` asks for a key."""

    def __init__(self, *terms: Term) -> None:
        self._terms = {term.key: term for term in terms}

    @classmethod
    def of(cls, **labels: str) -> Vocabulary:
        """The short way, for terms that need no definition: key=label."""
        return cls(*(Term(key, mark(label)) for key, label in labels.items()))

    def __iter__(self) -> Iterator[Term]:
        return iter(self._terms.values())

    def __contains__(self, key: object) -> bool:
        return key in self._terms

    def __getitem__(self, key: str) -> Term:
        return self._terms[key]

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys in order."""
        return tuple(self._terms)

    def label(self, key: str | None) -> str:
        """The label in the reader's language; an unknown key (from a newer version) is shown as it is."""
        if not key:
            return ""
        return gettext(self._terms[key].label) if key in self._terms else key

    def hint(self, key: str) -> str:
        """The one-line definition."""
        return gettext(self._terms[key].hint) if key in self._terms and self._terms[key].hint else ""

    def choices(self) -> list[tuple[str, str]]:
        """(key, label) pairs for a form."""
        return [(term.key, gettext(term.label)) for term in self]

    def check(self, column: str) -> CheckConstraint:
        """The database's own guard that a column holds one of the keys (or NULL)."""
        keys = ", ".join(f"'{key}'" for key in self._terms)
        return CheckConstraint(f"{column} IN ({keys})", name=f"{column}_known")
