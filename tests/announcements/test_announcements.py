"""The line above the header: who sees it, for how long, and that it stays away once it was put away."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from forum.announcements.actions import end_announcement, write_announcement
from forum.announcements.forms import AnnouncementShape
from forum.announcements.queries import announcement
from forum.core.errors import Forbidden
from forum.core.shapes import load
from tests.support.forms import find_form
from tests.support.page import PageClient
from tests.support.people import add_person
from tests.support.statements import statements_of

TEXT = "Dues are lower from January on."


@pytest.fixture
def announce(app: Flask) -> Callable[..., int]:
    """`announce(text, **fields)`: its number."""

    def announce(text: str = TEXT, **fields: Any) -> int:
        with app.app_context():
            record = load(AnnouncementShape(), {"text": text, "audience": "all"} | fields)
            return write_announcement(add_person("curator"), record).id

    return announce


def shown(client: PageClient, path: str = "/about") -> str:
    """The line on a page, "" for none."""
    text = client.get(path).text
    _before, found, after = text.partition('<aside class="announcement"')
    return after.partition("<p>")[2].partition("</p>")[0] if found else ""


def test_a_line_with_a_link_stands_above_the_header_of_every_page(announce, client):
    assert shown(client) == ""
    announce(link="/about", link_text="See the rates")
    for path in ("/", "/about", "/sign-in", "/no-such-page"):
        assert shown(client, path) == f'{TEXT} <a href="/about">See the rates</a>'
    answer = client.get("/about")
    assert "Set-Cookie" not in answer.headers
    assert answer.text.index(TEXT) < answer.text.index('<header class="site">')


@pytest.mark.parametrize(
    ("audience", "visitor_sees", "member_sees"),
    [("all", True, True), ("visitors", True, False), ("members", False, True)],
)
def test_each_sees_what_is_meant_for_them(announce, client, signed_in, audience, visitor_sees, member_sees):
    announce(audience=audience)
    assert bool(shown(client)) is visitor_sees
    assert bool(shown(signed_in())) is member_sees


def test_it_is_shown_from_its_first_day_through_its_last(announce, client, clock):
    announce(from_day="2026-05-06", until_day="2026-05-07")  # today is the 4th
    seen = []
    for _day in range(5):
        seen.append(bool(shown(client)))
        clock.shift(timedelta(days=1))
    assert seen == [False, False, True, True, False]


def test_a_visitor_puts_it_away_for_good(announce, client, app, clock):
    first = announce()
    with statements_of(app) as statements:
        answer = client.submit("/about?x=1", action=f"/announcements/{first}/hide")
    assert answer.location == "/about?x=1"
    assert not [text for text in statements if text.startswith(("INSERT", "UPDATE"))]
    assert shown(client) == ""
    assert shown(app.test_client()) == TEXT
    second = announce("Something new.")
    assert shown(client) == "Something new."
    client.submit("/about", action=f"/announcements/{second}/hide")
    clock.shift(timedelta(days=200))
    assert shown(client) == ""


def test_a_member_puts_it_away_on_every_device(announce, app, signed_in):
    first = announce()
    member = signed_in()
    form = find_form(member.get("/about").text, f"/announcements/{first}/dismiss")
    for _ in range(2):
        assert member.post(form.action, data=form.filled_in({})).location == "/about"
    assert shown(member) == ""
    assert shown(signed_in()) == TEXT
    assert member.post("/announcements/99/dismiss", data=form.filled_in({})).status_code == 404


@pytest.mark.parametrize("cookie", ["x", "1.2.x.\u0663", "9" * 400, "-1", "1" + ".1" * 500, "..", "%00"])
def test_a_made_up_cookie_does_no_harm(announce, app, cookie):
    announce()
    client = app.test_client()
    client.set_cookie("interlocal_dismissed", cookie)
    assert client.get("/about").status_code == 200


def test_the_newest_is_shown_and_then_the_one_before(announce, client):
    older = announce("The older one.")
    newer = announce("The newer one.")
    assert shown(client) == "The newer one."
    client.submit("/about", action=f"/announcements/{newer}/hide")
    assert shown(client) == "The older one."
    client.submit("/about", action=f"/announcements/{older}/hide")
    assert shown(client) == ""


def test_what_visitors_have_read_is_never_stale(announce, app, client):
    """Pages of visitors are kept: they follow the line, and each visitor's own cookie."""
    assert shown(client) == shown(client) == ""
    number = announce()
    assert shown(client) == shown(client) == TEXT
    other = app.test_client()
    client.submit("/about", action=f"/announcements/{number}/hide")
    assert (shown(client), shown(other), shown(client)) == ("", TEXT, "")
    with app.app_context():
        end_announcement(add_person("curator"), announcement(number))
    assert shown(other) == ""


def test_a_page_asks_for_its_line_once(announce, app, signed_in):
    announce()
    member = signed_in()
    member.get("/settings")
    with statements_of(app) as statements:
        member.get("/settings")
    assert len([text for text in statements if "FROM announcement" in text]) == 1


def test_nothing_typed_becomes_markup(announce, client):
    announce("<img src=x onerror=alert(1)>", link="/about", link_text="<b>here</b>")
    assert "<img src=x" not in client.get("/about").text


def test_curators_write_change_and_end_lines(app, client, signed_in):
    curator = signed_in("curator")
    sent = curator.submit("/curate/announcements/new", {"text": TEXT, "audience": "all"})
    assert sent.location == "/curate/announcements/"
    assert shown(client) == TEXT
    assert "Shown now" in curator.get("/curate/announcements/").text
    curator.submit("/curate/announcements/1", {"text": "Dues are halved."})
    assert shown(client) == "Dues are halved."
    curator.submit("/curate/announcements/", action="/curate/announcements/1/end")
    assert shown(client) == ""
    assert "Ended" in curator.get("/curate/announcements/").text
    answer = curator.submit("/curate/announcements/1", {"text": "Dues are back."})
    assert (answer.status_code, "Write a new one" in answer.text) == (422, True)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"text": ""}, "Say what is new"),
        ({"text": "x" * 201}, "At most 200"),
        ({"link": "/about"}, "Say where the link leads"),
        ({"link_text": "More"}, "Enter the address"),
        ({"link": "javascript:alert(1)", "link_text": "More"}, "Enter a web address"),
        ({"link": "//evil.example/", "link_text": "More"}, "Enter a web address"),
        ({"audience": ""}, "Choose who is to see it"),
        ({"until_day": "2001-01-01"}, "before the first day"),
        ({"from_day": "2001-01-01", "until_day": "2001-01-02"}, "over already"),
        ({"from_day": "tomorrow"}, "Enter a day"),
    ],
)
def test_what_cannot_be_taken_is_said_beside_its_field(signed_in, fields, words):
    answer = signed_in("curator").submit("/curate/announcements/new", {"text": TEXT} | fields)
    assert answer.status_code == 422
    assert words in answer.text


def test_members_announce_nothing(app, session, signed_in):
    assert signed_in().get("/curate/announcements/").status_code == 403
    with pytest.raises(Forbidden):
        write_announcement(add_person(), {"text": TEXT, "audience": "all"})
