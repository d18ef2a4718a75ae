"""Joining, signing in and out: what lets people in, what keeps others out, and what tells nothing."""

import re
from collections.abc import Callable

import argon2
import pytest
from flask import Flask
from sqlalchemy.orm import Session, scoped_session
from time_machine import TimeMachineFixture
from werkzeug.test import TestResponse

from forum.accounts.actions import check_password, end_sessions, set_password
from forum.accounts.models import Person
from forum.accounts.queries import by_email
from forum.core.db import write
from tests.factories.accounts import PASSWORD, add_account
from tests.support.page import PageClient

Db = scoped_session[Session]
EMAIL = "ana@example.com"
JOINING = {"name": "Ana Ruiz", "email": EMAIL, "password": PASSWORD}
# Ways out that a link to the sign-in page may try to smuggle in.
WAYS_OUT = (
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "\\/evil.example/",
    "/\t/evil.example/",
    "/%0a/evil.example\n",
    "javascript:alert(1)",
    "evil.example",
    "http:evil.example",
    "",
)


@pytest.fixture
def ana(app: Flask) -> Person:
    with app.app_context():
        return add_account(EMAIL, job_title="Town manager", organisation="Town of Alder")


def sign_in(
    client: PageClient, password: str = PASSWORD, email: str = EMAIL, to: str = "/sign-in"
) -> TestResponse:
    return client.submit(to, {"email": email, "password": password})


def is_signed_in(client: PageClient) -> bool:
    return client.get("/settings").status_code == 200


def test_somebody_joins_and_goes_on_where_they_were(client: PageClient, app: Flask) -> None:
    response = client.submit("/join?next=/cases/share", {**JOINING, "organisation": "Town of Alder"})
    assert (response.status_code, response.location) == (303, "/cases/share")
    assert is_signed_in(client)
    with app.app_context():
        person = by_email(EMAIL)
        assert person
        assert person.organisation
        assert (person.slug, person.role, person.organisation.name) == ("ana-ruiz", "member", "Town of Alder")
        assert PASSWORD not in person.password_hash


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"name": ""}, "name", "Enter the name"),
        ({"email": "ana"}, "email", "Enter an e-mail address"),
        ({"password": ""}, "password", "Choose a password"),
        ({"password": "short"}, "password", "at least 10 characters"),
        ({"password": "aaaaaaaaaaaa"}, "password", "first passwords"),
        ({"password": "1234567890"}, "password", "first passwords"),
        ({"password": "ana@example.com"}, "password", "other than your name"),
        ({"password": "x" * 201}, "password", "At most 200"),
    ],
)
def test_what_cannot_be_taken_is_said_beside_its_field(
    client: PageClient, changes: dict[str, str], field: str, words: str
) -> None:
    response = client.submit("/join", JOINING | {"job_title": "Clerk"} | changes)
    assert response.status_code == 422
    assert words in response.text
    assert f'href="#f-{field}"' in response.text
    assert 'value="Clerk"' in response.text


def test_a_password_is_never_sent_back(client: PageClient, ana: Person) -> None:
    for response in (
        client.submit("/join", JOINING | {"password": "nine calm herons"}),
        client.submit("/join", JOINING | {"name": "", "password": "nine calm herons"}),
        sign_in(client, "nine calm herons"),
    ):
        assert response.status_code == 422
        assert "nine calm herons" not in response.text


def test_an_address_has_one_account_however_it_is_written(client: PageClient, ana: Person) -> None:
    response = client.submit("/join", JOINING | {"email": " ANA@example.com "})
    assert response.status_code == 422
    assert "There is an account with this address" in response.text
    assert sign_in(client, email=" ANA@Example.com").status_code == 303


@pytest.mark.parametrize(
    "password", ["  two  spaces, and at the ends ", "tab\there and there", "caf\u0065\u0301 au lait noir"]
)
def test_a_password_is_taken_to_the_letter(client: PageClient, app: Flask, password: str) -> None:
    assert client.submit("/join", JOINING | {"password": password}).status_code == 303
    other = app.test_client()
    folded = " ".join(password.split())
    if folded != password:
        assert sign_in(other, folded).status_code == 422
    assert sign_in(other, password.replace("\u0065\u0301", "\u00e9") + " ").status_code == 422
    assert sign_in(other, password).status_code == 303


