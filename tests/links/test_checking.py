"""Links are recorded where posts use them, visited politely, and called broken only when they are."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from time_machine import TimeMachineFixture

from forum.accounts.models import Person
from forum.core import jobs
from forum.core.db import db, write
from forum.core.shapes import load
from forum.links import actions, queries
from forum.links.models import Link, LinkCheck, LinkUse
from forum.resources.actions import edit_resource
from forum.resources.forms import ResourceShape
from forum.resources.models import Resource
from tests.factories.cases import add_case
from tests.factories.guides import add_guide
from tests.factories.resources import add_link, resource_record
from tests.support.people import add_person
from tests.support.web import LocalWeb

HOUR = timedelta(hours=1)


@pytest.fixture
def curator(web: LocalWeb) -> Person:
    return add_person("curator")


def link_of(url: str) -> Link:
    db.session.expire_all()
    found = [link for link in db.session.scalars(select(Link)) if link.url == url]
    assert found, url
    return found[0]


def places_of(post_id: int) -> set[tuple[str, str]]:
    rows = db.session.execute(select(Link.url, LinkUse.place).join(Link).where(LinkUse.post_id == post_id))
    return {(row.url, row.place) for row in rows}


def visit(clock_: TimeMachineFixture, rounds: int = 3) -> None:
    """Have everything visited that is due, and what follows from it within minutes."""
    with write():
        jobs.enqueue("check_links", key="check_links")
    for _round in range(rounds):
        jobs.run_due("check_links", "check_host")
        clock_.shift(timedelta(minutes=1))


# --- Where links are used


def test_the_links_of_a_post_are_recorded_with_their_places(curator: Person) -> None:
    resource = add_link(curator, url="https://example.org/a?utm_source=x")
    case = add_case(curator, sources=[{"title": "A source", "url": "http://example.org/a/"}])
    guide = add_guide(curator, f"resource:{resource.url}", reviewer=add_person("curator"))
    assert places_of(resource.id) == {("https://example.org/a", "url")}
    assert ("https://example.org/a", "sources-0-url") in places_of(case.id)
    assert ("https://example.org/a", "items-0-ref") in places_of(guide.id)
    used_in = queries.uses(None, [link_of("https://example.org/a").id])
    assert [use.kind for uses in used_in.values() for use in uses] == ["resource", "guide", "case"]


def test_an_edit_takes_links_away_and_what_no_post_uses_is_not_visited(curator: Person) -> None:
    resource = add_link(curator, url="https://example.org/a")
    record = load(ResourceShape(), resource_record(url="https://example.org/b"))
    edit_resource(curator, resource, record, opened_at=1)
    assert places_of(resource.id) == {("https://example.org/b", "url")}
    assert link_of("https://example.org/a").next_check_at is None
    edit_resource(curator, resource, record | {"url": "https://example.org/a"}, opened_at=2)
    assert link_of("https://example.org/a").next_check_at is not None


def test_posts_of_before_are_recorded_afterwards(curator: Person) -> None:
    resource = add_link(curator)
    with write() as session:
        session.query(LinkUse).delete()
        session.query(Link).delete()
    assert actions.record_all() == 1
    assert places_of(resource.id) == {(resource.url, "url")}


# --- What a visit says


@pytest.mark.parametrize(
    ("status", "headers", "state"),
    [
        (200, {}, "ok"),
        (404, {}, "gone"),
        (410, {}, "gone"),
        (401, {}, "login_wall"),
        (403, {}, "login_wall"),
        (500, {}, "unreachable"),
        (418, {}, "unreachable"),
    ],
)
def test_a_status_is_a_state(
    web: LocalWeb,
    curator: Person,
    clock: TimeMachineFixture,
    status: int,
    headers: dict[str, str],
    state: str,
) -> None:
    url = web.put("/page", "<title>A page</title>", status=status, **headers)
    resource = add_link(curator, url=url)
    visit(clock)
    link = link_of(url)
    assert (link.state, link.status) == (state, status)
    db.session.refresh(resource)
    assert (resource.link_state, resource.checked_on) == (state, link.checked_at)
    assert web.seen["/page"] == 1


def test_a_permanent_redirect_proposes_its_end_and_one_for_now_does_not(
    web: LocalWeb, curator: Person, clock: TimeMachineFixture
) -> None:
    end = web.put("/end", "<title>The page</title>")
    web.redirect("/second", end, 302)
    for_good = web.redirect("/for-good", end, 301)
    both = web.redirect("/both", "/second", 308)
    for_now = web.redirect("/for-now", end, 307)
    for url in (for_good, both, for_now):
        add_link(curator, url=url)
    visit(clock, 6)
    assert (link_of(for_good).state, link_of(for_good).proposed_url) == ("moved", end)
    assert (link_of(both).state, link_of(both).proposed_url) == ("moved", web.url("/second"))
    assert (link_of(for_now).state, link_of(for_now).proposed_url) == ("ok", "")


@pytest.mark.parametrize(
    ("target", "state", "problem"),
    [
        ("/login?next=/page", "login_wall", "sign_in"),
        ("/sso/saml2/start", "login_wall", "sign_in"),
        ("/", "changed", "front_page"),
        ("/page?lang=en", "moved", ""),
    ],
)
def test_where_a_page_leads_says_what_has_become_of_it(
    web: LocalWeb, curator: Person, clock: TimeMachineFixture, target: str, state: str, problem: str
) -> None:
    web.put(target, "<title>Something</title>")
    url = web.redirect("/page", target)
    add_link(curator, url=url)
    visit(clock)
    assert (link_of(url).state, link_of(url).problem) == (state, problem)


def test_another_title_is_a_change_until_a_curator_accepts_it(
    web: LocalWeb, curator: Person, clock: TimeMachineFixture
) -> None:
    url = web.put("/page", "<title>Shared service agreements: a handbook</title>", ETag='"1"')
    add_link(curator, url=url)
    visit(clock)
    web.put("/page", "<title>Shared service agreements: a handbook (2nd edition)</title>")
    clock.shift(timedelta(days=8))
    visit(clock)
    assert link_of(url).state == "ok"
    web.put("/page", "<title>Cheap flights to sunny places</title>")
    clock.shift(timedelta(days=8))
    visit(clock)
    link = link_of(url)
    assert (link.state, link.title_now) == ("changed", "Cheap flights to sunny places")
    actions.accept_page(curator, link)
    clock.shift(timedelta(days=8))
    visit(clock)
    assert (link_of(url).state, link_of(url).title) == ("ok", "Cheap flights to sunny places")


def test_nothing_new_means_as_it_was(web: LocalWeb, curator: Person, clock: TimeMachineFixture) -> None:
    url = web.put("/page", "<title>A page</title>", ETag='"v1"')
    add_link(curator, url=url)
    visit(clock)
    web.put("/page", status=304)
    clock.shift(timedelta(days=8))
    visit(clock)
    assert web.headers["/page"]["if-none-match"] == '"v1"'
    assert (link_of(url).state, link_of(url).title, link_of(url).etag) == ("ok", "A page", '"v1"')


# --- When it is broken


def test_three_failures_over_a_week_make_it_broken_and_no_fewer(
    web: LocalWeb, curator: Person, clock: TimeMachineFixture
) -> None:
    url = web.url("/gone")
    add_link(curator, url=url)
    states = []
    for _day in range(9):
        visit(clock)
        states.append(link_of(url).state)
        clock.shift(timedelta(days=1))
    assert states == ["gone"] * 8 + ["broken"]
    assert web.seen["/gone"] == 4
    assert queries.count() == 1
    assert [row.url for row in queries.queue(10)] == [url]


def test_a_site_that_is_down_for_a_day_breaks_nothing(
    web: LocalWeb, curator: Person, clock: TimeMachineFixture
) -> None:
    urls = [web.put(f"/{n}", "Down", status=503) for n in range(4)]
    for url in urls:
        add_link(curator, url=url)
    visit(clock, 6)
    assert {link_of(url).state for url in urls} == {"unreachable"}
    for n in range(4):
        web.put(f"/{n}", "<title>Up again</title>")
    clock.shift(timedelta(days=1))
    visit(clock, 6)
    assert {link_of(url).state for url in urls} == {"ok"}
    assert {link_of(url).n_failures for url in urls} == {0}


def test_where_nobody_answers_one_visit_stands_for_all_links_of_the_site(
    web: LocalWeb, curator: Person, clock: TimeMachineFixture
) -> None:
    add_link(curator, url=web.put("/page", "<title>Somebody answers</title>"))
    visit(clock, 1)
    urls = [f"http://nobody.invalid/{n}" for n in range(5)]
    for url in urls:
        add_link(curator, url=url)
    visit(clock, 1)
    assert {link_of(url).state for url in urls} == {"unreachable"}
    assert {link_of(url).problem for url in urls} == {"name"}
    assert db.session.scalar(select(func.count()).select_from(LinkCheck)) == 1 + 5


def test_where_nobody_at_all_answers_it_is_we_who_are_offline(
    web: LocalWeb, curator: Person, clock: TimeMachineFixture
) -> None:
    urls = [f"http://nobody{n}.invalid/" for n in range(3)]
    for url in urls:
        add_link(curator, url=url)
    for _day in range(10):
        visit(clock)
        clock.shift(timedelta(days=1))
    assert {link_of(url).state for url in urls} == {"unchecked"}
    assert {link_of(url).n_failures for url in urls} == {0}


# --- Manners


def test_a_site_is_asked_one_question_at_a_time(
    web: LocalWeb, curator: Person, clock: TimeMachineFixture
) -> None:
    for n in range(3):
        add_link(curator, url=web.put(f"/{n}"))
    with write():
        jobs.enqueue("check_links", key="check_links")
    jobs.run_due()
    assert sum(web.seen[f"/{n}"] for n in range(3)) == 1
    jobs.run_due()
    assert sum(web.seen[f"/{n}"] for n in range(3)) == 1
    clock.shift(actions.PAUSE)
    jobs.run_due()
    assert sum(web.seen[f"/{n}"] for n in range(3)) == 2
    assert web.seen["/robots.txt"] == 1


def test_a_robots_file_is_obeyed(web: LocalWeb, curator: Person, clock: TimeMachineFixture) -> None:
    web.put("/robots.txt", "User-agent: *\nDisallow: /private\nCrawl-delay: 30\n", media="text/plain")
    private, public = web.put("/private/a", "x"), web.put("/public", "x")
    for url in (private, public):
        add_link(curator, url=url)
    visit(clock)
    assert (link_of(private).state, link_of(private).problem) == ("unchecked", "robots")
    assert link_of(public).state == "ok"
    assert not web.seen["/private/a"]


def test_who_asks_to_wait_is_waited_for(web: LocalWeb, curator: Person, clock: TimeMachineFixture) -> None:
    url = web.put("/page", status=429, Retry_After="7200")
    add_link(curator, url=url)
    visit(clock)
    assert (link_of(url).state, web.seen["/page"]) == ("unchecked", 1)
    clock.shift(HOUR)
    visit(clock)
    assert web.seen["/page"] == 1
    web.put("/page", "<title>Here</title>")
    clock.shift(HOUR)
    visit(clock)
    assert link_of(url).state == "ok"


def test_a_link_inside_is_not_visited(curator: Person, clock: TimeMachineFixture) -> None:
    add_link(curator, url="http://127.0.0.1.nip.example:8080/")
    visit(clock)
    link = link_of("http://127.0.0.1.nip.example:8080/")
    assert (link.state, link.problem) == ("unreachable", "refused")


# --- What curators do by hand


def test_a_retired_link_is_visited_no_more_until_somebody_asks(
    web: LocalWeb, curator: Person, clock: TimeMachineFixture
) -> None:
    url = web.put("/page", "<title>A page</title>")
    resource = add_link(curator, url=url)
    actions.retire(curator, link_of(url))
    clock.shift(timedelta(days=30))
    visit(clock)
    assert not web.seen["/page"]
    assert db.session.get_one(Resource, resource.id).link_state == "retired"
    actions.check_again(curator, link_of(url))
    visit(clock)
    assert link_of(url).state == "ok"
    history = queries.history([link_of(url).id])[link_of(url).id]
    assert [(check.label, bool(check.by)) for check in history] == [("Works", False), ("Retired", True)]


def test_a_dead_link_offers_a_copy_the_curators_before_the_public_one(
    web: LocalWeb, curator: Person, clock: TimeMachineFixture
) -> None:
    url = web.url("/gone")
    resource = add_link(curator, url=url)
    visit(clock)
    badge = queries.badges([resource.id]).at(url)
    assert badge is not None
    assert badge.archived == f"https://web.archive.org/web/2/{url}"
    actions.set_archive(curator, link_of(url), "https://copies.example/1")
    badge = queries.badges([resource.id]).at(url)
    assert badge is not None
    assert badge.archived == "https://copies.example/1"
    assert badge.checked_at is not None
