"""The shape of input to moderation."""

from __future__ import annotations

from forum.core.i18n import mark
from forum.core.shapes import Line, Shape


class ReasonShape(Shape):
    """Why: shown to whom it concerns, and kept in the log."""

    reason = Line(400, low=3, missing=mark("Say why."))
