"""What can go wrong, as sentences for people. Raised in actions; `web/errors.py` turns them into pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Problem(Exception):
    """Base of all refusals. `str(problem)` is a sentence that a person may read."""

    status = 400


class Forbidden(Problem):
    """This person may not do this."""

    status = 403


class NotFound(Problem):
    """There is no such thing, or this person may not know of it: both look the same."""

    status = 404

    def __init__(self, sentence: str = "") -> None:
        super().__init__(sentence)


class Moved(Problem):
    """It is at another address now, for good."""

    status = 301

    def __init__(self, path: str) -> None:
        super().__init__("")
        self.path = path


class Invalid(Problem):
    """Input breaks a rule. `faults` maps a dashed path ("parties-0-name", "" for the whole) to a sentence."""

    status = 422

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{path}: {why}" if path else why for path, why in faults.items()))
        self.faults = dict(faults)


class EditConflict(Problem):
    """Somebody saved a newer version since this one was opened. Carries what now stands."""

    status = 409

    def __init__(self, current: Any, editor_name: str = "") -> None:
        super().__init__("Somebody else saved this while you were editing.")
        self.current = current
        self.editor_name = editor_name


class TooMany(Problem):
    """A limit is reached. `retry_after` is in seconds."""

    status = 429

    def __init__(self, sentence: str, retry_after: int) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after
