"""What is mailed to people whose answers became records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forum.accounts.models import Person
from forum.case_studies.models import CaseOrigin, CaseStudy
from forum.core import mail
from forum.core.db import db, write
from forum.core.i18n import gettext as _
from forum.web.letters import Letter, drawn


def ask_credited(payload: Mapping[str, Any]) -> None:
    """The handler that asks somebody whether the case that was written up from their answer is right."""
    case, origin = db.session.get(CaseStudy, payload["case"]), db.session.get(CaseOrigin, payload["case"])
    if case is None or origin is None:
        return
    credited = db.session.get_one(Person, origin.credited_id)
    if not credited.is_active:
        return
    letter = Letter(
        _("Your answer became a case"),
        [
            _("Hello %(name)s,") % {"name": credited.name},
            _("%(name)s wrote up your answer as a case, with credit to you: %(title)s")
            % {"name": case.author.name, "title": case.title},
            _("Please look whether it is right. One press confirms it; you may also change it."),
        ],
        _("Look at the case"),
        case.path,
    )
    text, html = drawn(letter)
    with write():
        mail.post(credited.email, letter.subject, text, html, key=f"credited:{case.id}")
