"""The shape of a note."""

from __future__ import annotations

from forum.core.i18n import mark
from forum.core.shapes import Line, Shape
from forum.desk.models import LONGEST_NOTE


class NoteShape(Shape):
    """What a curator tells the others, or why something is put aside."""

    note = Line(LONGEST_NOTE, missing=mark("Write a few words."))
