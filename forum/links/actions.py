"""Recording the links of posts, visiting them, and deciding about them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.robotparser import RobotFileParser

from sqlalchemy import exists, select, update

from forum.accounts.models import Person
from forum.core import clock, http, jobs
from forum.core.db import db, write
from forum.core.errors import Forbidden, Invalid
from forum.core.events import publish
from forum.core.http import Fetched, fetch
from forum.core.i18n import gettext as _
from forum.core.jobs import Later
from forum.core.rows import insert_once
from forum.links import addresses, pages, verdicts
from forum.links.events import LinkChecked
from forum.links.models import Link, LinkCheck, LinkHost, LinkUse
from forum.links.verdicts import Verdict
from forum.posts.events import PostEdited, PostPublished
from forum.posts.models import Post, Revision
from forum.posts.policy import may_curate

WEEK = timedelta(days=7)
# After the first failure, the second, the third; from then on weekly.
PAUSES = (timedelta(days=1), timedelta(days=3), timedelta(days=4))
# It takes so many failures, over so long, to say that a link is broken.
FAILURES = 3
# Sites are begun one after the other, so that mail and other work gets its turn between them; the rest wait an hour.
BETWEEN_SITES = timedelta(seconds=15)
MOST_SITES = 240
# Between two visits to one site, unless its robots.txt asks for more, which we grant up to a minute.
PAUSE = timedelta(seconds=3)
LONGEST_PAUSE = timedelta(minutes=1)
ROBOTS_HOLD = timedelta(days=1)
# Where a robots.txt asks us to stay away, we look at it again after this.
STAY_AWAY = timedelta(days=28)
LONGEST_ROBOTS = 100_000
# Failures that are of the whole site: one visit stands for all its pages.
OF_THE_HOST = ("name", "connection", "tls")
# Failures that may be our own, where nobody else has answered for a while either.
MAY_BE_OURS = ("name", "connection", "timeout")
LATELY = timedelta(days=3)


# --- Which links posts use


def record_links(event: PostPublished | PostEdited) -> None:
    """A post was published or changed: note the links in its newest version."""
    record_links_of(event.post_id)


def record_links_of(post_id: int) -> None:
    """Make the recorded uses those of the post's newest version. Inside `write()`."""
    record = db.session.scalar(
        select(Revision.record)
        .join(Post, (Post.id == Revision.post_id) & (Post.version == Revision.version))
        .where(Post.id == post_id)
    )
    found: dict[tuple[str, str], str] = {}
    for place, typed in addresses.in_record(record or {}):
        try:
            url = addresses.normalize(typed)
            found.setdefault((addresses.key_of(url), place[:80]), url)
        except ValueError:
            continue
    ids = _ids({key: url for (key, _place), url in found.items()})
    wanted = {(ids[key], place) for key, place in found}
    standing = {
        (use.link_id, use.place): use
        for use in db.session.scalars(select(LinkUse).where(LinkUse.post_id == post_id))
    }
    for pair, use in standing.items():
        if pair not in wanted:
            db.session.delete(use)
    db.session.add_all(
        LinkUse(post_id=post_id, link_id=link_id, place=place) for link_id, place in wanted - standing.keys()
    )
    db.session.flush()
    for link_id, state in _known({link_id for link_id, _place in wanted - standing.keys()}):
        publish(LinkChecked(link_id, state, state))
    _forget_unused({link_id for link_id, _place in standing.keys() - wanted})


def _ids(urls: Mapping[str, str]) -> dict[str, int]:
    """key -> id of the link, made where there is none; one that was not visited any more is visited again."""
    for key, url in urls.items():
        insert_once(
            Link,
            key=key,
            url=url,
            host=addresses.host_of(url),
            state="unchecked",
            next_check_at=clock.now(),
            n_failures=0,
            status=0,
            problem="",
            title="",
            title_now="",
            proposed_url="",
            archive_url="",
            etag="",
            last_modified="",
        )
    db.session.execute(
        update(Link)
        .where(Link.key.in_(urls), Link.next_check_at.is_(None), Link.state != "retired")
        .values(next_check_at=clock.now())
    )
    rows = db.session.execute(select(Link.key, Link.id).where(Link.key.in_(urls)))
    return {row.key: row.id for row in rows}


def _known(ids: set[int]) -> list[tuple[int, str]]:
    """(id, state) of those that were visited before, for another post."""
    query = select(Link.id, Link.state).where(Link.id.in_(ids), Link.state != "unchecked")
    return [(row.id, row.state) for row in db.session.execute(query)] if ids else []


def _forget_unused(ids: set[int]) -> None:
    """What no post uses any more is not visited."""
    used = select(LinkUse.link_id).where(LinkUse.link_id == Link.id).exists()
    db.session.execute(update(Link).where(Link.id.in_(ids), ~used).values(next_check_at=None))


