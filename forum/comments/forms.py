"""The shape of input about comments."""

from __future__ import annotations

from forum.comments.models import COMMENT_KINDS
from forum.core.i18n import mark
from forum.core.shapes import Choice, Lines, Shape

LONGEST = 4000


class CommentShape(Shape):
    """One comment. The field is not called body: on some pages it stands beside a form that has one."""

    comment = Lines(LONGEST, low=2, missing=mark("Write your comment first."))
    kind = Choice(COMMENT_KINDS, load_default="comment")
