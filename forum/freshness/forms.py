"""What people say of records that are kept fresh."""

from __future__ import annotations

from forum.core.i18n import mark
from forum.core.shapes import Line, Shape


class HandoverShape(Shape):
    """Who answers for a record from now on: a name, or the address of a person's page."""

    to = Line(200, missing=mark("Write a name."))
