"""Reading how links are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, select

from forum.accounts.models import Person
from forum.core import clock
from forum.core.db import db
from forum.core.errors import NotFound
from forum.core.i18n import gettext as _
from forum.core.rows import Prepared
from forum.links.addresses import archived, key_of
from forum.links.models import DEAD, IN_NEED, LINK_STATES, PROBLEMS, WELL, Link, LinkCheck, LinkUse
from forum.posts.models import FOLDERS, Post
from forum.posts.policy import seen_by

TONES = {"ok": "plain", "moved": "plain", "unchecked": "plain", "login_wall": "plain"}
HISTORY = 12


@dataclass(frozen=True)
class Badge:
    """What readers are told of a link: its state, since when that is known, and a copy where it is dead."""

    state: str
    label: str
    tone: str
    checked_at: datetime | None
    archived: str


class Badges:
    """The links of some posts, asked for by any spelling of their address."""

    def __init__(self, found: Mapping[str, Badge]) -> None:
        self._found = found

    def at(self, url: str) -> Badge | None:
        """The badge of an address; None where there is none."""
        try:
            return self._found.get(key_of(url))
        except ValueError:
            return None


BADGE_COLUMNS = (Link.key, Link.url, Link.state, Link.checked_at, Link.archive_url)


def badge_of(row: Any) -> Badge:
    """The badge of a row that has BADGE_COLUMNS."""
    return Badge(
        state=row.state,
        label=LINK_STATES.label(row.state),
        tone=TONES.get(row.state, "warn"),
        checked_at=row.checked_at,
        archived=(row.archive_url or archived(row.url)) if row.state in (*DEAD, "unreachable") else "",
    )


def badges(post_ids: Iterable[int]) -> Badges:
    """How the links in these posts are. One statement."""
    return Badges({row.key: badge_of(row) for row in _used_in(post_ids=list(post_ids))})


@Prepared
def _used_in() -> Select[*tuple[Any, ...]]:
    used = select(LinkUse.link_id).where(LinkUse.post_id.in_(bindparam("post_ids", expanding=True)))
    return select(*BADGE_COLUMNS).where(Link.id.in_(used))


@dataclass(frozen=True)
class LinksOf:
    """The links of one post by their place in it ("items-0-ref"). `dead`: how many readers do not reach.

    `checked_at` is when all of them were found well: the visit that is longest ago, None where one is not well.
    """

    at_place: Mapping[str, Badge]
    dead: int
    checked_at: datetime | None

    @property
    def is_today(self) -> bool:
        """Whether all of them were found well today."""
        return self.checked_at is not None and self.checked_at.date() == clock.today()


def links_of(post_id: int) -> LinksOf:
    """How the links of a post are. One statement."""
    rows = _links_of(post_id=post_id)
    visits = [row.checked_at for row in rows if row.state in WELL]
    return LinksOf(
        at_place={row.place: badge_of(row) for row in rows},
        dead=len({row.key for row in rows if row.state in DEAD}),
        checked_at=min((at for at in visits if at), default=None) if len(visits) == len(rows) else None,
    )


@Prepared
def _links_of() -> Select[*tuple[Any, ...]]:
    return select(LinkUse.place, *BADGE_COLUMNS).join(Link).where(LinkUse.post_id == bindparam("post_id"))


def broken_in(post_ids: Iterable[int]) -> dict[int, int]:
    """post id -> how many links in it are broken, for those that have any. One statement."""
    rows = db.session.execute(
        select(LinkUse.post_id, func.count(Link.id.distinct()).label("n"))
        .join(Link, Link.id == LinkUse.link_id)
        .where(LinkUse.post_id.in_(list(post_ids)), Link.state == "broken")
        .group_by(LinkUse.post_id)
    )
    return {row.post_id: row.n for row in rows}


@dataclass(frozen=True)
class Use:
    """A post that a link is used in, and the places in it."""

    post_id: int
    kind: str
    title: str
    href: str
    places: tuple[str, ...]


def uses(actor: Person | None, link_ids: Sequence[int]) -> dict[int, tuple[Use, ...]]:
    """link id -> the posts that this person may see it used in. One statement."""
    rows = db.session.execute(
        select(LinkUse.link_id, Post.id, Post.kind, Post.title, Post.slug, LinkUse.place)
        .join(Post, Post.id == LinkUse.post_id)
        .where(LinkUse.link_id.in_(link_ids), seen_by(actor))
        .order_by(LinkUse.link_id, Post.kind.desc(), Post.id, LinkUse.place)
    )
    found: dict[int, dict[int, Use]] = {}
    for link_id, post_id, kind, title, slug, place in rows:
        of_link = found.setdefault(link_id, {})
        before = of_link[post_id].places if post_id in of_link else ()
        of_link[post_id] = Use(post_id, kind, title, f"/{FOLDERS[kind]}/{slug}", (*before, place))
    return {link_id: tuple(of_link.values()) for link_id, of_link in found.items()}


@dataclass(frozen=True)
class Check:
    """One line of a link's history; `by` is the curator who did it by hand."""

    at: datetime
    label: str
    why: str
    by: str