def is_behind() -> bool:
    """Whether there are posts, and no link of any is known: this room came later than they."""
    no_links = exists().where(Post.state == "visible") & ~exists().where(LinkUse.post_id.is_not(None))
    return bool(db.session.scalar(select(no_links)))


def record_all() -> int:
    """Note the links of all posts, as after an update from a version that knew of none; how many posts it was."""
    ids = list(db.session.scalars(select(Post.id).order_by(Post.id)))
    for start in range(0, len(ids), 100):
        with write():
            for post_id in ids[start : start + 100]:
                record_links_of(post_id)
    return len(ids)


# --- Visiting them


def check_links(_payload: Mapping[str, Any]) -> None:
    """The hourly job: a job for each site that has links to be visited. Sites are visited beside each other."""
    due = select(Link.host).where(Link.next_check_at <= clock.now()).distinct().order_by(Link.host)
    now = clock.now()
    for number, host in enumerate(list(db.session.scalars(due.limit(MOST_SITES)))):
        with write():
            ask_for_visits(host, now + number * BETWEEN_SITES)


def ask_for_visits(host: str, at: datetime | None = None) -> None:
    """Have the links of a site that are due visited, at once or at a moment. Inside `write()`."""
    jobs.enqueue("check_host", {"host": host}, key=f"check_host:{host}"[:200], run_at=at)


def check_host(payload: Mapping[str, Any]) -> None:
    """The job: visit one link of a site that is due. As long as there are more it asks to be called again."""
    host = payload["host"]
    site = db.session.get(LinkHost, host) or LinkHost(host=host, robots="")
    now = clock.now()
    if site.not_before and site.not_before > now:
        raise Later(site.not_before - now)
    due = (
        select(Link).where(Link.host == host, Link.next_check_at <= now).order_by(Link.next_check_at, Link.id)
    )
    link = db.session.scalars(due.limit(1)).first()
    if link is None:
        return
    url, etag, last_modified, known_title = link.url, link.etag, link.last_modified, link.title
    robots, robots_at = site.robots, site.robots_at
    db.session.rollback()  # nothing is held open while we wait for somebody else's server
    page: Fetched | None = None
    if robots_at is None or robots_at < now - ROBOTS_HOLD:
        answer = _fetch_robots(url)
        if answer.error or answer.status >= 500:
            page = answer  # a site that does not answer this answers nothing; and what it wants is not known
        else:
            robots = answer.body.decode("utf-8", "replace").replace("\0", "") if answer.status == 200 else ""
            robots_at = now
    rules = _rules(robots)
    if page is None and not rules.can_fetch(http.agent(), url):
        _save(link.id, Verdict("unchecked", "robots"), None, "")
    else:
        page = page or fetch(url, etag=etag, last_modified=last_modified)
        title = pages.read_page(page).title if page.status == 200 else ""
        if page.status != 429:
            _save(link.id, verdicts.judge(url, page, known_title, title), page, title)
    pause = min(timedelta(seconds=float(rules.crawl_delay(http.agent()) or 0)), LONGEST_PAUSE)
    wait = max(pause, PAUSE)
    if page is not None:
        wait = verdicts.wait_asked(page, now) or (timedelta(hours=1) if page.status == 429 else wait)
        if page.error in OF_THE_HOST:
            _save_all(host, page)
    _remember(host, robots, robots_at, clock.now() + wait)
    if db.session.scalars(due.limit(1)).first() is not None:
        raise Later(wait)


def _fetch_robots(url: str) -> Fetched:
    scheme = url.partition("://")[0]
    return fetch(f"{scheme}://{addresses.host_of(url)}/robots.txt", accept="text/plain", most=LONGEST_ROBOTS)


def _rules(robots: str) -> RobotFileParser:
    rules = RobotFileParser()
    rules.parse(robots.splitlines())
    return rules


def _remember(host: str, robots: str, robots_at: datetime | None, not_before: datetime) -> None:
    values = {"robots": robots, "robots_at": robots_at, "not_before": not_before}
    with write() as session:
        if not insert_once(LinkHost, host=host, **values):
            session.execute(update(LinkHost).where(LinkHost.host == host).values(**values))


def _save_all(host: str, page: Fetched) -> None:
    """Nobody is there: that is so for every link of the site that is due, without asking for each."""
    due = select(Link.id).where(Link.host == host, Link.next_check_at <= clock.now())
    for link_id in list(db.session.scalars(due)):
        _save(link_id, Verdict("unreachable", page.error, failed=True), page, "")


