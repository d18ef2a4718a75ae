"""The home page, the services, and the pages that say what this is."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session, scoped_session

from forum.accounts.models import Person
from forum.core import clock
from forum.core.db import write
from forum.posts.actions import mark_useful
from tests.factories.cases import add_case, add_services
from tests.factories.guides import add_guide
from tests.factories.questions import add_answer, add_question
from tests.factories.resources import add_link
from tests.support.page import PageClient
from tests.support.people import add_person, sign_in
from tests.support.statements import statements_of

Db = scoped_session[Session]
SignedIn = Callable[..., PageClient]


@pytest.fixture
def curator(session: Db) -> Person:
    add_services()
    return add_person("curator")


def one_of_each(curator: Person) -> None:
    """A case, a question, a resource and a guide, made in this order, about community centers."""
    about = {"services": ["community-centers"]}
    add_case(curator, title="A case about a center", **about)
    add_question(curator, title="A question about a center?", **about)
    add_link(curator, title="A resource about a center", **about)
    add_guide(curator, title="A guide about a center", reviewer=add_person("curator"), **about)


def titles(page: str) -> list[str]:
    """The titles in the feed, in order."""
    return re.findall(r'class="feed__title"><a href="[^"]*">([^<]*)</a>', page)


def test_an_empty_site_invites(session: Db, client: PageClient) -> None:
    assert "Nothing has been shared yet" in client.get("/").text
    assert "Every question has an answer" in client.get("/?sort=needs").text
    assert "No services are set up yet" in client.get("/services/").text


def test_the_home_page_shows_all_kinds_newest_first(curator: Person, client: PageClient) -> None:
    one_of_each(curator)
    page = client.get("/").text
    assert [title.split()[1] for title in titles(page)] == ["guide", "resource", "question", "case"]
    assert re.findall(r'class="num">(\d+)</b>(\w+)', page)[:4] == [
        ("1", "case"),
        ("1", "questions"),
        ("1", "guides"),
        ("1", "resources"),
    ]
    assert 'href="/services/community-centers-facilities"' in page


def test_or_most_useful_first(curator: Person, client: PageClient) -> None:
    case = add_case(curator, title="A case that helped many")
    add_case(curator, title="A case that is merely new")
    for _ in range(2):
        mark_useful(add_person(), case)
    assert titles(client.get("/").text)[0] == "A case that is merely new"
    assert titles(client.get("/?sort=useful").text)[0] == "A case that helped many"


def test_what_needs_an_example_is_asked_for(curator: Person, client: PageClient) -> None:
    add_question(curator, title="Is there no date for this one?")
    soon = clock.today() + timedelta(days=9)
    add_question(curator, title="Is the council meeting next week?", needed_by=soon)
    add_question(curator, title="Was the council meeting last year?", needed_by=date(2020, 1, 1))
    answered = add_question(curator, title="Has this one been answered?")
    add_answer(add_person(), answered)
    page = client.get("/?sort=needs").text
    assert "Has this one been answered?" not in page
    assert len(titles(page)) == 3
    box = page[page.index("Chime in: these need examples") :]
    asked = re.findall(r'<a href="/questions/[^"]*">([^<]*)</a>', box)
    assert asked[0] == "Is the council meeting next week?"
    assert set(asked) == set(titles(page))


def test_what_a_moderator_hid_is_nowhere(curator: Person, client: PageClient) -> None:
    case = add_case(curator, title="An advertisement for road salt", services=["community-centers"])
    with write():
        case.state = "hidden"
    for path in ("/", "/?sort=useful", "/services/community-centers", curator.path):
        assert "An advertisement for road salt" not in client.get(path).text
    assert "All · 0" in client.get("/services/community-centers").text


def test_every_service_says_how_much_is_there(curator: Person, client: PageClient) -> None:
    one_of_each(curator)
    page = client.get("/services/").text
    assert re.search(r"Community center buildings</span>\s*<span[^>]*>4<", page)
    assert re.search(r"Senior centers</span>\s*</a>", page)


def test_a_service_gathers_all_kinds_and_a_domain_what_is_below_it(
    curator: Person, client: PageClient
) -> None:
    one_of_each(curator)
    add_case(curator, title="A case about old people", services=["senior-centers"])
    service, domain = "/services/community-centers", "/services/community-centers-facilities"
    page = client.get(service).text
    assert len(titles(page)) == 4
    assert "All · 4" in page
    assert "Cases · 1" in page
    assert f'href="{domain}"' in page
    assert 'href="/services/senior-centers"' in page
    assert titles(client.get(f"{service}?kind=guide").text) == ["A guide about a center"]
    assert "Cases · 2" in client.get(domain).text
    assert client.get("/services/no-such-service").status_code == 404


@pytest.mark.parametrize(
    ("query", "words", "href"),
    [
        ("", "Share the first case", "/cases/share?service=senior-centers"),
        ("?kind=case", "Share the first case", "/cases/share?service=senior-centers"),
        ("?kind=question", "Nobody has asked", "/questions/ask?service=senior-centers"),
        ("?kind=resource", "somebody may know a good source", "/questions/ask?service=senior-centers"),
    ],
)
def test_a_service_with_nothing_invites(
    curator: Person, client: PageClient, query: str, words: str, href: str
) -> None:
    page = client.get(f"/services/senior-centers{query}").text
    assert words in page
    assert f'href="{href}"' in page


def test_about_says_what_matters(client: PageClient) -> None:
    page = client.get("/about").text
    for words in (
        "public records",
        "GeoNames",
        "Creative Commons Attribution 4.0",
        "Not legal advice",
        "level AA",
        "Hearsay",
    ):
        assert words in page


def test_sharing_begins_with_a_choice_and_an_account(client: PageClient, signed_in: SignedIn) -> None:
    assert client.get("/share").location == "/sign-in?next=/share"
    page = signed_in().get("/share").text
    assert 'href="/cases/share"' in page
    assert 'href="/questions/ask"' in page


def test_robots_are_told_what_is_for_people(client: PageClient) -> None:
    response = client.get("/robots.txt")
    assert response.mimetype == "text/plain"
    assert "Disallow: /sign-in" in response.text
    assert "Disallow: /\n" not in response.text


def test_the_site_says_that_it_is_well(client: PageClient) -> None:
    assert client.get("/healthz").json == {"status": "ok"}


@pytest.mark.parametrize(
    "path", ["/", "/?sort=needs", "/services/", "/services/community-centers-facilities"]
)
def test_the_pages_take_few_statements_however_long_they_are(
    make_app: Callable[..., Flask], path: str
) -> None:
    app = make_app(kept_bytes=0)
    with app.app_context():
        add_services()
        client = sign_in(app.test_client(), add_person())
    counted = []
    for more in (1, 5):
        with app.app_context():
            curator = add_person("curator")
            for _ in range(more):
                one_of_each(curator)
        client.get(path)  # what does not change is remembered
        with statements_of(app) as statements:
            assert client.get(path).status_code == 200
        counted.append(len(statements))
    assert counted[0] == counted[1] <= 8