def history(link_ids: Sequence[int], limit: int = HISTORY) -> dict[int, tuple[Check, ...]]:
    """link id -> its last visits, the newest first. One statement."""
    place = (
        func.row_number().over(partition_by=LinkCheck.link_id, order_by=LinkCheck.id.desc()).label("place")
    )
    newest = (
        select(LinkCheck, place, Person.name.label("by"))
        .outerjoin(Person, Person.id == LinkCheck.actor_id)
        .where(LinkCheck.link_id.in_(link_ids))
        .subquery()
    )
    found: dict[int, list[Check]] = {}
    rows = db.session.execute(select(newest).where(newest.c.place <= limit).order_by(newest.c.id.desc()))
    for row in rows:
        check = Check(row.at, LINK_STATES.label(row.state), why(row.status, row.problem), row.by or "")
        found.setdefault(row.link_id, []).append(check)
    return {link_id: tuple(checks) for link_id, checks in found.items()}


def why(status: int, problem: str) -> str:
    """What the site answered, in a few words: "404", "no answer in time"."""
    parts = [_("status %(n)d") % {"n": status} if status else "", PROBLEMS.label(problem)]
    return ", ".join(part for part in parts if part)


def link_by_id(link_id: int) -> Link:
    """One link. Raises NotFound."""
    link = db.session.get(Link, link_id)
    if link is None:
        raise NotFound
    return link


def in_need() -> ColumnElement[bool]:
    """Links that a curator should look at, as long as posts use them."""
    return Link.state.in_(IN_NEED) & select(LinkUse.link_id).where(LinkUse.link_id == Link.id).exists()


def count() -> int:
    """How many links need a curator. One statement."""
    return db.session.scalar(select(func.count()).select_from(Link).where(in_need())) or 0


def counts_by_state() -> dict[str, int]:
    """state -> how many links in use are so. One statement."""
    used = select(LinkUse.link_id).where(LinkUse.link_id == Link.id).exists()
    rows = db.session.execute(select(Link.state, func.count().label("n")).where(used).group_by(Link.state))
    return {row.state: row.n for row in rows}


@dataclass(frozen=True)
class QueuedLink:
    """A link that needs a curator, for the desk."""

    id: int
    url: str
    title: str
    state: str
    label: str
    since: datetime | None
    href: str


def queue(limit: int) -> list[QueuedLink]:
    """Links that need a curator, broken ones first, those that failed longest before others. One statement."""
    rows = db.session.execute(
        select(Link.id, Link.url, Link.title, Link.state, Link.failures_since, Link.checked_at)
        .where(in_need())
        .order_by(Link.state, Link.failures_since, Link.id)
        .limit(limit)
    )
    return [
        QueuedLink(
            row.id,
            row.url,
            row.title or row.url,
            row.state,
            LINK_STATES.label(row.state),
            row.failures_since or row.checked_at,
            f"/curate/links/{row.id}",
        )
        for row in rows
    ]
