"""The shape of an announcement."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, validates_schema

from forum.announcements.models import AUDIENCES
from forum.core.i18n import gettext as _
from forum.core.i18n import mark
from forum.core.shapes import Choice, Day, Line, Shape, WebAddress


class LinkTarget(WebAddress):
    """An address of the web, or a path of this site."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = str(value).strip()
        if text.startswith("/") and not text.startswith(("//", "/\\")):
            return Line(self.high)._deserialize(text, attr, data, **kwargs)
        return super()._deserialize(value, attr, data, **kwargs)


class AnnouncementShape(Shape):
    """Writing an announcement. Without days it is shown from today on, until it is ended."""

    text = Line(200, low=3, missing=mark("Say what is new."))
    link = LinkTarget(500)
    link_text = Line(60)
    audience = Choice(AUDIENCES, required=True, missing=mark("Choose who is to see it."))
    from_day = Day()
    until_day = Day()

    @validates_schema
    def _agree(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if data.get("link") and not data.get("link_text"):
            raise ValidationError({"link_text": [_("Say where the link leads.")]})
        if data.get("link_text") and not data.get("link"):
            raise ValidationError({"link": [_("Enter the address of the link.")]})
        first, last = data.get("from_day"), data.get("until_day")
        if first and last and last < first:
            raise ValidationError({"until_day": [_("This is before the first day.")]})
