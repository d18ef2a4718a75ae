"""What is mailed to people about their accounts. Each is a job: nobody waits for it, and nobody can tell by the time
that an answer takes whether there is an account.

No letter holds a word that somebody typed: who joins with the address of another could else write to them through us.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from forum.accounts import actions, queries
from forum.accounts.models import Person
from forum.core import clock, mail
from forum.core.db import db, write
from forum.core.i18n import gettext as _
from forum.web.letters import Letter, drawn

# How long a link works.
TO_CONFIRM = timedelta(days=3)
TO_RESET = timedelta(hours=1)


def confirm_address(payload: Mapping[str, Any]) -> None:
    """The handler that asks whether an address is really that of a person."""
    person = db.session.get(Person, payload["person"])
    email = payload["email"]
    if person is None or not person.is_active or (person.email == email and person.email_confirmed_at):
        return
    token = secrets.token_urlsafe(32)
    letter = Letter(
        _("Confirm your e-mail address"),
        [
            _(
                "Please confirm that you get mail at this address, so that we can reach you about your account."
            ),
        ],
        _("Confirm this address"),
        f"/confirm/{token}",
        [_("The link works for three days. If you did not ask for this, you need do nothing.")],
    )
    _post_with_token(payload["key"], letter, person, email, token, "address", TO_CONFIRM)


def reset_password(payload: Mapping[str, Any]) -> None:
    """The handler that helps somebody who forgot their password; it does nothing for an address that is nobody's."""
    person = queries.by_email(payload["email"])
    # Those of the demo are everybody's.
    if person is None or not person.is_active or person.demo:
        return
    token = secrets.token_urlsafe(32)
    letter = Letter(
        _("Choose a new password"),
        [
            _("Somebody, most likely you, asked for a new password for your account at Interlocal."),
        ],
        _("Choose a new password"),
        f"/reset/{token}",
        [
            _("The link works once, for one hour."),
            _("If it was not you, you need do nothing: your password stays as it is."),
        ],
    )
    _post_with_token(payload["key"], letter, person, person.email, token, "password", TO_RESET)


def _post_with_token(
    key: str, letter: Letter, person: Person, email: str, token: str, purpose: str, life: timedelta
) -> None:
    """Mail and token together or neither: a job that is done twice mails once."""
    text, html = drawn(letter)
    ends_at = clock.now() + life
    with write():
        if mail.post(email, letter.subject, text, html, key=key, until=ends_at):
            actions.keep_token(person, token, purpose, email, ends_at)


def password_changed(payload: Mapping[str, Any]) -> None:
    """The handler that tells somebody that their password is another one now."""
    _tell(
        payload,
        Letter(
            _("Your password was changed"),
            [
                _(
                    "The password of your account at Interlocal was changed, and you are signed out everywhere."
                ),
                _("If it was not you, choose a new one at once."),
            ],
            _("Choose a new password"),
            "/forgot",
        ),
    )


def address_changed(payload: Mapping[str, Any]) -> None:
    """The handler that tells the old address that the account has a new one."""
    _tell(
        payload,
        Letter(
            _("Your e-mail address was changed"),
            [
                _("Your account at Interlocal now has the address %(email)s. You sign in with that one.")
                % {"email": payload["new"]},
                _("If it was not you, tell those who run the site at once."),
            ],
        ),
    )


def _tell(payload: Mapping[str, Any], letter: Letter) -> None:
    text, html = drawn(letter)
    with write():
        mail.post(payload["email"], letter.subject, text, html, key=payload["key"])
