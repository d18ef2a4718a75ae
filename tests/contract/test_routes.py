"""Every route says who may enter, and keeps to it. New routes are covered as soon as they are there."""

from collections.abc import Callable

import pytest
from flask import Flask, request

from forum.accounts.models import Person
from forum.core.db import db
from forum.core.roles import Role
from tests.support.crawl import Crawl
from tests.support.forms import find_form
from tests.support.page import PageClient
from tests.support.people import add_person, sign_in
from tests.support.statements import WRITES, statements_of

SAFE = {"GET", "HEAD", "OPTIONS"}
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
ROLES = list(Role)


@pytest.fixture
def client_of(app: Flask) -> Callable[[Role], PageClient]:
    """A new client of the one person with this role: signing out ends nothing for the others."""
    with app.app_context():
        ids = {role: add_person(role).id for role in ROLES[1:]}

    def make(role: Role) -> PageClient:
        client: PageClient = app.test_client()
        if role is not Role.VISITOR:
            with app.app_context():
                sign_in(client, db.session.get_one(Person, ids[role]))
        return client

    return make


def token_of(client: PageClient) -> str:
    """The CSRF token of this client's session."""
    path, action = ("/share", "/sign-out") if client.person else ("/sign-in", None)
    (token,) = find_form(client.get(path).text, action).values["csrf_token"]
    return token


def test_every_route_says_who_may_enter(crawl: Crawl) -> None:
    assert [str(rule) for rule in crawl.rules("GET", *UNSAFE) if crawl.needs(rule) is None] == []


def test_a_route_that_forgets_to_say_it_is_closed(make_app: Callable[..., Flask]) -> None:
    app = make_app()
    app.add_url_rule("/forgotten", view_func=lambda: "open", endpoint="forgotten")
    with app.app_context():
        admin = add_person("admin")
    assert app.test_client().get("/forgotten").status_code == 403
    assert sign_in(app.test_client(), admin).get("/forgotten").status_code == 403


@pytest.mark.parametrize("role", ROLES)
def test_each_route_lets_in_whom_it_says(
    crawl: Crawl, client_of: Callable[[Role], PageClient], role: Role
) -> None:
    let_in: list[str] = []
    # Asked after the guard, so only where it let somebody in. What the room's policy then says is its own affair.
    crawl.app.before_request(lambda: let_in.append(request.path))
    for rule in crawl.rules("GET", *UNSAFE):
        needed = crawl.needs(rule)
        assert needed
        path = crawl.address(rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            client = client_of(role)
            data = {"csrf_token": token_of(client)} if method in UNSAFE else None
            let_in.clear()
            response = client.open(path, method=method, data=data)
            what = f"{method} {path} as {role}: {response.status_code} {response.location or ''}"
            if role.admits(needed):
                assert let_in == [path], what
                assert response.status_code < 500, what
            elif role is Role.VISITOR and method in SAFE:
                assert (let_in, response.status_code) == ([], 303), what
                assert response.location.startswith("/sign-in?next=/"), what
            else:
                assert (let_in, response.status_code) == ([], 403), what


@pytest.mark.parametrize("role", [Role.VISITOR, Role.ADMIN])
def test_nothing_changes_without_a_token(
    crawl: Crawl, client_of: Callable[[Role], PageClient], role: Role
) -> None:
    client = client_of(role)
    for rule in crawl.rules(*UNSAFE):
        path = crawl.address(rule)
        view = crawl.app.view_functions[rule.endpoint]
        if getattr(view, "without_token", False) or getattr(view, "by_secret_address", False):
            continue  # Says so itself, and asks for something else: see the next tests.
        for method in sorted((rule.methods or set()) & set(UNSAFE)):
            for data in ({}, {"csrf_token": "made up"}):
                with statements_of(crawl.app) as statements:
                    response = client.open(path, method=method, data=data)
                what = f"{method} {path}"
                assert response.status_code == 400, what
                assert "This form is from an older session" in response.text, what
                assert not [text for text in statements if text.lstrip().upper().startswith(WRITES)], what


def test_a_form_without_a_token_is_taken_from_our_own_pages_alone_and_writes_nothing(
    crawl: Crawl, client: PageClient
) -> None:
    views = crawl.app.view_functions
    rules = [rule for rule in crawl.rules(*UNSAFE) if getattr(views[rule.endpoint], "without_token", False)]
    assert {str(rule) for rule in rules} == {
        "/announcements/<int:announcement_id>/hide",
        "/community",
        "/community/forget",
    }
    for rule in rules:
        for site in ("cross-site", "same-site", "same-origin"):
            with statements_of(crawl.app) as statements:
                response = client.post(crawl.address(rule), headers={"Sec-Fetch-Site": site})
            assert (response.status_code == 403) is (site != "same-origin"), f"{rule} from {site}"
            assert not [text for text in statements if text.lstrip().upper().startswith(WRITES)], str(rule)


def test_an_address_that_is_a_secret_does_nothing_when_it_is_made_up(
    crawl: Crawl, client: PageClient
) -> None:
    views = crawl.app.view_functions
    rules = [
        rule for rule in crawl.rules(*UNSAFE) if getattr(views[rule.endpoint], "by_secret_address", False)
    ]
    assert {str(rule) for rule in rules} == {
        "/confirm/<token>",
        "/digests/unsubscribe/<token>",
        "/reset/<token>",
    }
    for rule in rules:
        with statements_of(crawl.app) as statements:
            response = client.post(f"{crawl.address(rule)[:-1]}-")
        assert response.status_code == 404, str(rule)
        assert not [text for text in statements if text.lstrip().upper().startswith(WRITES)], str(rule)


def test_a_token_of_one_person_is_nothing_in_the_hands_of_another(
    client_of: Callable[[Role], PageClient],
) -> None:
    token = token_of(client_of(Role.MEMBER))
    assert client_of(Role.CURATOR).post("/settings", data={"csrf_token": token}).status_code == 400


@pytest.mark.parametrize("role", [Role.VISITOR, Role.ADMIN])
def test_reading_changes_nothing(crawl: Crawl, client_of: Callable[[Role], PageClient], role: Role) -> None:
    client = client_of(role)
    for rule in crawl.rules("GET"):
        path = crawl.address(rule)
        with statements_of(crawl.app) as statements:
            client.get(path)
        written = [text for text in statements if text.lstrip().upper().startswith(WRITES)]
        assert written == [], path


def test_a_page_knows_no_other_methods(crawl: Crawl, client: PageClient) -> None:
    assert client.open("/about", method="TRACE").status_code == 405
    response = client.get("/sign-out")
    assert response.status_code == 405
    assert "POST" in response.headers["Allow"]
