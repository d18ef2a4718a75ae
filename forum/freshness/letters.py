"""What is mailed to who answers for a record from now on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forum.core import mail
from forum.core.db import db, write
from forum.core.i18n import gettext as _
from forum.freshness.models import Handover
from forum.freshness.queries import record
from forum.web.letters import Letter, drawn


def tell_owner(payload: Mapping[str, Any]) -> None:
    """The handler that tells somebody what was handed over to them; nothing where that is out of sight by now."""
    handover = db.session.get(Handover, payload["handover"])
    kept = record(handover.freshness_id) if handover else None
    if handover is None or kept is None or kept.owner_id != handover.to_id or not handover.to.is_active:
        return
    values = {"name": handover.by.name, "title": kept.title}
    letter = Letter(
        _("You answer for this now: %(title)s") % values,
        [
            _("Hello %(name)s,") % {"name": handover.to.name},
            _("%(name)s handed this over to you: “%(title)s”.") % values,
            _("Others rely on it. Please look whether it is right; once in a while you are asked again."),
        ],
        _("Confirm it, or say what changed"),
        kept.href,
        [_("Not yours to answer for? Hand it over to somebody else on the same page.")],
    )
    text, html = drawn(letter)
    with write():
        mail.post(handover.to.email, letter.subject, text, html, key=f"handover:{handover.id}")
