"""What is mailed to curators about the guides that they write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forum.accounts.models import Person
from forum.core import mail
from forum.core.db import db, write
from forum.core.i18n import gettext as _
from forum.guides.models import Guide, GuideStep
from forum.guides.policy import STEPS
from forum.web.letters import Letter, drawn


def tell_author(payload: Mapping[str, Any]) -> None:
    """The handler that tells the author of a guide, or of a change to it, what another did with it, and said."""
    taken = db.session.get(GuideStep, payload["step"])
    guide = db.session.get(Guide, taken.guide_id) if taken else None
    if taken is None or guide is None:
        return
    person = db.session.get(Person, payload.get("person", guide.author_id))
    if person is None or not person.is_active:
        return
    values = {"name": taken.actor.name, "done": _(STEPS[taken.step].done), "title": guide.title}
    letter = Letter(
        _("%(name)s %(done)s: %(title)s") % values,
        [
            _("Hello %(name)s,") % {"name": person.name},
            _("this is about the guide “%(title)s”: %(name)s %(done)s.") % values,
            *([taken.note] if taken.note else []),
        ],
        _("Look at the guide"),
        guide.path,
    )
    text, html = drawn(letter)
    with write():
        mail.post(person.email, letter.subject, text, html, key=f"guide-step:{taken.id}")
