"""An issue as mail: what one subscriber gets, as HTML and as plain text that says the same."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import current_app

from forum.core.i18n import gettext as _
from forum.digests.queries import IssueView
from forum.digests.queries.cards import Card
from forum.web.render import template

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
        # Lines end where paragraphs end: a phone and a wide window each wrap them as they need.
        text=template("digests/mail.txt", **values),
        html=template("digests/mail.html", opening_html=_colored(view.issue.body_html), ink=INK, **values),
        headers={
            # RFC 8058: the reader's mail program posts there by itself when they press "Unsubscribe".
            "List-Unsubscribe": f"<{values['unsubscribe']}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "List-Id": f"Interlocal digest <digest.{urlsplit(site).hostname}>",
        },
    )


def _colored(rendered: str) -> str:
    """Rendered Markdown with its links in our color. Their addresses are whole: no other ones are rendered."""
    return re.sub(r'<a (?=[^>]*href=")', f'<a class="link" style="color:{INK}" ', rendered)
