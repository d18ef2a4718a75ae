"""What follows from what: every consequence that crosses rooms, on this page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from forum.core import events

REACTIONS: Mapping[type, Sequence[events.Handler]] = {}


def connect() -> None:
    """Put the table in force."""
    events.connect(REACTIONS)
