"""Any list is also a feed, under the same filters."""

from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from sqlalchemy.orm import Session, scoped_session

from tests.factories.cases import add_case, add_services
from tests.support.page import PageClient
from tests.support.people import add_person

ATOM = {"a": "http://www.w3.org/2005/Atom"}
WISCONSIN = {"place": {"name": "Alder", "region": "Wisconsin", "region_code": "US-WI", "country": "US"}}


def read(client: PageClient, path: str) -> ET.Element:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.mimetype == "application/atom+xml"
    assert "Set-Cookie" not in answer.headers
    return ET.fromstring(answer.text)


def test_a_feed_holds_what_its_list_holds(
    app: Flask, client: PageClient, session: scoped_session[Session]
) -> None:
    add_services()
    author = add_person(name="Ann & Co <b>")
    here = add_case(author, title="Alder & Birch <share> a center", **WISCONSIN)
    add_case(author)
    everything = read(client, "/cases/feed")
    assert len(everything.findall("a:entry", ATOM)) == 2
    feed = read(client, "/cases/feed?place=US-WI&sort=useful")
    (entry,) = feed.findall("a:entry", ATOM)
    assert entry.findtext("a:title", namespaces=ATOM) == "Alder & Birch <share> a center"
    assert entry.findtext("a:id", namespaces=ATOM) == f"http://localhost{here.path}"
    assert entry.findtext("a:author/a:name", namespaces=ATOM) == "Ann & Co <b>"
    assert "Wisconsin" in (feed.findtext("a:title", namespaces=ATOM) or "")


def test_the_page_leads_to_its_feed(client: PageClient, session: scoped_session[Session]) -> None:
    add_services()
    page = client.get("/cases/?place=US-WI&sort=useful").text
    assert 'href="/cases/feed?place=US-WI"' in page


@pytest.mark.parametrize("path", ["/cases/feed", "/questions/feed", "/library/feed"])
def test_an_empty_feed_is_a_feed(client: PageClient, path: str) -> None:
    first = read(client, path)
    assert first.findall("a:entry", ATOM) == []
    assert ET.tostring(first) == ET.tostring(read(client, path))
