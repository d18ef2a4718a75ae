"""What happened to guides."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class GuidePublished:
    """A guide was reviewed and can be read by everybody, for the first time or again."""

    guide_id: int
    reviewer_id: int
