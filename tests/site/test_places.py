"""The page of a place, and lists for somebody from there."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from flask import Flask
from markupsafe import escape
from sqlalchemy.orm import Session, scoped_session

from forum.accounts.models import Person
from forum.core.db import db, write
from forum.moderation.actions import hide
from forum.posts.models import Post
from tests.factories.cases import add_case, add_services
from tests.factories.places import (
    LEEDS,
    MAPLEWOOD,
    NORTHFIELD,
    RICE_COUNTY,
    SAN_DIEGO,
    add_places,
    located,
)
from tests.factories.questions import add_question
from tests.factories.resources import add_link
from tests.support.page import PageClient
from tests.support.people import add_person
from tests.support.statements import statements_of

Db = scoped_session[Session]
PATH = f"/places/{NORTHFIELD}-northfield"


@pytest.fixture
def curator(session: Db) -> Person:
    add_services()
    add_places()
    return add_person("curator")


def case_at(curator: Person, name: str, region_code: str, *parties: str, **more: object) -> Post:
    """A case of a place; of its parties, which are two towns nowhere unless they are named."""
    named = parties or ("Town of Nowhere", "Town of Elsewhere")
    rows = [{"name": party, "kind": "municipality"} for party in named]
    place = located(name, region_code, **more)
    return add_case(curator, title=f"A case of {name}", place=place, parties=rows)


def part(page: str, heading: str) -> list[str]:
    """The titles under a heading."""
    (section,) = re.findall(rf'aria-labelledby="{heading}"[^>]*>.*?</section>', page, re.DOTALL)
    return re.findall(r'class="feed__title"><a href="[^"]*">A case of ([^<]*)</a>', section)


def reasons(page: str) -> list[str]:
    return re.findall(r'<p class="feed__why">([^<]*)</p>', page)


def test_a_place_shows_its_agreements_those_near_it_and_those_of_places_like_it(
    curator: Person, client: PageClient
) -> None:
    case_at(curator, "Northfield", "US-MN")
    case_at(curator, "Maplewood", "US-MN")
    case_at(curator, "Madison", "US-WI")
    case_at(curator, "Leeds", "GB-ENG")
    page = client.get(PATH).text
    assert "Northfield, Minnesota, US" in page
    assert "Population 20,380" in page
    assert part(page, "there-title") == ["Northfield"]
    assert part(page, "near") == ["Maplewood"]
    assert part(page, "alike") == ["Madison", "Leeds"]
    assert reasons(page) == ["35 miles away", "280,305 people", "536,280 people, United Kingdom"]


def test_an_agreement_is_also_where_its_parties_are(curator: Person, client: PageClient) -> None:
    case_at(curator, "Southern Minnesota", "US-MN", "City of Faribault", "City of Northfield")
    page = client.get(PATH).text
    assert part(page, "there-title") == ["Southern Minnesota"]
    assert "City of Northfield" in page


def test_a_place_without_an_agreement_invites(curator: Person, client: PageClient) -> None:
    page = client.get(f"/places/{SAN_DIEGO}-san-diego").text
    assert "Nobody has shared an agreement of San Diego yet" in page
    assert "Nearby" not in page
    assert "From places like it" not in page


def test_of_a_county_no_population_is_told(curator: Person, client: PageClient) -> None:
    page = client.get(f"/places/{RICE_COUNTY}-rice-county").text
    assert "Rice County, Minnesota, US" in page
    assert "Population" not in page


def test_the_place_and_what_is_near_it_are_on_a_map(curator: Person, client: PageClient) -> None:
    case_at(curator, "Maplewood", "US-MN")
    page = client.get(PATH).text
    marks = re.findall(r'<a class="map__dot map__dot--marked" href="#there" aria-label="([^"]*)"', page)
    assert set(marks) == {"Northfield, Minnesota, US"}
    assert "A case of Maplewood, Maplewood" in page


def test_a_place_has_one_address(curator: Person, client: PageClient) -> None:
    answer = client.get(f"/places/{NORTHFIELD}-anything")
    assert (answer.status_code, answer.location) == (301, PATH)
    for path in ("/places/1-nowhere", "/places/northfield", f"/places/{10**12}-x", f"/places/{NORTHFIELD}"):
        assert client.get(path).status_code == 404


def test_what_is_hidden_is_on_no_list_and_no_map(curator: Person, client: PageClient) -> None:
    for name, code in (("Northfield", "US-MN"), ("Maplewood", "US-MN"), ("Leeds", "GB-ENG")):
        hide(add_person("moderator"), case_at(curator, name, code), "Not an agreement.")
    for path in (PATH, "/cases/", "/", "/services/community-centers"):
        page = client.get(path).text
        assert "A case of" not in page
        assert not re.search(r'aria-label="\d+ case', page)


def test_a_place_takes_eight_statements_however_much_there_is(
    app: Flask, curator: Person, client: PageClient
) -> None:
    client.get(PATH)
    counts = []
    for times in (1, 4):
        for _n in range(times):
            case_at(curator, "Northfield", "US-MN")
            case_at(curator, "Maplewood", "US-MN")
            case_at(curator, "Leeds", "GB-ENG")
        client.get("/sign-in")  # what every page tells is remembered
        with statements_of(app) as statements:
            client.get(PATH)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 8


# --- Lists for somebody from there


def titles(page: str) -> list[str]:
    return re.findall(r'class="feed__title"><a href="[^"]*">A case of ([^<]*)</a>', page)


def test_who_has_named_their_community_sees_the_places_like_it_first_and_why(
    curator: Person, client: PageClient
) -> None:
    for name, code in (("Maplewood", "US-MN"), ("Leeds", "GB-ENG"), ("Madison", "US-WI")):
        case_at(curator, name, code)
    assert titles(client.get("/cases/?sort=alike").text) == ["Madison", "Leeds", "Maplewood"]
    answer = client.post("/community", data={"community": "Northfield, MN"}, follow_redirects=True)
    assert titles(answer.text) == ["Maplewood", "Madison", "Leeds"]
    assert reasons(answer.text)[0] == "40,567 people, same state, 35 miles away"
    headings = re.findall(r'class="panel-title">([^<]*like yours)<', answer.text)
    assert headings == ["Much like yours", "Less like yours"]
    assert titles(client.get("/cases/?sort=newest").text) == ["Madison", "Leeds", "Maplewood"]
    assert len(reasons(client.get("/cases/").text)) == 3


def test_a_case_of_several_towns_is_compared_by_the_first_of_them(
    curator: Person, client: PageClient
) -> None:
    case_at(curator, "Faribault and Maplewood", "US-MN")
    client.post("/community", data={"community": "Northfield, MN"})
    assert reasons(client.get("/cases/").text) == ["Faribault: 23,594 people, same state, 12 miles away"]


def test_what_its_author_says_of_the_population_goes_before_the_gazetteer(
    curator: Person, client: PageClient
) -> None:
    case_at(curator, "Faribault area", "US-MN", population=60_000)
    client.post("/community", data={"community": "Northfield, MN"})
    assert reasons(client.get("/cases/").text) == ["60,000 people, same state, 12 miles away"]


def test_ones_own_community_comes_first(curator: Person, client: PageClient) -> None:
    for name in ("Northfield", "Maplewood"):
        case_at(curator, name, "US-MN")
    client.post("/community", data={"community": "Northfield, MN"})
    page = client.get("/cases/?sort=alike").text
    assert titles(page) == ["Northfield", "Maplewood"]
    assert reasons(page)[0] == "your own community"


def test_questions_can_be_sorted_by_likeness_too(curator: Person, client: PageClient) -> None:
    add_question(curator)
    client.post("/community", data={"community": "Northfield, MN"})
    assert '<option value="alike" selected' in client.get("/questions/?sort=alike").text
    assert '<option value="alike"' not in client.application.test_client().get("/questions/?sort=alike").text


def test_a_list_by_likeness_has_pages(curator: Person, client: PageClient) -> None:
    for n in range(25):
        case_at(curator, "Maplewood", "US-MN", population=40_000 + n)
    client.post("/community", data={"community": "Northfield, MN"})
    first = client.get("/cases/?sort=alike").text
    (onwards,) = re.findall(r'href="([^"]*after=[^"]*)"', first)
    second = client.get(onwards.replace("&amp;", "&")).text
    assert (len(titles(first)), len(titles(second))) == (20, 5)
    assert len({*re.findall(r"Pop. [\d,]+", first), *re.findall(r"Pop. [\d,]+", second)}) == 25


# --- Maps


def dots(page: str) -> set[tuple[str, str]]:
    """(label, address) of the dots."""
    found = re.findall(r'<a class="map__dot[^"]*" href="([^"]*)" aria-label="([^"]*)"', page)
    return {(label, href.replace("&amp;", "&")) for href, label in found}


def test_each_case_is_a_dot_that_leads_to_it(curator: Person, client: PageClient) -> None:
    case_at(curator, "Leeds", "GB-ENG")
    case_at(curator, "San Diego", "US-CA")
    case_at(curator, "Nowhere", "US-MN")
    page = client.get("/cases/").text
    assert dots(page) == {
        ("A case of Leeds, Leeds", "/cases/a-case-of-leeds"),
        ("A case of San Diego, San Diego", "/cases/a-case-of-san-diego"),
    }
    assert "2 cases on the map. 1 more is in the list only." in page


def test_several_cases_of_one_place_lead_to_its_page(curator: Person, client: PageClient) -> None:
    for _n in range(3):
        case_at(curator, "Leeds", "GB-ENG")
    assert dots(client.get("/cases/").text) == {("3 cases in Leeds", f"/places/{LEEDS}-leeds")}


def test_cases_that_crowd_lead_to_the_list_of_that_part_of_the_map(
    curator: Person, client: PageClient
) -> None:
    for name, code in (("Northfield", "US-MN"), ("Maplewood", "US-MN"), ("Leeds", "GB-ENG")):
        case_at(curator, name, code)
    page = client.get("/cases/?arrangement=x&sort=useful").text
    (cluster,) = [href for label, href in dots(page) if label == "2 cases in Minnesota, US"]
    part_of_it = client.get(cluster).text
    assert sorted(titles(part_of_it)) == ["Maplewood", "Northfield"]
    assert "This part of the map" in part_of_it
    assert "sort=useful" in cluster


def test_the_map_shows_what_the_filters_leave(curator: Person, client: PageClient) -> None:
    case_at(curator, "Leeds", "GB-ENG")
    case_at(curator, "San Diego", "US-CA")
    assert {label for label, _href in dots(client.get("/cases/?place=US").text)} == {
        "A case of San Diego, San Diego"
    }
    assert dots(client.get("/cases/?place=NZ").text) == set()


def test_a_part_of_the_map_may_lie_across_the_date_line(curator: Person, client: PageClient) -> None:
    case_at(curator, "Auckland", "NZ-AUK")
    case_at(curator, "San Diego", "US-CA")
    assert titles(client.get("/cases/?box=170,-40,190,-30").text) == ["Auckland"]
    assert len(titles(client.get("/cases/?box=nonsense").text)) == 2


def test_the_home_page_shows_where_most_cases_are(curator: Person, client: PageClient) -> None:
    for name, code in (("San Diego", "US-CA"), ("Madison", "US-WI"), ("Auckland", "NZ-AUK")):
        case_at(curator, name, code)
    assert {label.split(", ")[1] for label, _href in dots(client.get("/").text)} == {"San Diego", "Madison"}


def test_a_service_shows_where_it_is_shared(curator: Person, client: PageClient) -> None:
    case_at(curator, "Leeds", "GB-ENG")
    for path in ("/services/community-centers", "/services/community-centers-facilities"):
        assert dots(client.get(path).text) == {("A case of Leeds, Leeds", "/cases/a-case-of-leeds")}
    assert dots(client.get("/services/senior-centers").text) == set()


def test_what_people_write_cannot_break_out_of_the_map(curator: Person, client: PageClient) -> None:
    nasty = add_case(
        curator, title='"><script>alert(1)</script> in a title', place=located("Leeds", "GB-ENG")
    )
    page = client.get("/cases/").text
    assert "<script>alert" not in page
    assert nasty.path in page


def test_a_list_takes_no_more_statements_with_all_of_this(
    app: Flask, curator: Person, client: PageClient, signed_in: Callable[..., PageClient]
) -> None:
    client.post("/community", data={"community": "Northfield, MN"})
    address = "/cases/?sort=alike&box=-100,40,-80,50&place=US"
    counts = []
    for times in (1, 12):
        for _n in range(times):
            case_at(curator, "Maplewood", "US-MN")
        client.get(address)
        with statements_of(app) as statements:
            client.get(address)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 8


def test_a_case_moves_on_the_map_with_its_place(curator: Person, client: PageClient) -> None:
    case = case_at(curator, "Leeds", "GB-ENG")
    with write():
        db.session.get_one(Post, case.id).place_id = MAPLEWOOD
    assert {href for _label, href in dots(client.get("/cases/").text)} == {"/cases/a-case-of-leeds"}
    assert part(client.get(f"/places/{MAPLEWOOD}-maplewood").text, "there-title") == ["Leeds"]


@pytest.mark.parametrize("listed", ["/services/community-centers", "/services/community-centers?kind=case"])
def test_the_list_of_a_service_can_be_sorted_by_likeness(
    curator: Person, client: PageClient, listed: str
) -> None:
    for name, code in (("Maplewood", "US-MN"), ("Madison", "US-WI")):
        case_at(curator, name, code)
    (to_name_it,) = re.findall(r'href="(/community[^"]+)">Places like yours', client.get(listed).text)
    answer = client.submit(unescape(to_name_it), {"community": "Northfield, MN"}, action="/community")
    assert answer.location == listed + ("&" if "?" in listed else "?") + "sort=alike"
    by_likeness = client.get(answer.location).text
    assert titles(by_likeness) == ["Maplewood", "Madison"]
    assert reasons(by_likeness)[0] == "40,567 people, same state, 35 miles away"
    assert f'href="{escape(answer.location)}"' in client.get(listed).text


def test_what_is_of_no_place_stands_below_the_places(curator: Person, client: PageClient) -> None:
    link = add_link(curator, services=["community-centers"])
    case = case_at(curator, "Leeds", "GB-ENG")
    client.post("/community", data={"community": "Northfield, MN"})
    for address in ("/services/community-centers?sort=alike", "/?sort=alike"):
        page = client.get(address).text
        rows = [f'feed__title"><a href="{post.path}"' for post in (case, link)]
        where = [page.index(words) for words in ("Less like yours", rows[0], "Of no one place", rows[1])]
        assert where == sorted(where)


def test_the_home_page_has_the_places_like_ones_own_once_a_community_is_named(
    curator: Person, client: PageClient
) -> None:
    for _n in range(11):
        for name, code in (("Maplewood", "US-MN"), ("Madison", "US-WI")):
            case_at(curator, name, code)
    add_question(curator)
    assert "sort=alike" not in client.get("/").text
    assert titles(client.get("/?sort=alike").text) == titles(client.get("/").text)
    client.post("/community", data={"community": "Northfield, MN"})
    assert 'href="/?sort=alike"' in client.get("/").text
    first = client.get("/?sort=alike").text
    assert "Much like yours" in first
    (onwards,) = re.findall(r'href="([^"]*after=[^"]*)"', first)
    second = client.get(unescape(onwards)).text
    assert titles(first + second) == ["Maplewood"] * 11 + ["Madison"] * 11
    assert (first.count('class="feed__row"'), second.count('class="feed__row"')) == (20, 3)
