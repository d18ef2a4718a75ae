"""What goes by mail: confirming an address, changing it, choosing a new password. Each link works once."""

import re
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import cast

import pytest
from flask import Flask
from time_machine import TimeMachineFixture

from forum.accounts.actions import check_password, set_password, set_role
from forum.accounts.models import MailedToken, Person
from forum.accounts.queries import by_email
from forum.core import jobs
from forum.core.db import write
from forum.core.roles import Role
from tests.factories.accounts import PASSWORD, add_account
from tests.support.page import PageClient
from tests.support.statements import statements_of

EMAIL = "ana@example.com"
NEW = "eleven blue bicycles"


@pytest.fixture
def ana(app: Flask) -> Person:
    with app.app_context():
        return add_account(EMAIL, confirmed=True)


@pytest.fixture
def mailed(app: Flask, tmp_path: Path) -> Callable[[], list[EmailMessage]]:
    """Lets the worker work; the mails that came of it."""
    read: set[Path] = set()

    def mailed() -> list[EmailMessage]:
        with app.app_context():
            jobs.run_due()
            assert not jobs.state().failed
        new = sorted(set((tmp_path / "outbox").glob("*.eml")) - read)
        read.update(new)
        return [cast(EmailMessage, message_from_bytes(file.read_bytes(), policy=default)) for file in new]

    return mailed


def link(mail: EmailMessage) -> str:
    """The path that a mail leads to: the same in its text and its HTML."""
    text, html = (cast(EmailMessage, mail.get_body([kind])).get_content() for kind in ("plain", "html"))
    (path,) = re.findall(r"http://localhost(/\S+)", text)
    assert f'href="http://localhost{path}"' in html
    return str(path)


def signed_in(client: PageClient, password: str = PASSWORD, email: str = EMAIL) -> bool:
    client.submit("/sign-in", {"email": email, "password": password})
    return client.get("/settings").status_code == 200


# --- Confirming


def test_who_joins_is_asked_whether_the_address_is_theirs(app, client, mailed):
    client.submit("/join", {"name": "Ana Ruiz", "email": EMAIL, "password": PASSWORD})
    assert "Please confirm" in client.get("/about").text
    (mail,) = mailed()
    assert (mail["To"], mail["Subject"]) == (EMAIL, "Confirm your e-mail address")
    path = link(mail)
    assert EMAIL in client.get(path).text
    with app.app_context():
        assert by_email(EMAIL).email_confirmed_at is None  # reading is not confirming
    assert client.post(path).location == "/settings"
    assert "Your address is confirmed" in client.get("/settings").text
    assert "Please confirm" not in client.get("/about").text
    assert client.post(path).status_code == client.get(path).status_code == 404


def test_the_mail_can_be_read_where_nobody_is_signed_in(app, client, mailed):
    with app.app_context():
        add_account(EMAIL)
    (mail,) = mailed()
    answer = client.get(link(mail))
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "private, no-store"
    answer = client.post(link(mail))
    assert "Your address is confirmed" in client.get(answer.location).text


def test_the_mail_can_be_sent_again_and_only_the_last_link_works(app, client, mailed):
    client.submit("/join", {"name": "Ana Ruiz", "email": EMAIL, "password": PASSWORD})
    (first,) = mailed()
    answer = client.submit("/about", action="/settings/address/confirm")
    assert answer.location == "/about"
    (second,) = mailed()
    assert client.post(link(first)).status_code == 404
    assert client.post(link(second)).status_code == 303


def test_the_mail_is_not_sent_as_often_as_somebody_likes(app, client, mailed):
    client.submit("/join", {"name": "Ana Ruiz", "email": EMAIL, "password": PASSWORD})
    answers = [client.submit("/about", action="/settings/address/confirm").status_code for _ in range(6)]
    assert answers == [303] * 5 + [429]


