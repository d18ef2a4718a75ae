"""The library: what may stand in it, how it is found, and what its pages show."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.orm import Session, scoped_session

from forum.accounts.models import Person
from forum.core.db import write
from forum.core.errors import EditConflict, Forbidden, Invalid
from forum.core.shapes import load
from forum.posts.models import Post
from forum.posts.queries.targets import ids_of_refs
from forum.resources.actions import add_resource, edit_resource
from forum.resources.forms import ResourceShape
from forum.resources.models import Resource
from tests.factories.cases import add_case, add_services
from tests.factories.guides import add_guide
from tests.factories.resources import add_link, resource_record
from tests.support.page import PageClient
from tests.support.people import add_person
from tests.support.statements import statements_of

Db = scoped_session[Session]
SignedIn = Callable[..., PageClient]


@pytest.fixture
def curator(session: Db) -> Person:
    add_services()
    return add_person("curator")


def faults_of(record: dict[str, object]) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        load(ResourceShape(), record)
    return refused.value.faults


def test_a_curator_adds_a_link_with_a_note(curator: Person) -> None:
    resource = add_link(curator, services=["community-centers"], year=2019, author="R. Doe", reach="US-WA")
    assert resource.path == "/library/handbook-of-shared-services"
    assert resource.summary.startswith("A handbook with worksheets")
    assert (resource.written_by, resource.year, resource.reuse) == ("R. Doe", 2019, "link_only")
    assert (resource.country, resource.region_code, resource.region) == ("US", "US-WA", "Washington")


def test_members_do_not_add_to_the_library(session: Db) -> None:
    with pytest.raises(Forbidden):
        add_link(add_person())


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"annotation": "Too short to help."}, "annotation"),
        ({"annotation": "long " * 130}, "annotation"),
        ({"url": "ftp://example.org/file"}, "url"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"kind": "rumor"}, "kind"),
        ({"services": ["a", "b", "c", "d"]}, "services"),
        ({"stars": 5}, "stars"),
    ],
)
def test_what_breaks_a_rule_is_refused_beside_its_field(changes: dict[str, object], field: str) -> None:
    assert list(faults_of(resource_record(**changes))) == [field]


def test_a_year_of_null_is_a_year_that_is_not_known() -> None:
    assert "year" not in load(ResourceShape(), resource_record(year=None))


def test_an_address_is_kept_in_one_spelling(curator: Person) -> None:
    assert add_link(curator, url="HTTPS://Example.ORG:443?utm_source=mail#top").url == "https://example.org/"


@pytest.mark.parametrize(
    "again", ["http://example.org/a/", "https://EXAMPLE.org/a", "https://example.org:443/a"]
)
def test_the_same_page_is_not_added_twice_however_it_is_spelled(curator: Person, again: str) -> None:
    first = add_link(curator, url="https://example.org/a")
    with pytest.raises(Invalid) as refused:
        add_link(curator, url=again)
    assert first.title in refused.value.faults["url"]
    assert first.path in refused.value.faults["url"]


def test_a_hidden_link_is_not_added_again_and_not_named(curator: Person) -> None:
    first = add_link(add_person("curator"), url="https://example.org/a", title="A title of its own")
    with write():
        first.state = "hidden"
    with pytest.raises(Invalid) as refused:
        add_link(curator, url="https://example.org/a")
    assert first.title not in str(refused.value)


def test_a_reference_finds_a_resource_by_its_address(curator: Person) -> None:
    resource = add_link(curator, url="https://Example.org/a")
    ref, unknown = "resource:https://example.ORG/a", "resource:nowhere"
    assert ids_of_refs([ref, unknown, "comment:1"]) == {ref: resource.id}


def test_an_edit_is_a_new_version_and_a_new_address_is_not_checked_yet(curator: Person) -> None:
    resource = add_link(curator)
    with write():
        resource.link_state = "ok"
    record = load(ResourceShape(), resource_record(url=resource.url, title="A better title"))
    edit_resource(add_person("curator"), resource, record, opened_at=1)
    assert (resource.version, resource.title, resource.link_state) == (2, "A better title", "ok")
    edit_resource(curator, resource, record | {"url": "https://example.org/moved"}, opened_at=2)
    assert resource.link_state == "unchecked"
    with pytest.raises(EditConflict) as conflict:
        edit_resource(curator, resource, record, opened_at=2)
    assert conflict.value.current["url"] == "https://example.org/moved"


def test_the_list_is_narrowed_by_kind_service_and_place(curator: Person, client: PageClient) -> None:
    add_link(curator, title="A checklist", kind="checklist", services=["community-centers"], reach="US-WA")
    add_link(curator, title="A whole book", kind="book", access="paid", publisher="Alder Press", year=1999)
    everything = client.get("/library/").text
    assert "A checklist" in everything
    assert "Alder Press" in everything
    assert "Paid" in everything
    for query in ("kind=checklist", "service=community-centers-facilities", "place=US-WA", "place=US"):
        narrowed = client.get(f"/library/?{query}").text
        assert "A checklist" in narrowed, query
        assert "A whole book" not in narrowed, query
    assert "Nothing in the library matches yet" in client.get("/library/?kind=webinar").text


def test_a_page_leads_out_without_telling_where_from(curator: Person, client: PageClient) -> None:
    resource = add_link(curator, publisher="Alder Press", year=1999, themes=["legal"], reach="US-WA")
    page = client.get(resource.path).text
    assert f'href="{resource.url}" rel="noopener"' in page
    assert "Alder Press · 1999" in page
    assert "Washington" in page
    assert resource.summary in page


def test_a_page_says_which_guides_point_to_it_but_not_drafts(curator: Person, client: PageClient) -> None:
    resource = add_link(curator)
    ref = f"resource:{resource.url}"
    add_guide(curator, ref, title="A guide that is a draft")
    guide = add_guide(curator, ref, reviewer=add_person("curator"))
    page = client.get(resource.path).text
    assert f'href="{guide.path}"' in page
    assert "A guide that is a draft" not in page


def test_a_page_says_which_cases_have_it_among_their_sources(curator: Person, client: PageClient) -> None:
    resource = add_link(curator, url="https://example.org/a")
    case = add_case(curator, sources=[{"title": "A source", "url": "http://example.org/a/"}])
    assert f'href="{case.path}"' in client.get(resource.path).text


def test_a_broken_link_carries_a_warning(curator: Person, client: PageClient) -> None:
    resource = add_link(curator)
    with write():
        resource.link_state = "broken"
    assert "Broken" in client.get("/library/").text
    assert "The link was broken" in client.get(resource.path).text


def test_a_hidden_resource_is_there_for_its_author_and_moderators_alone(
    app: Flask, signed_in: SignedIn
) -> None:
    author = signed_in("curator")
    with app.app_context():
        add_services()
        resource = add_link(author.person)
        with write():
            resource.state, resource.hidden_reason = "hidden", "It is an advertisement."
        path = resource.path
    assert app.test_client().get(path).status_code == 404
    assert signed_in("curator").get(path).status_code == 404
    assert "It is an advertisement." in author.get(path).text
    assert "It is an advertisement." in signed_in("moderator").get(path).text


def test_an_annotation_is_text_and_never_markup(curator: Person, client: PageClient) -> None:
    resource = add_link(curator, annotation="<script>alert(1)</script> " + "Read it with some care. " * 4)
    for path in ("/library/", resource.path):
        assert "<script>alert" not in client.get(path).text


@pytest.mark.parametrize("role", [None, "member", "moderator"])
def test_the_pages_take_few_statements_however_long_they_are(
    app: Flask, signed_in: SignedIn, role: str | None
) -> None:
    client = signed_in(role) if role else app.test_client()
    with app.app_context():
        add_services()
        curator = add_person("curator")
        path = add_link(curator, services=["community-centers"]).path
    counted = []
    for more in (0, 25):
        with app.app_context():
            for _ in range(more):
                add_link(curator, services=["community-centers"])
        for page in ("/nowhere", "/about"):
            client.get(page)  # what the header tells, and what is their own, is remembered
        with statements_of(app) as statements:
            assert client.get("/library/").status_code == 200
        counted.append(len(statements))
    # What waits for curators is counted in their header. Names of services were remembered from the first time.
    assert counted[1] <= counted[0] <= (16 if role == "moderator" else 8)
    with statements_of(app) as statements:
        assert client.get(path).status_code == 200
    assert len(statements) <= (19 if role == "moderator" else 10)


def test_lists_page_through_everything_once(session: Db, curator: Person, client: PageClient) -> None:
    record = load(ResourceShape(), resource_record())
    with write():
        for number in range(45):
            add_resource(
                curator,
                record | {"url": f"https://example.org/{number}", "title": f"Link number {number:02}"},
            )
    seen: list[str] = []
    path: str | None = "/library/?sort=useful"
    while path:
        page = client.get(path).text
        seen += [title for title in (f"Link number {n:02}" for n in range(45)) if title in page]
        marker = 'rel="next"'
        path = (
            page.split(marker)[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
            if marker in page
            else None
        )
    assert sorted(seen) == [f"Link number {n:02}" for n in range(45)]
    assert session.query(Post).count() == session.query(Resource).count() == 45
