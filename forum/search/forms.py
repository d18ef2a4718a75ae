"""The shape of what curators type."""

from __future__ import annotations

from forum.core.i18n import mark
from forum.core.shapes import Line, Shape
from forum.search.models import LONGEST_SYNONYMS


class SynonymsShape(Shape):
    """Words that mean the same, separated by commas."""

    terms = Line(LONGEST_SYNONYMS, missing=mark("Enter at least two words, separated by commas."))