def test_accounts_that_somebody_vouches_for_are_not_asked(app, mailed):
    with app.app_context():
        assert add_account(EMAIL, confirmed=True).email_confirmed_at
        assert add_account("demo@example.com", demo=True).email_confirmed_at
    assert mailed() == []


# --- A forgotten password


def test_somebody_who_forgot_their_password_chooses_a_new_one(app, ana, client, mailed):
    elsewhere = app.test_client()
    assert signed_in(elsewhere)
    client.submit("/forgot", {"email": f" {EMAIL.upper()} "})
    (mail,) = mailed()
    assert mail["Subject"] == "Choose a new password"
    path = link(mail)
    answer = client.submit(path, {"new_password": NEW})
    assert "Your password is changed" in client.get(answer.location).text
    assert elsewhere.get("/settings").status_code == 303
    assert not signed_in(app.test_client())
    assert signed_in(client, NEW)
    assert client.post(path, data={"new_password": "six other words here"}).status_code == 404
    (told,) = mailed()
    assert (told["To"], told["Subject"]) == (EMAIL, "Your password was changed")


def test_the_answer_is_the_same_for_an_address_that_is_nobodys(app, ana, client, mailed):
    known = client.submit("/forgot", {"email": EMAIL})
    unknown = client.submit("/forgot", {"email": "nobody@example.com"})
    assert (known.status_code, known.location) == (unknown.status_code, unknown.location)
    assert [mail["To"] for mail in mailed()] == [EMAIL]


def test_the_work_of_answering_is_the_same_too(app, ana, client):
    asked = []
    for email in ("somebody@example.com", EMAIL, "nobody@example.com"):
        with statements_of(app) as statements:
            client.submit("/forgot", {"email": email})
        asked.append([text.split(" WHERE ")[0] for text in statements])
    assert asked[1] == asked[2]


def test_nobody_floods_a_mailbox(ana, client, mailed):
    answers = [client.submit("/forgot", {"email": EMAIL}).status_code for _ in range(4)]
    assert answers == [303] * 3 + [429]
    assert len(mailed()) == 3


def test_only_the_newest_link_works_and_only_for_an_hour(app, ana, client, mailed, clock: TimeMachineFixture):
    client.submit("/forgot", {"email": EMAIL})
    (first,) = mailed()
    clock.shift(timedelta(minutes=1))
    client.submit("/forgot", {"email": EMAIL})
    (second,) = mailed()
    assert client.get(link(first)).status_code == 404
    assert client.get(link(second)).status_code == 200
    clock.shift(timedelta(minutes=61))
    assert client.post(link(second), data={"new_password": NEW}).status_code == 404
    with app.app_context():
        assert check_password(EMAIL, PASSWORD)


def test_a_mail_that_waited_too_long_is_not_sent(app, ana, client, mailed, clock: TimeMachineFixture):
    client.submit("/forgot", {"email": EMAIL})
    with app.app_context():
        jobs.run_due("reset_password")
    clock.shift(timedelta(hours=2))
    assert mailed() == []


@pytest.mark.parametrize("what", ["password", "suspension", "role", "address"])
def test_a_link_ends_when_what_it_is_about_changes(app, ana, client, mailed, what):
    client.submit("/forgot", {"email": EMAIL})
    path = link(mailed()[0])
    with app.app_context():
        person = by_email(EMAIL)
        if what == "password":
            set_password(person, "what she chose meanwhile")
        elif what == "role":
            set_role(person, Role.MODERATOR)
        elif what == "suspension":
            with write():
                person.suspended_at = person.created_at
        else:
            other = app.test_client()
            assert signed_in(other)
            other.submit("/settings/address", {"email": "new@example.com", "current_password": PASSWORD})
            other.post(link(mailed()[0]))
    assert client.post(path, data={"new_password": NEW}).status_code == 404


def test_a_poor_password_is_refused_and_the_link_still_works(ana, client, mailed):
    client.submit("/forgot", {"email": EMAIL})
    path = link(mailed()[0])
    answer = client.submit(path, {"new_password": "short"})
    assert answer.status_code == 422
    assert "at least 10 characters" in answer.text
    assert client.submit(path, {"new_password": NEW}).status_code == 303


