"""The headers of every page, whatever its kind, and no cookie for those who only read."""

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from forum.core.roles import Role
from forum.web.access import opens_to
from forum.web.security import HEADERS, YEAR
from tests.support.crawl import Crawl
from tests.support.page import COOKIE_PAGES, PageClient
from tests.support.people import add_person, sign_in


def boom() -> str:
    """A page that fails."""
    raise RuntimeError("on purpose")


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    app = make_app(limits={"sign-in network": (1, 60)})
    app.add_url_rule("/boom", view_func=opens_to(Role.VISITOR)(boom))
    return app


def pages(crawl: Crawl, client: PageClient) -> Iterator[TestResponse]:
    """What this client gets from every route that can be read."""
    client.checks = False  # One of them fails on purpose; the other tests look at the pages themselves.
    for rule in crawl.rules("GET"):
        yield client.get(crawl.address(rule))


def errors(client: PageClient) -> Iterator[tuple[int, TestResponse]]:
    """A page for each thing that can go wrong, with its status."""
    client.checks = False
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in").text)
    assert token
    typed = {"csrf_token": token[1], "email": "ana@example.com", "password": "nine calm herons"}
    yield 400, client.post("/sign-in", data=typed | {"csrf_token": ""})
    yield 403, client.post("/sign-out", data=typed)
    yield 404, client.get("/no/such/page")
    yield 405, client.post("/about", data=typed)
    yield 413, client.post("/sign-in", data=typed | {"email": "a" * 3_000_000})
    yield 422, client.post("/sign-in", data=typed | {"email": ""})
    yield 422, client.post("/sign-in", data=typed)
    yield 429, client.post("/sign-in", data=typed)
    yield 500, client.get("/boom")


def assert_guarded(response: TestResponse) -> None:
    where = f"{response.request.method} {response.request.path} ({response.status_code})"
    for name, value in HEADERS.items():
        assert response.headers.getlist(name) == [value], f"{where}: {name}"
    assert "charset=utf-8" in response.headers["Content-Type"] or response.mimetype == "application/json", (
        where
    )
    assert "Cookie" in response.headers["Vary"], where
    if "Set-Cookie" in response.headers:
        assert response.headers["Cache-Control"] == "private, no-store", where


def test_the_policy_allows_no_script_of_anybody_elses() -> None:
    policy = dict(part.split(" ", 1) for part in HEADERS["Content-Security-Policy"].split("; "))
    assert "unsafe" not in HEADERS["Content-Security-Policy"]
    assert (
        policy["default-src"]
        == policy["base-uri"]
        == policy["object-src"]
        == policy["frame-ancestors"]
        == "'none'"
    )
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"


def test_every_page_is_guarded(crawl: Crawl, client: PageClient) -> None:
    for response in pages(crawl, client):
        assert_guarded(response)


def test_so_is_every_error(crawl: Crawl, client: PageClient) -> None:
    for status, response in errors(client):
        assert response.status_code == status
        assert_guarded(response)


def test_whoever_only_reads_gets_no_cookie_and_no_token(crawl: Crawl) -> None:
    for response in pages(crawl, crawl.app.test_client()):
        if response.request.path not in COOKIE_PAGES:
            assert "Set-Cookie" not in response.headers, response.request.path
            assert "csrf_token" not in response.text, response.request.path


def test_what_somebody_signed_in_sees_is_kept_by_nobody(crawl: Crawl) -> None:
    with crawl.app.app_context():
        client = sign_in(crawl.app.test_client(), add_person())
    for response in pages(crawl, client):
        if not response.cache_control.public:
            assert response.headers["Cache-Control"] == "private, no-store", response.request.path


def test_static_files_can_be_kept_for_ever(client: PageClient) -> None:
    addresses = set(re.findall(r'"(/static/[^"#]+)', client.get("/about").text))
    assert {address.rpartition(".")[2] for address in addresses} >= {"css", "js", "svg", "woff2"}
    for address in addresses:
        response = client.get(address)
        assert response.status_code == 200, address
        assert "immutable" in response.headers["Cache-Control"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize(
    ("address", "strict"), [("https://interlocal.example", True), ("http://localhost", False)]
)
def test_https_is_for_good_where_there_is_https(
    make_app: Callable[..., Flask], address: str, strict: bool
) -> None:
    response = make_app(base_url=address).test_client().get("/about", base_url=address)
    header = response.headers.get("Strict-Transport-Security")
    assert header == (f"max-age={YEAR}; includeSubDomains" if strict else None)
