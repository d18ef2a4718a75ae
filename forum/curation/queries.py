"""Reading for the curators: the links, those that need them first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select

from forum.accounts.models import Person
from forum.core.db import db
from forum.core.listing import Listing, keyset
from forum.links import queries as links
from forum.links.addresses import name_of
from forum.links.models import LINK_STATES, Link, LinkUse
from forum.links.queries import Check, Use
from forum.posts.queries import PostLink, citing

# What the list is narrowed to, in the order of need; the first is what it opens with.
VIEWS = ("broken", "moved", "changed", "gone", "unreachable", "login_wall", "retired", "unchecked", "ok")


@dataclass(frozen=True)
class LinkRow:
    """A link for a curator: how it is and why, and where it is used."""

    id: int
    url: str
    title: str
    state: str
    label: str
    hint: str
    why: str
    title_now: str
    proposed_url: str
    archive_url: str
    checked_at: datetime | None
    failures_since: datetime | None
    n_failures: int
    uses: tuple[Use, ...]


def _row(link: Link, uses: tuple[Use, ...]) -> LinkRow:
    return LinkRow(
        id=link.id,
        url=link.url,
        title=link.title or next((use.title for use in uses if "url" in use.places), "") or name_of(link.url),
        state=link.state,
        label=LINK_STATES.label(link.state),
        hint=LINK_STATES.hint(link.state),
        why=links.why(link.status, link.problem) if link.state != "ok" else "",
        title_now=link.title_now,
        proposed_url=link.proposed_url,
        archive_url=link.archive_url,
        checked_at=link.checked_at,
        failures_since=link.failures_since,
        n_failures=link.n_failures,
        uses=uses,
    )


@dataclass(frozen=True)
class LinksPage:
    """The list of links in one state. `counts`: state -> how many, for those that there are."""

    state: str
    counts: Sequence[tuple[str, str, int]]
    links: Listing[LinkRow]


def links_page(actor: Person, state: str, cursor: str | None) -> LinksPage:
    """Links in this state that posts use, the latest first; without one, in the neediest. Three statements."""
    found = links.counts_by_state()
    counts = [(key, LINK_STATES.label(key), found[key]) for key in VIEWS if key in found]
    state = state if state in LINK_STATES else counts[0][0] if counts else "broken"
    used: ColumnElement[bool] = select(LinkUse.link_id).where(LinkUse.link_id == Link.id).exists()
    rows = keyset(
        select(Link).where(Link.state == state, used),
        (Link.id,),
        cursor,
        session=db.session,
        shape=lambda row: row[0],
        key=lambda row: (row[0].id,),
    )
    uses = links.uses(actor, [link.id for link in rows.rows])
    return LinksPage(
        state,
        counts,
        Listing([_row(link, uses.get(link.id, ())) for link in rows.rows], rows.older, rows.first),
    )


@dataclass(frozen=True)
class LinkPage:
    """One link with its history."""

    link: LinkRow
    history: Sequence[Check]
    cited_by: Sequence[PostLink]


def link_page(actor: Person, link_id: int) -> LinkPage:
    """One link. Raises NotFound."""
    link = links.link_by_id(link_id)
    uses = links.uses(actor, [link.id]).get(link.id, ())
    resource = next((use for use in uses if "url" in use.places), None)
    used = {use.href for use in uses}
    return LinkPage(
        _row(link, uses),
        links.history([link.id]).get(link.id, ()),
        [post for post in citing(actor, resource.post_id) if post.href not in used] if resource else [],
    )
