"""What people say of themselves and of where they work."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from forum.accounts.actions import find_or_make_organisation
from forum.accounts.models import Organisation, Person
from forum.accounts.queries import suggest_organisations
from forum.core.db import write
from forum.core.errors import Invalid
from forum.places.models import Place
from tests.factories.accounts import add_organisation
from tests.support.page import PageClient

Db = scoped_session[Session]
SignedIn = Callable[..., PageClient]


def add_northfield() -> None:
    with write() as session:
        session.add(
            Place(
                id=1,
                name="Northfield",
                key="northfield",
                region_code="US-MN",
                region="Minnesota",
                country="US",
                population=20_742,
                latitude=44.46,
                longitude=-93.16,
            )
        )


def organisation_of(app: Flask, client: PageClient) -> Organisation | None:
    assert client.person
    with app.app_context():
        session_person = app.extensions["sqlalchemy"].session.get_one(Person, client.person.id)
        found: Organisation | None = session_person.organisation
        return found


def test_a_profile_is_saved_and_shown(app: Flask, signed_in: SignedIn) -> None:
    client = signed_in()
    saved = client.submit(
        "/settings",
        {
            "name": "Ana Ruiz",
            "job_title": "Town manager",
            "bio": "Snow,\nand roads.",
            "organisation": "Town of Alder",
            "organisation_kind": "municipality",
            "population": "8,200",
            "population_year": "2020",
            "setting": "rural",
            "website": "https://alder.example",
        },
        action="/settings",
    )
    assert (saved.status_code, saved.location) == (303, "/settings")
    page = client.get(f"/people/{client.person.slug}").text  # type: ignore[union-attr]
    for words in ("Ana Ruiz", "Town manager", "Snow,\nand roads.", 'href="/organisations/town-of-alder"'):
        assert words in page
    page = app.test_client().get("/organisations/town-of-alder").text
    for words in ("City, town or village", "Population 8,200 in 2020", "Rural", "alder.example", "Ana Ruiz"):
        assert words in page


def test_what_cannot_be_saved_is_given_back(signed_in: SignedIn) -> None:
    typed = {
        "name": "",
        "job_title": "Deputy clerk",
        "website": "alder",
        "population": "many",
        "country": "US",
    }
    response = signed_in().submit("/settings", typed, action="/settings")
    assert response.status_code == 422
    for words in ("Enter the name", "Deputy clerk", 'value="alder"', "Enter a web address", 'value="many"'):
        assert words in response.text
    assert '<option value="US" selected>' in response.text


def test_a_place_that_the_gazetteer_knows_brings_its_region(app: Flask, signed_in: SignedIn) -> None:
    client = signed_in()
    with app.app_context():
        add_northfield()
    typed = {
        "organisation": "City of Northfield",
        "place_name": "Northfield",
        "region": "Minnesota",
        "country": "US",
    }
    assert client.submit("/settings", typed, action="/settings").status_code == 303
    body = organisation_of(app, client)
    assert body
    assert (body.place_id, body.region_code, body.country) == (1, "US-MN", "US")
    assert body.population is None  # The town beside the city has the same name, not the same people.


def test_a_region_code_that_is_not_the_regions_is_left_out(app: Flask, signed_in: SignedIn) -> None:
    client = signed_in()
    typed = {"organisation": "Town of Alder", "region": "Wisconsin", "country": "US", "region_code": "US-MN"}
    assert client.submit("/settings", typed, action="/settings").status_code == 303
    body = organisation_of(app, client)
    assert body
    assert (body.region, body.region_code) == ("Wisconsin", "")


def test_nobody_leaves_an_organisation_behind_by_saving_twice(app: Flask, signed_in: SignedIn) -> None:
    client = signed_in()
    client.submit("/settings", {"organisation": "Town of Alder"}, action="/settings")
    client.submit("/settings", {}, action="/settings")
    with app.app_context():
        assert app.extensions["sqlalchemy"].session.scalar(select(func.count(Organisation.id))) == 1
    client.submit("/settings", {"organisation": ""}, action="/settings")
    assert organisation_of(app, client) is None


def test_what_is_known_of_an_organisation_is_not_overwritten(session: Db) -> None:
    first = add_organisation(population=8200, country="US", region_code="US-WI", region="Wisconsin")
    again = add_organisation(
        "TOWN OF  ALDER",
        "business",
        population=1,
        website="https://evil.example",
        country="US",
        region_code="US-WI",
    )
    assert again is first
    assert (again.name, again.kind, again.population) == ("Town of Alder", "municipality", 8200)
    assert again.website == "https://evil.example"  # It was blank: somebody has to be the first.


def test_one_name_in_two_regions_is_two_organisations(session: Db) -> None:
    here = add_organisation(country="US", region_code="US-WI")
    there = add_organisation(country="US", region_code="US-MN")
    assert (here.slug, there.slug) == ("town-of-alder", "town-of-alder-2")
    assert add_organisation(country="US", region_code="US-MN") is there


def test_a_name_without_letters_is_no_name(session: Db) -> None:
    with write(), pytest.raises(Invalid):
        find_or_make_organisation("???", "other")


def test_no_organisation_takes_the_address_of_a_page(session: Db) -> None:
    assert add_organisation("Suggest").path != "/organisations/suggest"


def test_organisations_are_suggested_by_any_of_their_words(session: Db) -> None:
    for name in ("Town of Alder", "Alder Creek District", "Calder"):
        add_organisation(name)
    assert [body.name for body in suggest_organisations("ald")] == ["Alder Creek District", "Town of Alder"]
    assert suggest_organisations("%") == []
    assert suggest_organisations("  ") == []


def test_suggestions_tell_apart_what_has_the_same_name(app: Flask, signed_in: SignedIn) -> None:
    client = signed_in()
    with app.app_context():
        add_organisation(country="US", region_code="US-WI", region="Wisconsin")
        there = add_organisation(country="US", region_code="US-MN", region="Minnesota", population=8200)
        there_id = there.id
    suggested = client.get("/organisations/suggest?q=ald").json
    assert suggested
    assert suggested[0] == {
        "value": "Town of Alder",
        "label": "Town of Alder",
        "hint": "City, town or village · Minnesota · 8,200 people",
        "fields": {
            "kind": "municipality",
            "organisation_kind": "municipality",
            "population": "8200",
            "place_name": "",
            "region": "Minnesota",
            "region_code": "US-MN",
            "country": "US",
        },
    }
    picked = {name: value for name, value in suggested[0]["fields"].items() if name != "kind"}
    client.submit("/settings", picked | {"organisation": "Town of Alder"}, action="/settings")
    body = organisation_of(app, client)
    assert body
    assert body.id == there_id


def test_visitors_get_no_suggestions(client: PageClient) -> None:
    assert client.get("/organisations/suggest?q=ald").status_code == 303
