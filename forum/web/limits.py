"""How often a person or a network may do what costs us, or others, something."""

from __future__ import annotations

from flask import current_app

from forum.config import Settings
from forum.core import limits
from forum.web.security import network

# name -> (most, seconds). A town hall is often one address, so networks get more than accounts.
ALLOWANCES: dict[str, tuple[int, int]] = {
    "sign-in account": (8, 15 * 60),
    "sign-in network": (40, 15 * 60),
    "join network": (10, 60 * 60),
    "forgot network": (20, 60 * 60),
    "forgot account": (3, 60 * 60),
    "mail account": (5, 60 * 60),
    "write": (60, 10 * 60),
    "look-up": (40, 10 * 60),
    "preview": (120, 10 * 60),
}


def _allowance(name: str) -> tuple[int, int]:
    settings: Settings = current_app.extensions["interlocal"]
    return settings.limits.get(name, ALLOWANCES[name])


def spend(name: str, who: str | int) -> None:
    """Count one attempt of `who` under the allowance `name`. Raises TooMany, with when to try again."""
    most, seconds = _allowance(name)
    limits.spend(f"{name}:{who}"[:200], most, seconds)


def spend_network(name: str) -> None:
    """The same, for the network that the request comes from."""
    spend(name, network())


def forgive(name: str, who: str | int) -> None:
    """Start again for `who`, as after a success."""
    limits.forget(f"{name}:{who}"[:200])