def test_a_link_for_one_thing_does_not_do_another(app, ana, client, mailed):
    client.submit("/forgot", {"email": EMAIL})
    token = link(mailed()[0]).rpartition("/")[2]
    assert client.post(f"/confirm/{token}").status_code == 404
    assert client.get("/reset/made-up").status_code == 404
    assert client.get(f"/reset/{token}").status_code == 200


def test_only_the_hash_of_a_link_is_kept(app, ana, client, mailed):
    client.submit("/forgot", {"email": EMAIL})
    token = link(mailed()[0]).rpartition("/")[2]
    assert len(token) == 43  # 256 bits
    with app.app_context():
        (kept,) = MailedToken.query
        assert token not in (kept.hash, kept.email)
        assert all(token not in str(job.payload) for job in jobs.Job.query)


def test_links_lead_to_the_site_whatever_host_somebody_asks_for(app, ana, client, mailed):
    form = client.get("/forgot", headers={"Host": "evil.example"})
    token = re.findall(r'name="csrf_token" value="([^"]+)"', form.text)[0]
    client.post("/forgot", data={"email": EMAIL, "csrf_token": token}, headers={"Host": "evil.example"})
    assert all("evil.example" not in mail.as_string() for mail in mailed())


def test_a_new_password_confirms_the_address(app, client, mailed):
    with app.app_context():
        add_account(EMAIL)
    mailed()
    client.submit("/forgot", {"email": EMAIL})
    client.submit(link(mailed()[0]), {"new_password": NEW})
    with app.app_context():
        assert by_email(EMAIL).email_confirmed_at


# --- Another address


def test_an_address_changes_once_mail_has_reached_it(app, ana, client, mailed):
    assert signed_in(client)
    client.submit("/settings/address", {"email": "Ana@New.example.com", "current_password": PASSWORD})
    (mail,) = mailed()
    assert mail["To"] == "ana@new.example.com"
    with app.app_context():
        assert by_email(EMAIL)
    client.post(link(mail))
    with app.app_context():
        assert by_email("ana@new.example.com").email_confirmed_at
        assert by_email(EMAIL) is None
    (told,) = mailed()
    assert (told["To"], told["Subject"]) == (EMAIL, "Your e-mail address was changed")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"current_password": "wrong"}, "not the password of your account"),
        ({"email": "bob@example.com"}, "There is an account with this address"),
        ({"email": EMAIL}, "This is your address already"),
        ({"email": "ana"}, "Enter an e-mail address"),
        ({"email": "ana@new.example.com\nbcc: evil@example.com"}, "Enter an e-mail address"),
    ],
)
def test_what_cannot_be_taken_is_said(app, ana, client, mailed, fields, words):
    with app.app_context():
        add_account("bob@example.com", confirmed=True)
    assert signed_in(client)
    sent = {"email": "ana@new.example.com", "current_password": PASSWORD} | fields
    answer = client.submit("/settings/address", sent)
    assert answer.status_code == 422
    assert words in answer.text
    assert mailed() == []


def test_an_address_that_was_taken_meanwhile_stays_with_whom_it_is(app, ana, client, mailed):
    assert signed_in(client)
    client.submit("/settings/address", {"email": "new@example.com", "current_password": PASSWORD})
    (mail,) = mailed()
    with app.app_context():
        add_account("new@example.com", confirmed=True)
    answer = client.post(link(mail))
    assert answer.status_code == 422
    assert "There is an account with this address" in answer.text
    with app.app_context():
        assert by_email(EMAIL)


def test_nobody_writes_to_others_through_us(client, mailed):
    client.submit("/join", {"name": "Win at http://evil.example", "email": EMAIL, "password": PASSWORD})
    assert all("evil.example" not in mail.as_string() for mail in mailed())
