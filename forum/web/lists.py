"""The addresses of lists: each filter, order and page is a link that can be kept and sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import request

# Longer than any slug, code or cursor that we make.
LONGEST = 200


@dataclass(frozen=True)
class ListAddress:
    """Where a list page stands. `args` are the arguments in use, blank ones left out."""

    path: str
    args: Mapping[str, str]

    @property
    def after(self) -> str | None:
        """The cursor of this page, None for the first."""
        return self.args.get("after")

    def get(self, name: str) -> str:
        """One argument, "" where it is not in use."""
        return self.args.get(name, "")

    def to(self, **changes: str | None) -> str:
        """The same list with other arguments ("" takes one away), from its start unless `after` is given."""
        args = {name: value for name, value in self.args.items() if name != "after"} | changes
        query = urlencode({name: value for name, value in args.items() if value})
        return f"{self.path}?{query}" if query else self.path


def list_address(*names: str) -> ListAddress:
    """The address of this request, with those of its arguments that the list knows (and `after`)."""
    found = {name: request.args.get(name, "")[:LONGEST] for name in (*names, "after")}
    return ListAddress(request.path, {name: value for name, value in found.items() if value})


def counted(rows: Iterable[tuple[str, str, int]]) -> list[tuple[str, str]]:
    """(key, label, n) as choices for a filter: "Wisconsin, US (12)"."""
    return [(key, f"{label} ({n})") for key, label, n in rows]
