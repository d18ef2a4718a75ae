"""What was said of a record's freshness."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RecordConfirmed:
    """A case or a guide still holds, says somebody who may."""

    kind: str
    post_id: int
    person_id: int


@dataclass(frozen=True)
class RecordEnded:
    """Whoever answers for a case or a guide says that it holds no more. Of an answer nothing follows."""

    kind: str
    post_id: int
    person_id: int
