"""A member keeps an eye on lists and searches, and sees what is new in them."""

from collections.abc import Callable
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from time_machine import TimeMachineFixture

from tests.factories.cases import add_case, add_services
from tests.support.page import PageClient
from tests.support.people import add_person

SignedIn = Callable[..., PageClient]
WISCONSIN = {"place": {"name": "Alder", "region": "Wisconsin", "region_code": "US-WI", "country": "US"}}


def save(client: PageClient, path: str) -> None:
    assert client.submit(path, action="/saved").status_code == 303


def test_what_is_new_in_a_saved_list_is_told_until_one_looks(
    app: Flask, signed_in: SignedIn, clock: TimeMachineFixture
) -> None:
    client = signed_in()
    with app.app_context():
        add_services()
        author = add_person()
        add_case(author, **WISCONSIN)
    clock.shift(timedelta(hours=1))
    save(client, "/cases/?place=US-WI&sort=useful")
    assert "Nothing new" in client.get("/saved").text
    clock.shift(timedelta(hours=1))
    with app.app_context():
        new = add_case(author, title="Alder and Birch share a center", **WISCONSIN).path
        elsewhere = add_case(author, title="Something elsewhere altogether").path
    page = client.get("/saved").text
    assert "See 1 new" in page
    assert new in page
    assert elsewhere not in page
    look = client.submit("/saved", action="/saved/1/look")
    assert look.location == "/cases/?place=US-WI"
    assert "Nothing new" in client.get("/saved").text


def test_a_search_is_saved_too_and_has_a_feed(app: Flask, signed_in: SignedIn, client: PageClient) -> None:
    with app.app_context():
        add_services()
        case = add_case(add_person()).path
    member = signed_in()
    save(member, "/search?q=community+center")
    assert "community center" in member.get("/saved").text
    feed = client.get("/search/feed?q=community+center")
    assert feed.mimetype == "application/atom+xml"
    assert [link.get("href") for link in ET.fromstring(feed.text).iter("{http://www.w3.org/2005/Atom}link")][
        -1
    ] == (f"http://localhost{case}")


def test_the_same_list_is_saved_once_and_can_be_removed(app: Flask, signed_in: SignedIn) -> None:
    client = signed_in()
    for _ in range(2):
        save(client, "/cases/?kind=pool")
    assert client.get("/saved").text.count("/look") == 1
    client.submit("/saved", action="/saved/1/remove")
    assert "Nothing saved yet" in client.get("/saved").text


@pytest.mark.parametrize(
    "path", ["https://evil.example/cases/", "//evil.example/cases/", "/settings", "", "/cases/x"]
)
def test_only_lists_and_searches_of_this_site_are_kept(signed_in: SignedIn, path: str) -> None:
    client = signed_in()
    refused = client.submit("/cases/", {"path": path}, action="/saved")
    assert refused.status_code in (303, 404)
    assert "evil" not in client.get("/saved").text
    if refused.status_code == 303:
        assert client.submit("/saved", action="/saved/1/look").location == "/cases/"


def test_nobody_looks_into_what_somebody_else_keeps(signed_in: SignedIn) -> None:
    mine, other = signed_in(), signed_in()
    save(mine, "/cases/?kind=pool")
    save(other, "/cases/")
    assert "pool" not in other.get("/saved").text
    stolen = other.submit("/saved", action="/saved/2/look")
    assert stolen.status_code == 303
    assert "Insurance" in mine.get("/saved").text
