"""What happened to links."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LinkChecked:
    """A link was visited, or a curator decided about it; `before` and `state` are keys of LINK_STATES."""

    link_id: int
    before: str
    state: str
