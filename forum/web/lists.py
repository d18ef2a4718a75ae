"""The addresses of lists: each filter, order and page is a link that can be kept and sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from flask import g, request

from forum.core.text import fold

# Longer than any slug, code or cursor that we make.
LONGEST = 200
# More values of one filter than anybody ticks.
MOST = 40


@dataclass(frozen=True)
class ListAddress:
    """Where a list page stands. `args` are the arguments in use, each with its values; blank ones are left out."""

    path: str
    args: Mapping[str, tuple[str, ...]]

    @property
    def after(self) -> str | None:
        """The cursor of this page, None for the first."""
        return self.get("after") or None

    def get(self, name: str) -> str:
        """One argument, "" where it is not in use."""
        return next(iter(self.all(name)), "")

    def all(self, name: str) -> tuple[str, ...]:
        """All values of an argument that takes several."""
        return self.args.get(name, ())

    def to(self, **changes: str | tuple[str, ...] | None) -> str:
        """The same list with other arguments ("" takes one away), from its start unless `after` is given."""
        changed = {name: _written(name, values) for name, values in changes.items()}
        query = "&".join(filter(None, (self._written | changed).values()))
        return f"{self.path}?{query}" if query else self.path

    @cached_property
    def _written(self) -> dict[str, str]:
        """name -> that argument as it stands in an address, of all but `after`. A page has ten such addresses."""
        return {name: _written(name, values) for name, values in self.args.items() if name != "after"}

    def without(self, name: str, value: str) -> str:
        """The same list, from its start, without this one value."""
        return self.to(**{name: tuple(kept for kept in self.all(name) if kept != value)})

    def only(self, *names: str) -> str:
        """The same list, from its start, with no other arguments than these."""
        return self.to(**{name: "" for name in self.args if name not in names})


def _written(name: str, values: str | tuple[str, ...] | None) -> str:
    return urlencode({name: values}, doseq=True) if values else ""


def reads_arguments(*names: str) -> None:
    """Say which arguments of its address this page reads: `web.pagecache` keeps none that comes with others."""
    g.arguments = {*names}


def list_address(*names: str) -> ListAddress:
    """The address of this request, with those of its arguments that the list knows (and `after`)."""
    reads_arguments(*names, "after")
    found = {
        name: tuple(dict.fromkeys(fold(value[:LONGEST]) for value in request.args.getlist(name)[:MOST]))
        for name in (*names, "after")
    }
    return ListAddress(
        request.path, {name: values for name, all_ in found.items() if (values := tuple(filter(None, all_)))}
    )


def counted(rows: Iterable[tuple[str, str, int]]) -> list[tuple[str, str]]:
    """(key, label, n) as choices for a filter: "Wisconsin, US (12)"."""
    return [(key, f"{label} ({n})") for key, label, n in rows]
