"""A pasted page becomes drafts: resources for what is new, and a guide with the links in their order."""

from collections.abc import Callable

from flask import Flask

from forum.core.db import db
from forum.guides.actions import take_step
from forum.guides.models import Guide
from forum.posts.queries import current_record
from forum.resources.models import Resource
from tests.factories.cases import add_services
from tests.factories.resources import add_link
from tests.support.forms import find_form
from tests.support.page import PageClient
from tests.support.people import add_person

SignedIn = Callable[..., PageClient]
PAGE = """<h1>Three readings on sharing services</h1>
<p>An opening of some length, which says why these are worth it.</p><ul>
<li><a href="https://a.example/1">A first reading</a>: what it says.</li>
<li><a href="https://a.example/2?utm_source=x">A second reading</a>: what that says.</li>
<li><a href="https://a.example/3">A third reading</a>: and this.</li></ul>
<p><a href="https://www.facebook.com/sharer">Share</a></p>"""


def test_a_page_becomes_drafts_and_they_go_out_together(app: Flask, signed_in: SignedIn) -> None:
    curator = signed_in("curator")
    with app.app_context():
        add_services()
        known = add_link(add_person("curator"), url="http://a.example/2", title="Known as this")
    found = curator.submit("/curate/paste", {"page": PAGE})
    assert found.status_code == 200
    assert known.path in found.text
    assert "4 links found" in found.text
    assert "3 chosen" in found.text
    fields = find_form(found.text, action="/curate/paste/take").filled_in({})
    made = curator.post("/curate/paste/take", data=fields)
    assert made.status_code == 303
    with app.app_context():
        guide = db.session.query(Guide).one()
        record = current_record(guide)
        assert guide.title == "Three readings on sharing services"
        assert [item["ref"] for item in record["items"]] == [
            "resource:https://a.example/1",
            "resource:http://a.example/2",
            "resource:https://a.example/3",
        ]
        assert record["items"][0]["note"] == "What it says."
        drafts = db.session.query(Resource).filter_by(state="draft").order_by(Resource.id).all()
        assert [draft.title for draft in drafts] == ["A first reading", "A third reading"]
        assert app.test_client().get(drafts[0].path).status_code == 404


def test_a_guide_takes_the_drafts_that_it_points_to_along(app: Flask, signed_in: SignedIn) -> None:
    curator = signed_in("curator")
    with app.app_context():
        add_services()
    found = curator.submit("/curate/paste", {"page": PAGE})
    fields = find_form(found.text, action="/curate/paste/take").filled_in({})
    curator.post("/curate/paste/take", data=fields)
    with app.app_context():
        from forum.core.shapes import as_typed, load
        from forum.guides.actions import edit_guide
        from forum.guides.forms import DraftShape

        guide = db.session.query(Guide).one()
        author = guide.author
        record = as_typed(current_record(guide)) | {"answers": "What should I read first?"}
        edit_guide(author, guide, load(DraftShape(), record), None)
        take_step(author, guide, "send")
        take_step(add_person("curator"), guide, "publish")
        assert {resource.state for resource in db.session.query(Resource)} == {"visible"}
        path = guide.path
    assert "A third reading" in app.test_client().get(path).text


def test_nothing_kept_and_nothing_found_are_said(app: Flask, signed_in: SignedIn) -> None:
    curator = signed_in("curator")
    assert curator.submit("/curate/paste", {"page": "No links."}).status_code == 422
    found = curator.submit("/curate/paste", {"page": PAGE})
    fields = find_form(found.text, action="/curate/paste/take").filled_in({})
    kept = {name: value for name, value in fields.items() if not name.endswith("-keep")}
    refused = curator.post("/curate/paste/take", data=kept)
    assert refused.status_code == 422
    assert "Keep at least one link" in refused.text
    assert "A third reading" in refused.text
    assert signed_in().get("/curate/paste").status_code == 403
