"""Short mails: a few sentences and one link, drawn once as text and once as HTML that says the same."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from flask import current_app

from forum.web.render import template

# Characters of a line of plain text.
WIDTH = 72


@dataclass(frozen=True)
class Letter:
    """Sentences before and after a link; `path` is one of this site, `label` says what it does."""

    subject: str
    before: Sequence[str]
    label: str = ""
    path: str = ""
    after: Sequence[str] = ()


def drawn(letter: Letter) -> tuple[str, str]:
    """The text and the HTML. It needs no request: addresses come from the settings, not from who asks."""
    site = str(current_app.extensions["interlocal"].base_url)
    values = {"letter": letter, "site": site, "link": site + letter.path if letter.path else ""}
    return template("emails/mail.txt", wrap=_wrap, **values), template("emails/mail.html", **values)


def _wrap(text: str) -> str:
    return textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)
