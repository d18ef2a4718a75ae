"""Naming the community that one reads for: once, without an account, and without being tricked into it."""

import pytest

from forum.accounts.models import Organisation, Person
from forum.core.db import db, write
from forum.places.queries import match
from forum.places.views import current_community

pytestmark = pytest.mark.usefixtures("gazetteer")

NORTHFIELD = 5039675
COOKIE = "interlocal_community"


def name(client, community, **fields):
    return client.post("/community", data={"community": community, **fields})


def community_of(client):
    """What the application takes for the community of this client."""
    cookie = client.get_cookie(COOKIE)
    headers = {"Cookie": f"{COOKIE}={cookie.value}"} if cookie else {}
    with client.application.test_request_context("/", headers=headers):
        return current_community()


def test_a_visitor_has_no_community_until_they_name_one(client):
    assert community_of(client) is None
    assert "Name it once" in client.get("/community").text


@pytest.mark.parametrize(
    "fields",
    [
        {"community": "Northfield, MN"},
        {"community": "northfield minnesota"},
        {"community": "Northfield", "region": "Minnesota", "country": "US"},
        {"community": "Northfield", "place_id": str(NORTHFIELD)},
    ],
    ids=["typed", "without a comma", "field by field", "picked"],
)
def test_a_town_is_named_once_and_known_from_then_on(client, fields):
    answer = client.post("/community", data=fields)
    assert (answer.status_code, answer.location) == (303, "/cases/?sort=alike")
    assert community_of(client).place_id == NORTHFIELD
    page = client.get("/community")
    assert "Northfield, Minnesota, US" in page.text
    assert page.headers["Cache-Control"] == "private, no-store"


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(client, make_app):
    cookie = name(client, "Northfield, MN").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Secure" not in cookie
    secure = make_app(base_url="https://localhost").test_client()
    cookie = name(secure, "Northfield, MN").headers["Set-Cookie"]
    assert cookie.startswith("__Host-community=")
    assert "Secure" in cookie


def test_it_leads_back_to_where_the_reader_was_and_nowhere_else(client):
    assert name(client, "Northfield, MN", next="/cases/?sort=alike&kind=pool").location.endswith("kind=pool")
    assert name(client, "Northfield, MN", next="https://elsewhere.example/").location == "/cases/?sort=alike"
    assert name(client, "Northfield, MN", next="//elsewhere.example/").location == "/cases/?sort=alike"


def test_of_several_towns_of_one_name_the_reader_chooses(client):
    answer = name(client, "Northfield")
    assert answer.status_code == 422
    assert "Which one is it?" in answer.text
    assert f'name="place_id" value="{NORTHFIELD}"' in answer.text
    assert community_of(client) is None


def test_what_is_typed_may_go_on_as_the_name_of_another_place_does(client):
    name(client, "New York, NY")
    assert community_of(client).name == "New York"


def test_a_place_that_we_do_not_know_can_be_described(client):
    answer = name(client, "Little Nowhere")
    assert answer.status_code == 422
    assert "We do not know this place" in answer.text
    assert 'value="Little Nowhere"' in answer.text
    described = {"region": "Minnesota", "country": "US", "population": "1,900"}
    assert name(client, "Little Nowhere", **described).status_code == 303
    found = community_of(client)
    assert (found.full_name, found.population) == ("Little Nowhere, Minnesota, US", 1900)
    assert found.region_code == "US-MN"
    assert found.place_id is None


def test_the_reader_may_know_the_population_better(client):
    name(client, "Northfield, MN", population="21,500")
    assert community_of(client).population == 21_500


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"community": " "},
        {"community": "x" * 200},
        {"community": "Northfield", "place_id": "many"},
        {"community": "Northfield", "population": "0"},
        {"community": "Northfield", "country": "ZZ"},
        {"community": "' OR 1=1"},
    ],
    ids=str,
)
def test_what_cannot_be_a_community_is_asked_for_again(client, fields):
    assert client.post("/community", data=fields).status_code == 422
    assert community_of(client) is None


def test_a_place_that_is_not_there_is_not_found(client):
    assert name(client, "Northfield", place_id="1").status_code == 404


def test_it_can_be_forgotten(client):
    name(client, "Northfield, MN")
    answer = client.post("/community/forget", data={"next": "/about"})
    assert (answer.status_code, answer.location) == (303, "/about")
    assert community_of(client) is None


@pytest.mark.parametrize("value", ["", "x", "eyJwbGFjZV9pZCI6NTAzOTY3NX0.made-up", "a" * 4000])
def test_a_cookie_that_we_did_not_make_says_nothing(client, value):
    client.set_cookie(COOKIE, value)
    assert community_of(client) is None
    assert client.get("/community").status_code == 200


@pytest.mark.parametrize("path", ["/community", "/community/forget"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    ],
    ids=str,
)
def test_another_site_cannot_name_or_forget_it_for_the_reader(client, path, headers):
    answer = client.post(path, data={"community": "Northfield, MN"}, headers=headers)
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": "http://localhost"}, {}],
    ids=str,
)
def test_our_own_page_and_programs_can(client, headers):
    answer = client.post("/community", data={"community": "Northfield, MN"}, headers=headers)
    assert answer.status_code == 303


def works_for(**facts):
    """Somebody's employer, so that a client can be a member who works there."""
    with write() as session:
        body = Organisation(slug="body", name="A body", key="a body", kind="municipality", **facts)
        session.add(body)
        session.flush()
    return body.id


def test_a_member_is_known_by_where_they_work(signed_in, session):
    place = match("Northfield", "MN", "US")
    member = signed_in(
        organisation_id=works_for(
            place_id=place.id, country="US", region_code="US-MN", population=21_000, setting="small_city"
        )
    )
    page = member.get("/community").text
    assert "Northfield, Minnesota, US" in page
    assert "21,000 people" in page
    assert "(from your profile)" in page
    assert "Forget it" not in page


def test_a_county_is_known_by_its_profile_without_being_on_the_map(signed_in, session):
    member = signed_in(
        organisation_id=works_for(country="US", region="Virginia", region_code="US-VA", population=40_000)
    )
    assert "A body, Virginia, US" in member.get("/community").text


def test_an_employer_of_whom_nothing_is_known_is_no_community(signed_in, session):
    member = signed_in(organisation_id=works_for(country="US"))
    assert "(from your profile)" not in member.get("/community").text


def test_what_a_member_names_goes_before_where_they_work(signed_in, session):
    place = match("Northfield", "MN", "US")
    member = signed_in(organisation_id=works_for(place_id=place.id, country="US", region_code="US-MN"))
    name(member, "Maplewood, MN")
    page = member.get("/community").text
    assert "Maplewood, Minnesota, US" in page
    assert "Forget it" in page
    member.post("/community/forget")
    assert "Northfield, Minnesota, US" in member.get("/community").text
    assert db.session.get(Person, member.person.id).organisation_id
