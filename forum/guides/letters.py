"""What is mailed to curators about the guides that they write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forum.core import mail
from forum.core.db import db, write
from forum.core.i18n import gettext as _
from forum.guides.models import Guide, GuideStep
from forum.guides.policy import STEPS
from forum.web.letters import Letter, drawn


def tell_author(payload: Mapping[str, Any]) -> None:
    """The handler that tells the author of a guide what another curator did with it, and said."""
    taken = db.session.get(GuideStep, payload["step"])
    guide = db.session.get(Guide, taken.guide_id) if taken else None
    if taken is None or guide is None or not guide.author.is_active:
        return
    values = {"name": taken.actor.name, "done": _(STEPS[taken.step].done), "title": guide.title}
    letter = Letter(
        _("%(name)s %(done)s: %(title)s") % values,
        [
            _("Hello %(name)s,") % {"name": guide.author.name},
            _("this is about your guide “%(title)s”: %(name)s %(done)s.") % values,
            *([taken.note] if taken.note else []),
        ],
        _("Look at the guide"),
        guide.path,
    )
    text, html = drawn(letter)
    with write():
        mail.post(guide.author.email, letter.subject, text, html, key=f"guide-step:{taken.id}")
