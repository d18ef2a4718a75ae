"""Events: what happened, told to whoever must follow, in the same transaction.

A room publishes a frozen dataclass in the past tense; `forum/reactions.py` says on one page which
handlers follow. Handlers run at once, so that a post and all its consequences commit together or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Handler = Callable[[Any], None]

_reactions: dict[type, Sequence[Handler]] = {}


def connect(reactions: Mapping[type, Sequence[Handler]]) -> None:
    """Replace the whole table of reactions."""
    _reactions.clear()
    _reactions.update(reactions)


def publish(event: object) -> None:
    """Run every handler of this event's type, in the order of the table."""
    for handler in _reactions.get(type(event), ()):
        handler(event)
