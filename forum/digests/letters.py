"""An issue as mail: what one subscriber gets, as HTML and as plain text that says the same."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import current_app

from forum.core.i18n import gettext as _
from forum.digests.queries import IssueView
from forum.digests.queries.cards import Card
from forum.web.render import template

# Characters of a line of plain text.
WIDTH = 72
# Of links: mail programs read no stylesheet of ours. `mail.html` has the rest, and the colors of the night.
INK = "#0d5952"


@dataclass(frozen=True)
class Letter:
    """One mail, but for who gets it."""

    subject: str
    text: str
    html: str
    headers: Mapping[str, str]


def letter(view: IssueView, cards: Sequence[Card], token: str, *, follows: Sequence[str] = ()) -> Letter:
    """The mail of an issue with these cards, whose links end the subscription of `token`.

    `follows` are the names of the domains of this edition; none for all of it. It needs no request.
    """
    site = str(current_app.extensions["interlocal"].base_url)
    values = {
        "site": site,
        "issue": view.issue,
        "address": site + view.issue.path,
        "cards": cards,
        "follows": follows,
        "unsubscribe": f"{site}/digests/unsubscribe/{token}",
    }
    return Letter(
        subject=view.issue.title or _("Untitled issue"),
        text=template("digests/mail.txt", opening=_plain(view.issue.body, site), wrap=_wrap, **values),
        html=template(
            "digests/mail.html", opening_html=_for_mail(view.issue.body_html, site), ink=INK, **values
        ),
        headers={
            # RFC 8058: the reader's mail program posts there by itself when they press "Unsubscribe".
            "List-Unsubscribe": f"<{values['unsubscribe']}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "List-Id": f"Interlocal digest <digest.{urlsplit(site).hostname}>",
        },
    )


def _for_mail(rendered: str, site: str) -> str:
    """Rendered Markdown as it can be read away from the site: addresses whole, links in our color."""
    return re.sub(r'<a (?=[^>]*href=")', f'<a class="link" style="color:{INK}" ', rendered).replace(
        'href="/', f'href="{site}/'
    )


def _plain(markdown: str, site: str) -> str:
    """Markdown reads well as it was typed; its lines are wrapped and its addresses made whole."""
    return _wrap(re.sub(r"(\]\(|\]: )(?=/)", rf"\1{site}", markdown))


def _wrap(text: str, indent: str = "") -> str:
    """Text in lines of at most WIDTH characters, but for addresses; its own line ends stay."""
    filled = (
        textwrap.fill(
            line,
            WIDTH,
            initial_indent=indent,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for line in text.splitlines()
    )
    return "\n".join(filled)