def _save(link_id: int, verdict: Verdict, page: Fetched | None, title: str) -> None:
    now = clock.now()
    with write() as session:
        link = session.get(Link, link_id, with_for_update=True)
        if link is None or link.next_check_at is None:
            return  # retired, or no longer used, while we were on the way
        if page is not None and page.error in MAY_BE_OURS and not _anybody_answers(now):
            link.next_check_at = now + PAUSES[0]
            return
        before, day_before = link.state, link.checked_at and link.checked_at.date()
        link.state, link.problem, link.status = verdict.state, verdict.problem, page.status if page else 0
        if page is not None:
            link.checked_at = now
        if verdict.failed:
            _count_failure(link, now)
        else:
            link.n_failures, link.failures_since = 0, None
            # Spread by some hours, so that what came in together is not visited together for ever.
            link.next_check_at = now + (WEEK if page else STAY_AWAY) + timedelta(hours=link.id % 24 - 12)
            link.proposed_url = verdict.proposed
            _note_title(link, verdict, title)
        # An answer "nothing new" is to mean "as when all was well".
        well = verdict.state == "ok" and page is not None and page.status == 200
        if well or verdict.state != "ok":
            headers = page.headers if well and page else {}
            link.etag = headers.get("etag", "")[:300]
            link.last_modified = headers.get("last-modified", "")[:60]
        ended_at = page.url[:1000] if page and page.hops else ""
        session.add(
            LinkCheck(
                link_id=link.id,
                at=now,
                state=link.state,
                status=link.status,
                problem=link.problem,
                url=ended_at,
            )
        )
        _tell(link, before, now.date() != day_before)


def _anybody_answers(now: datetime) -> bool:
    """Whether any site has answered lately: otherwise it is we who are offline, and nothing is said of others."""
    answered = select(LinkCheck.id).where(LinkCheck.at > now - LATELY, LinkCheck.status > 0)
    return db.session.scalar(answered.limit(1)) is not None


def _count_failure(link: Link, now: datetime) -> None:
    link.n_failures += 1
    link.failures_since = link.failures_since or now
    if link.n_failures >= FAILURES and now - link.failures_since >= WEEK:
        link.state = "broken"
    link.next_check_at = now + (PAUSES[link.n_failures - 1] if link.n_failures <= len(PAUSES) else WEEK)


def _note_title(link: Link, verdict: Verdict, title: str) -> None:
    if verdict.problem == "title":
        link.title_now = title[:300]
    elif verdict.state in ("ok", "moved") and title:
        link.title, link.title_now = title[:300], ""


def _tell(link: Link, before: str, is_new_day: bool) -> None:
    """Say what has become of a link, and make anew what readers see of it. Inside `write()`."""
    db.session.flush()
    if before != link.state or is_new_day:
        db.session.execute(update(LinkUse).where(LinkUse.link_id == link.id).values(stamp=LinkUse.stamp + 1))
    publish(LinkChecked(link.id, before, link.state))


# --- What curators decide


def _held(actor: Person, link_id: int) -> Link:
    if not may_curate(actor):
        raise Forbidden(_("Curators look after the links."))
    return db.session.get_one(Link, link_id, with_for_update=True, populate_existing=True)


def check_again(actor: Person, link: Link) -> None:
    """Have it visited as soon as its site may be visited again."""
    with write():
        held = _held(actor, link.id)
        held.next_check_at = clock.now()
        if held.state == "retired":
            held.state = "unchecked"
            _tell(held, "retired", is_new_day=True)
        ask_for_visits(held.host)


def accept_page(actor: Person, link: Link) -> None:
    """It is the right page, under its new title or where it leads: what is there now counts as known."""
    with write():
        held = _held(actor, link.id)
        before, held.state = held.state, "ok"
        held.title, held.title_now, held.proposed_url = held.title_now or held.title, "", ""
        held.problem = ""
        _by_hand(actor, held, before)


def set_archive(actor: Person, link: Link, url: str) -> None:
    """Offer this copy where the link is dead; "" offers the public archive's again. Raises Invalid."""
    try:
        address = addresses.normalize(url) if url else ""
    except ValueError:
        raise Invalid({"archive": _("Enter a web address, such as https://example.org/page.")}) from None
    with write():
        held = _held(actor, link.id)
        held.archive_url = address
        _tell(held, held.state, is_new_day=True)


def retire(actor: Person, link: Link) -> None:
    """Give it up: it stays where it is used, marked so, and is visited no more."""
    with write():
        held = _held(actor, link.id)
        before, held.state, held.next_check_at = held.state, "retired", None
        _by_hand(actor, held, before)


def _by_hand(actor: Person, link: Link, before: str) -> None:
    db.session.add(LinkCheck(link_id=link.id, at=clock.now(), state=link.state, actor_id=actor.id))
    _tell(link, before, is_new_day=True)
