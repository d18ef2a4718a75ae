"""What a visit says of a link."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import SequenceMatcher
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from forum.core.http import Fetched
from forum.core.text import compare_key
from forum.links.addresses import LONGEST, normalize, same_page

PERMANENT = (301, 308)
LONGEST_WAIT = timedelta(days=7)
# Titles that share less than this part of their letters are of different pages.
ALIKE = 0.5
_SIGN_IN = re.compile(
    r"(?:^|[/._-])(?:log-?in|sign-?in|sso|saml2?|oauth2?|authorize|cas|wp-login|account/login|idp)(?:$|[/._?-])",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Verdict:
    """The state of a link by one visit, a key of LINK_STATES but "broken"; why, and whether it counts as a failure.

    `proposed` is where it has moved to.
    """

    state: str
    problem: str = ""
    failed: bool = False
    proposed: str = ""


def judge(url: str, page: Fetched, known_title: str, title: str) -> Verdict:
    """What this visit to `url` says. `known_title`: the title that the page used to have; `title`: that of today."""
    if page.error:
        return Verdict("unreachable", page.error, failed=True)
    if page.status in (404, 410):
        return Verdict("gone", failed=True)
    if page.status in (401, 402, 403, 407, 451):
        return Verdict("login_wall")
    if page.status >= 400 or (300 <= page.status < 400 and page.status != 304) or page.status < 200:
        return Verdict("unreachable", failed=True)
    if _asks_to_sign_in(url, page.url):
        return Verdict("login_wall", "sign_in")
    if _is_front_page(page.url) and not _is_front_page(url):
        return Verdict("changed", "front_page")
    if page.status != 304 and is_another(known_title, title):
        return Verdict("changed", "title")
    proposed = _moved_to(url, page)
    return Verdict("moved", proposed=proposed) if proposed else Verdict("ok")


def is_another(known: str, now: str) -> bool:
    """Whether these are titles of different pages. A page without one is not known to be another."""
    one, other = compare_key(known), compare_key(now)
    if not one or not other or one in other or other in one:
        return False
    return SequenceMatcher(None, one, other, autojunk=False).ratio() < ALIKE


def wait_asked(page: Fetched, now: datetime) -> timedelta | None:
    """How long the site asks us to stay away (Retry-After), at most a week; None where it does not ask."""
    text = page.headers.get("retry-after", "").strip()
    if page.status not in (429, 503) or not text:
        return None
    try:
        moment = parsedate_to_datetime(text) if not text.isdigit() else now + timedelta(seconds=int(text[:9]))
    except (ValueError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(moment - now, timedelta(0)), LONGEST_WAIT)


def _asks_to_sign_in(url: str, end: str) -> bool:
    if url == end:
        return False
    parts, before = urlsplit(end), urlsplit(url)
    target = parts.path if parts.hostname == before.hostname else f"{parts.hostname}{parts.path}"
    return bool(_SIGN_IN.search(target)) and not _SIGN_IN.search(before.path)


def _is_front_page(url: str) -> bool:
    parts = urlsplit(url)
    return parts.path in ("", "/") and not parts.query


def _moved_to(url: str, page: Fetched) -> str:
    """Where the permanent redirects lead, up to the first that is for now only; "" where that is the same page."""
    end = ""
    for hop in page.hops:
        if hop.status not in PERMANENT:
            break
        end = hop.url
    try:
        proposed = normalize(end)
    except ValueError:
        return ""
    return "" if same_page(url, proposed) or len(proposed) > LONGEST else proposed