def test_a_wrong_password_and_no_account_look_the_same(client: PageClient, ana: Person) -> None:
    def page(email: str) -> str:
        response = sign_in(client, "nine calm herons", email)
        assert response.status_code == 422
        return re.sub(r'name="csrf_token" value="[^"]*"', "", response.text.replace(email, "somebody"))

    assert page(EMAIL) == page("nobody@example.com")


def test_a_wrong_password_and_no_account_take_the_same_work(
    session: Db, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hash of the same cost is checked in both cases: that is all the time there is."""
    add_account(EMAIL)
    checked: list[str] = []
    verify = argon2.PasswordHasher.verify

    def watched(hasher: argon2.PasswordHasher, stored: str, password: str) -> bool:
        checked.append(stored.rpartition("$")[0].rpartition("$")[0])
        return verify(hasher, stored, password)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", watched)
    for email in (EMAIL, "nobody@example.com"):
        assert check_password(email, "nine calm herons") is None
    assert len(checked) == 2
    assert checked[0] == checked[1]


@pytest.mark.parametrize("target", WAYS_OUT)
def test_nobody_is_led_to_another_site(client: PageClient, ana: Person, target: str) -> None:
    response = client.submit("/sign-in", {"email": EMAIL, "password": PASSWORD, "next": target})
    assert (response.status_code, response.location) == (303, "/")
    assert client.get("/sign-in", query_string={"next": target}).location == "/"


def test_a_closed_page_leads_through_sign_in_and_back(client: PageClient, ana: Person) -> None:
    closed = client.get("/settings?section=profile")
    assert (closed.status_code, closed.location) == (303, "/sign-in?next=/settings%3Fsection%3Dprofile")
    assert sign_in(client, to=closed.location).location == "/settings?section=profile"


def test_the_session_is_renewed_at_sign_in(client: PageClient, ana: Person) -> None:
    client.get("/sign-in")
    with client.session_transaction() as before:
        before["left_by_somebody_else"] = "yes"
        token = before["csrf_token"]
    assert sign_in(client).status_code == 303
    with client.session_transaction() as after:
        assert "left_by_somebody_else" not in after
        assert after.get("csrf_token") != token


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(
    make_app: Callable[..., Flask],
) -> None:
    for address, name, secure in (
        ("http://localhost", "interlocal_session", False),
        ("https://interlocal.example", "__Host-session", True),
    ):
        cookie = (
            make_app(base_url=address).test_client().get("/sign-in", base_url=address).headers["Set-Cookie"]
        )
        flags = {part.strip() for part in cookie.split(";")[1:]}
        assert cookie.startswith(f"{name}=")
        assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= flags
        assert ("Secure" in flags) is secure
        assert not any(flag.startswith("Domain") for flag in flags)


def test_signing_out_ends_the_session(client: PageClient, ana: Person) -> None:
    sign_in(client)
    assert client.submit("/settings", action="/sign-out").location == "/"
    assert not is_signed_in(client)
    assert "Sign in" in client.get("/").text


def test_signing_out_everywhere_ends_every_session(app: Flask, ana: Person) -> None:
    here, there = app.test_client(), app.test_client()
    sign_in(here)
    sign_in(there)
    assert here.submit("/settings", action="/sign-out/everywhere").status_code == 303
    assert not is_signed_in(here)
    assert not is_signed_in(there)
    assert sign_in(here).status_code == 303


def test_a_new_password_signs_out_everywhere_else(app: Flask, ana: Person) -> None:
    here, there = app.test_client(), app.test_client()
    sign_in(here)
    sign_in(there)
    wrong = here.submit(
        "/settings/password", {"current_password": "what was it", "new_password": "nine calm herons"}
    )
    assert wrong.status_code == 422
    assert "not the password of your account" in wrong.text
    easy = here.submit("/settings/password", {"current_password": PASSWORD, "new_password": "ana ruiz"})
    assert easy.status_code == 422
    done = here.submit(
        "/settings/password", {"current_password": PASSWORD, "new_password": " nine  calm herons"}
    )
    assert (done.status_code, done.location) == (303, "/settings")
    assert is_signed_in(here)
    assert not is_signed_in(there)
    assert sign_in(there, "nine calm herons").status_code == 422
    assert sign_in(there, " nine  calm herons").status_code == 303


def test_a_password_set_from_the_command_line_ends_all_sessions(
    app: Flask, ana: Person, client: PageClient
) -> None:
    sign_in(client)
    with app.app_context():
        set_password(by_email(EMAIL), "nine calm herons")  # type: ignore[arg-type]
    assert not is_signed_in(client)


def test_a_suspended_account_is_out_at_once_and_is_told_why(
    app: Flask, client: PageClient, ana: Person
) -> None:
    sign_in(client)
    with app.app_context(), write():
        person = by_email(EMAIL)
        assert person
        person.suspended_at, person.suspended_reason = person.created_at, "It sells road salt."
        end_sessions(person)
    assert not is_signed_in(client)
    told = sign_in(client)
    assert told.status_code == 422
    assert "It sells road salt." in told.text
    assert "It sells road salt." not in sign_in(client, "nine calm herons").text


def test_demo_accounts_exist_in_the_demo_alone(make_app: Callable[..., Flask]) -> None:
    demo = make_app(mode="demo")
    with demo.app_context():
        add_account("demo@example.com", demo=True)
    visitor = demo.test_client()
    assert "accounts and their password are printed" in visitor.get("/sign-in").text
    assert sign_in(visitor, email="demo@example.com").status_code == 303
    production = make_app(mode="production", secret_key="k" * 32).test_client()
    assert "printed" not in production.get("/sign-in").text
    assert sign_in(production, email="demo@example.com").status_code == 422


def test_who_is_signed_in_needs_neither_page(client: PageClient, ana: Person) -> None:
    sign_in(client)
    assert client.get("/sign-in?next=/library/").location == "/library/"
    assert client.get("/join").location == "/"


# --- How often


def limited(make_app: Callable[..., Flask], **limits: tuple[int, int]) -> PageClient:
    app = make_app(limits={name.replace("_", " "): limit for name, limit in limits.items()})
    with app.app_context():
        add_account(EMAIL)
    return app.test_client()


def test_guessing_a_password_is_slowed_down_by_account(
    make_app: Callable[..., Flask], clock: TimeMachineFixture
) -> None:
    client = limited(make_app, **{"sign-in_account": (2, 900)})
    for _ in range(2):
        assert sign_in(client, "nine calm herons", f" {EMAIL.upper()}").status_code == 422
    refused = sign_in(client)
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "900"
    assert "Try again in 15 minutes" in refused.text
    assert EMAIL in refused.text
    assert PASSWORD not in refused.text
    clock.shift(901)
    assert sign_in(client).status_code == 303


def test_guessing_is_slowed_down_by_network_too(make_app: Callable[..., Flask]) -> None:
    client = limited(make_app, **{"sign-in_network": (3, 900)})
    statuses = [sign_in(client, email=f"guess{n}@example.com").status_code for n in range(4)]
    assert statuses == [422, 422, 422, 429]


def test_signing_in_forgives_the_attempts_before(make_app: Callable[..., Flask]) -> None:
    client = limited(make_app, **{"sign-in_account": (2, 900)})
    for _ in range(3):
        assert sign_in(client, "nine calm herons").status_code == 422
        assert sign_in(client).status_code == 303
        client.submit("/settings", action="/sign-out")


def test_joining_is_limited_and_nothing_typed_is_lost(make_app: Callable[..., Flask]) -> None:
    client = limited(make_app, join_network=(1, 3600))
    assert client.submit("/join", JOINING).status_code == 422
    refused = client.submit("/join", JOINING | {"email": "new@example.com", "job_title": "Deputy clerk"})
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 3500
    for words in ("new@example.com", "Deputy clerk", "Ana Ruiz"):
        assert words in refused.text
    assert PASSWORD not in refused.text
    assert "csrf" not in refused.text
