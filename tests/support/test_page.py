"""The test client is tested: what it does not complain of, nobody sees."""

import pytest
from flask import Flask, request
from flask import session as cookie

from forum.accounts.models import Person
from forum.core.db import db, write
from forum.core.roles import Role
from forum.web.access import opens_to
from tests.support.html import faults
from tests.support.people import add_person
from tests.support.statements import statements_of

PAGE = "<!doctype html><html lang='en'><head><title>A page</title></head><body><main>{}</main></body></html>"
FORM = """<form method="post" action="/form">
<input type="hidden" name="token" value="secret"><label>Name <input name="name" value="as it was"></label>
<label><input type="checkbox" name="agree" value="yes"> Agree</label>
<label>Kind <select name="kind"><option value="a">A</option><option value="b" selected>B</option></select></label>
<button name="next" value="add">Add</button></form>"""


def newcomer() -> Person:
    return Person(email="a@example.com", slug="a", name="A", password_hash="not a hash")


@pytest.fixture
def app(app: Flask) -> Flask:
    """The application, with some views that do it wrong."""

    def add(path, view, **options):
        app.add_url_rule(path, path, opens_to(Role.VISITOR)(view), **options)

    def forgets_to_commit() -> str:
        db.session.add(newcomer())
        return PAGE

    def commits_half() -> str:
        db.session.add(newcomer())
        db.session.flush()
        return PAGE

    def saves() -> str:
        with write() as session:
            session.add(newcomer())
        return PAGE

    def sets_a_cookie() -> str:
        cookie["seen"] = True
        return PAGE

    def shows_a_form() -> object:
        return request.form if request.method == "POST" else PAGE.format(FORM)

    add("/forgets", forgets_to_commit)
    add("/half", commits_half)
    add("/saves", saves)
    add("/cookie", sets_a_cookie)
    add("/broken", lambda: PAGE.format("<p>One<div>Two</p></div>"))
    add("/form", shows_a_form, methods=["GET", "POST"])
    return app


@pytest.mark.parametrize(
    ("path", "complaint"),
    [
        ("/forgets", "was not saved"),
        ("/half", "INSERT INTO person"),
        ("/cookie", "sets a cookie"),
        ("/broken", "Broken HTML"),
    ],
)
def test_what_a_view_does_wrong_fails_the_test(client, path, complaint):
    with pytest.raises(AssertionError, match=complaint):
        client.get(path)


def test_a_view_that_saves_is_fine(client):
    assert client.get("/saves").status_code == 200


def test_who_is_signed_in_may_have_a_cookie(signed_in):
    assert signed_in("member").get("/cookie").status_code == 200


def test_a_form_is_sent_as_it_stands_with_what_was_filled_in(app, client):
    app.config["WTF_CSRF_ENABLED"] = False  # The form above has no real token.
    sent = client.submit("/form", {"name": "new", "next": "add"})
    assert sent.json == {"token": "secret", "name": "new", "kind": "b", "next": "add"}
    with pytest.raises(AssertionError, match="no field"):
        client.submit("/form", {"nmae": "typo"})


def test_a_request_does_not_share_the_session_of_the_test(session, client):
    add_person()
    assert session.query(Person).count() == 1
    client.get("/saves")
    session.rollback()
    assert session.query(Person).count() == 2


def test_statements_are_counted(app, session):
    with statements_of(app) as statements:
        session.query(Person).all()
        session.commit()
    assert len(statements) == 1


def test_the_error_pages_are_sound(client):
    assert faults(client.get("/no-such-page").text) == []
