"""Asking owners, once and about all at a time, whether what they wrote still holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import update

from forum.accounts.models import Person
from forum.core import clock, mail
from forum.core.db import db, write
from forum.core.i18n import gettext as _
from forum.core.i18n import ngettext
from forum.freshness.models import Freshness
from forum.freshness.queries import Due, not_yet_asked
from forum.web.letters import Letter, drawn

# Records that are looked at in one go; what is beyond is asked about in the next.
BATCH = 500
# Titles that one mail names; it counts the rest.
NAMED = 10


def ask_owners(_payload: Mapping[str, Any]) -> None:
    """The handler that mails each owner one list of what is due, and remembers that they were asked."""
    due = sorted(not_yet_asked(BATCH), key=lambda record: record.owner_id)
    for owner_id, records in groupby(due, key=lambda record: record.owner_id):
        _ask(db.session.get_one(Person, owner_id), list(records))


def _ask(owner: Person, records: Sequence[Due]) -> None:
    letter = _letter(owner, records)
    text, html = drawn(letter)
    ids = [record.id for record in records]
    with write():
        if owner.is_active:
            # The same records on another day are another question.
            key = f"still-right:{owner.id}:{min(ids)}:{clock.today()}"
            mail.post(owner.email, letter.subject, text, html, key=key)
        db.session.execute(update(Freshness).where(Freshness.id.in_(ids)).values(asked_at=clock.now()))


def _letter(owner: Person, records: Sequence[Due]) -> Letter:
    n, more = len(records), len(records) - NAMED
    subject = ngettext(
        "Is it still right? One page waits for you", "Is it still right? %(n)d pages wait for you", n
    )
    listed = [f"• {record.title}" for record in records[:NAMED]]
    if more > 0:
        listed.append(ngettext("... and %(n)d more.", "... and %(n)d more.", more) % {"n": more})
    return Letter(
        subject % {"n": n},
        [
            _("Hello %(name)s,") % {"name": owner.name},
            _("you answer for this at Interlocal, and others rely on it. Is it still right?"),
            *listed,
        ],
        _("Confirm it, or say what changed"),
        "/still-right",
        [_("You are asked once. Until you answer, the pages say how long nobody has confirmed them.")],
    )
