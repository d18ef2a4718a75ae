"""Members suggest links; what a page says of itself is offered; curators decide, and say why."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from forum.core import http
from forum.core.db import db
from forum.resources.models import Resource, Suggestion
from tests.factories.cases import add_services
from tests.factories.resources import add_link
from tests.support.page import PageClient
from tests.support.people import add_person
from tests.support.web import LocalWeb, local_web

SignedIn = Callable[..., PageClient]
PAGE = """<!doctype html><html><head><title>Sharing an inspector | Alder Center</title>
<meta property="og:site_name" content="Alder Center"><meta name="citation_author" content="R. Doe">
<script type="application/ld+json">{"@type": "Report", "datePublished": "2019-05-01",
 "headline": "Sharing an inspector"}</script>
</head><body><h1>Sharing</h1></body></html>"""
WHY = "It shows how three towns wrote down who pays for the car."


@pytest.fixture
def web(app: Flask) -> Iterator[LocalWeb]:
    with local_web() as web:
        with app.app_context():
            add_services()
        http.configure("https://interlocal.example", {web.host})
        yield web
        http.configure("https://interlocal.example")


def suggested(app: Flask) -> Suggestion:
    with app.app_context():
        return db.session.query(Suggestion).one()


def test_a_member_suggests_a_curator_describes_and_it_is_in_the_library(
    app: Flask, web: LocalWeb, signed_in: SignedIn
) -> None:
    member, curator = signed_in(), signed_in("curator")
    url = web.put("/page", PAGE)
    looked = member.submit("/library/suggest", {"url": url + "?utm_source=mail", "look": "1"})
    for text in ("Sharing an inspector", "Alder Center", "R. Doe", "2019", url):
        assert text in looked.text
    sent = member.submit(
        "/library/suggest", {"url": url, "why": WHY, "title": "Sharing an inspector", "year": "2019"}
    )
    assert sent.status_code == 303
    assert "Waiting" in member.get("/library/suggestions").text
    assert WHY in curator.get("/curate/suggestions").text
    path = f"/curate/suggestions/{suggested(app).id}"
    done = curator.submit(
        path, {"kind": "research_report", "annotation": WHY + " Mind the law."}, action=path
    )
    assert done.status_code == 303
    assert member.person is not None
    assert f'Suggested by <a href="/people/{member.person.slug}"' in app.test_client().get(done.location).text
    assert done.location in member.get("/library/suggestions").text
    assert "None waits" in curator.get("/curate/suggestions").text
    assert "has decided" in curator.get(path).text


def test_a_declined_link_says_why_to_who_suggested_it_alone(
    app: Flask, web: LocalWeb, signed_in: SignedIn
) -> None:
    member, curator = signed_in(), signed_in("curator")
    member.submit("/library/suggest", {"url": "https://example.org/ad", "why": WHY})
    path = f"/curate/suggestions/{suggested(app).id}"
    decline = f"{path}/decline"
    assert curator.submit(path, {"reason": ""}, action=decline).status_code == 422
    reason = "It sells something and says nothing of agreements."
    assert curator.submit(path, {"reason": reason}, action=decline).status_code == 303
    assert reason in member.get("/library/suggestions").text
    assert reason not in signed_in().get("/library/suggestions").text
    assert suggested(app).state == "declined"


def test_what_is_there_is_shown_instead_of_a_second(app: Flask, web: LocalWeb, signed_in: SignedIn) -> None:
    member = signed_in()
    with app.app_context():
        there = add_link(add_person("curator"), url="https://example.org/there", title="It is there")
    again = {"url": "http://example.org/there/?utm_source=x", "why": WHY}
    looked = member.submit("/library/suggest", again | {"look": "1"})
    assert there.path in looked.text
    sent = member.submit("/library/suggest", again)
    assert sent.status_code == 422
    assert there.path in sent.text
    assert WHY in sent.text
    member.submit("/library/suggest", {"url": "https://example.org/new", "why": WHY})
    assert (
        "suggested this link already"
        in member.submit("/library/suggest", {"url": "http://example.org/new", "why": WHY}).text
    )


def test_the_script_is_told_the_same(app: Flask, web: LocalWeb, signed_in: SignedIn) -> None:
    member = signed_in()
    page = member.get("/library/suggest").text
    csrf = page.split('name="csrf_token" value="')[1].split('"')[0]

    def ask(url: str) -> dict[str, object]:
        found: dict[str, object] = member.post(
            "/library/look-up", data={"url": url, "csrf_token": csrf}
        ).get_json()
        return found

    found = ask(web.put("/page", PAGE))
    assert (found["title"], found["publisher"], found["year"], found["kind"]) == (
        "Sharing an inspector",
        "Alder Center",
        2019,
        "research_report",
    )
    assert "did not open" in str(ask(web.url("/nothing"))["problem"])
    assert "did not open" in str(ask("http://169.254.169.254/")["problem"])
    assert "not a web address" in str(ask("nonsense")["problem"])


def test_markup_in_a_title_stays_text(app: Flask, web: LocalWeb, signed_in: SignedIn) -> None:
    url = web.put("/page", '<title>&lt;img src=x onerror=alert(1)&gt; "quoted"</title>')
    page = signed_in().submit("/library/suggest", {"url": url, "look": "1"}).text
    assert "<img" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page


def test_looking_up_is_limited(app: Flask, web: LocalWeb, signed_in: SignedIn) -> None:
    member = signed_in()
    url = web.put("/page", PAGE)
    app.extensions["interlocal"].limits["look-up"] = (2, 60)
    statuses = [member.submit("/library/suggest", {"url": url, "look": "1"}).status_code for _n in range(3)]
    assert statuses == [200, 200, 429]


def test_a_curator_adds_edits_and_keeps_drafts(app: Flask, web: LocalWeb, signed_in: SignedIn) -> None:
    curator = signed_in("curator")
    kept = curator.submit(
        "/library/add", {"url": "https://example.org/d", "title": "A draft of a link", "keep": "1"}
    )
    assert kept.status_code == 303
    assert app.test_client().get(kept.location).status_code == 404
    assert "This is a draft" in curator.get(kept.location).text
    short = curator.submit(f"{kept.location}/edit", {"kind": "book"})
    assert short.status_code == 422
    done = curator.submit(
        f"{kept.location}/edit", {"kind": "book", "annotation": "A book about agreements. " * 4}
    )
    assert done.status_code == 303
    assert "A draft of a link" in app.test_client().get("/library/").text
    with app.app_context():
        assert db.session.query(Resource).one().state == "visible"


@pytest.mark.parametrize("path", ["/library/add", "/curate/suggestions"])
def test_members_do_not_keep_the_library(web: LocalWeb, signed_in: SignedIn, path: str) -> None:
    assert signed_in().get(path).status_code == 403
