"""What happened to the services."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ServicesChanged:
    """Services were added, renamed or told otherwise."""
