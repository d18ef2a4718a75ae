"""Sending an issue: to everybody who subscribed, what is about what they follow, once, whoever is killed meanwhile."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update
from time_machine import TimeMachineFixture

from forum.accounts.models import Person
from forum.core import clock as the_clock
from forum.core import jobs
from forum.core.db import db, write
from forum.core.jobs import Job
from forum.core.markdown import render
from forum.digests import sending
from forum.digests.actions import subscribe, unsubscribe
from forum.digests.letters import letter
from forum.digests.models import Delivery, Issue
from forum.digests.queries import issue_view
from forum.topics.actions import load_services
from tests.factories.cases import SERVICES, add_case, add_services
from tests.factories.digests import add_issue, add_subscription
from tests.factories.resources import add_link
from tests.support.page import PageClient
from tests.support.people import add_person
from tests.support.post import PostOffice, post_office
from tests.support.worker import wait_until, working

SITE = "https://interlocal.example"


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with post_office() as office:
        yield office


@pytest.fixture
def posting(make_app: Callable[..., Flask], office: PostOffice) -> Iterator[Flask]:
    """An application context whose mail goes to the office."""
    app = make_app(smtp_host="127.0.0.1", smtp_port=office.port, smtp_tls="none", base_url=SITE)
    with app.app_context():
        add_services()
        yield app


@pytest.fixture
def curator(posting: Flask) -> Person:
    return add_person("curator")


@pytest.fixture
def second(posting: Flask) -> Person:
    return add_person("curator")


def outcomes() -> dict[str, int]:
    found: dict[str, int] = {}
    for row in db.session.query(Delivery):
        found[row.outcome] = found.get(row.outcome, 0) + 1
    return found


def test_an_issue_goes_to_each_subscriber_as_text_and_html(
    curator: Person, second: Person, office: PostOffice
) -> None:
    reader = add_person(email="reader@example.com")
    token = add_subscription(reader).token
    add_person(email="not.subscribed@example.com")
    case = add_case(curator)
    issue = add_issue(curator, case, approver=second)
    jobs.run_due()
    (mail,) = office.taken
    assert (mail["To"], mail["Subject"]) == ("reader@example.com", "What neighbors did this week")
    address = f"{SITE}/digests/unsubscribe/{token}"
    assert mail["List-Unsubscribe"] == f"<{address}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["List-Id"] == "Interlocal digest <digest.interlocal.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    for words in (case.title, "Why 0.", SITE + case.path, SITE + issue.path, address, "Tell us."):
        assert words in text
        assert words in html
    assert "The **costs** are new." in text
    assert "The <strong>costs</strong> are new." in html
    assert "<img" not in html
    assert (issue.state, outcomes()) == ("sent", {"mailed": 1})


def test_a_person_gets_what_is_about_the_domains_that_they_follow_and_nobody_an_empty_mail(
    curator: Person, second: Person, office: PostOffice
) -> None:
    centers, police = "community-centers-facilities", "public-safety"
    more = [{"slug": police, "name": "Police & courts", "parent": None}]
    load_services([{"description": "", "synonyms": []} | record for record in [*SERVICES, *more]])
    for name, domains in (
        ("all", None),
        ("centers", [centers]),
        ("police", [police]),
        ("both", [centers, police]),
    ):
        add_subscription(add_person(email=f"{name}@example.com"), domains)
    center = add_case(curator, title="A center that two towns run", services=["senior-centers"])
    patrol = add_case(curator, title="A patrol that two towns share", services=[police])
    add_issue(curator, center, patrol, approver=second)
    jobs.run_due()
    got = {mail["To"]: mail.get_body(("plain",)).get_content() for mail in office.taken}
    assert {to: (center.title in text, patrol.title in text) for to, text in got.items()} == {
        "all@example.com": (True, True),
        "centers@example.com": (True, False),
        "police@example.com": (False, True),
        "both@example.com": (True, True),
    }
    assert "This is your edition: " in got["centers@example.com"]
    assert "This is your edition: Police & courts." in got["police@example.com"], "plain text is no HTML"
    assert "This is your edition" not in got["all@example.com"]

    office.taken.clear()
    add_issue(curator, patrol, approver=second)
    jobs.run_due()
    assert "centers@example.com" not in office.recipients
    assert len(office.taken) == 3
    assert outcomes() == {"mailed": 7, "nothing": 1}

    # What is about no service goes along with what is, and is alone no reason to write to somebody.
    office.taken.clear()
    handbook = add_link(curator, title="A handbook about everything")
    add_issue(curator, handbook, approver=second)
    jobs.run_due()
    assert office.recipients == ["all@example.com"]
    office.taken.clear()
    add_issue(curator, handbook, patrol, approver=second)
    jobs.run_due()
    assert office.recipients == ["all@example.com", "both@example.com", "police@example.com"]
    assert all(handbook.title in mail.as_string() for mail in office.taken)


def test_who_ended_it_or_came_later_or_is_suspended_or_not_confirmed_gets_none(
    curator: Person, second: Person, office: PostOffice, clock: TimeMachineFixture
) -> None:
    ended, suspended = add_subscription(add_person()), add_person()
    for person in (suspended, add_person(email_confirmed_at=None)):
        add_subscription(person)
    unsubscribe(ended)
    with write():
        suspended.suspended_at = the_clock.now()
    issue = add_issue(curator, add_case(curator), approver=second)
    clock.shift(60)
    add_subscription(add_person())
    subscribe(ended.person, "weekly", None)
    jobs.run_due()
    assert (office.taken, issue.state) == ([], "sent")


def test_who_ends_it_while_it_is_being_sent_gets_none(
    curator: Person, second: Person, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "BATCH", 1)
    subscriptions = [add_subscription(add_person()) for _ in range(3)]
    issue = add_issue(curator, add_case(curator), approver=second)
    taken = jobs.claim(kinds=["send_digest"])
    assert taken
    jobs.perform(taken)
    unsubscribe(subscriptions[1])
    jobs.run_due()
    assert office.recipients == sorted(subscriptions[n].person.email for n in (0, 2))
    assert issue.state == "sent"


def test_the_job_may_run_as_often_as_it_likes(curator: Person, second: Person, office: PostOffice) -> None:
    for _ in range(7):
        add_subscription(add_person())
    issue = add_issue(curator, add_case(curator), approver=second)
    for _ in range(2):
        jobs.run_due()
        with write():
            jobs.enqueue("send_digest", {"issue": issue.id})
    jobs.run_due()
    assert len(office.taken) == len(set(office.recipients)) == 7


def test_one_address_that_cannot_be_written_to_keeps_nobody_waiting(
    curator: Person, second: Person, office: PostOffice
) -> None:
    for email in ("a@example.com", "no address at all", "b@example.com"):
        add_subscription(add_person(email=email))
    add_issue(curator, add_case(curator), approver=second)
    jobs.run_due()
    assert office.recipients == ["a@example.com", "b@example.com"]
    assert outcomes() == {"mailed": 2, "refused": 1}


def test_killed_half_way_it_reaches_everybody_once(
    posting: Flask, office: PostOffice, database_url: str, tmp_path: Path
) -> None:
    """Killed for good (SIGKILL), three times: while mails are written to the outbox, and while they are sent."""
    readers = [add_person(email=f"reader{n:03}@example.com") for n in range(200)]
    for reader in readers:
        add_subscription(reader)
    add_issue(add_person("curator"), add_case(add_person()), approver=add_person("curator"))
    mails = db.session.query(Job).filter(Job.kind == "mail")
    settings = {
        "INTERLOCAL_SMTP_HOST": "127.0.0.1",
        "INTERLOCAL_SMTP_PORT": str(office.port),
        "INTERLOCAL_SMTP_TLS": "none",
        "INTERLOCAL_BASE_URL": SITE,
    }

    def waits() -> int:
        db.session.rollback()
        return mails.count()

    def sent() -> bool:
        return db.session.query(Issue).filter(Issue.state == "sent").count() == 1

    def kill(worker: subprocess.Popen[bytes], when: Callable[[], object]) -> None:
        wait_until(when)
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
        # The lease of what it was at is over at once, not in two minutes.
        with write() as session:
            session.execute(update(Job).where(Job.lease.is_not(None)).values(run_at=the_clock.now()))

    with working(tmp_path, database_url, **settings) as worker:
        kill(worker, lambda: 0 < waits() < 200)
    with working(tmp_path, database_url, **settings) as worker:
        kill(worker, lambda: len(office.taken) >= 60)
    with working(tmp_path, database_url, **settings) as worker:
        kill(worker, lambda: len(office.taken) >= 140)
    with working(tmp_path, database_url, **settings):
        wait_until(lambda: waits() and not mails.filter(Job.ended_at.is_(None)).count() and sent())
    assert set(office.recipients) == {reader.email for reader in readers}
    # Only who was just being told "taken" when the worker died may see it again, as the same mail.
    assert len({mail["Message-ID"] for mail in office.taken}) == 200
    assert len(office.taken) <= 203
    db.session.rollback()
    assert outcomes() == {"mailed": 200}


def test_without_a_server_the_mails_are_files(
    app: Flask, tmp_path: Path, signed_in: Callable[..., PageClient]
) -> None:
    reader = signed_in("member")
    with app.app_context():
        add_services()
        add_subscription(reader.person)
        add_issue(add_person("curator"), add_case(add_person()), approver=add_person("curator"))
        jobs.run_due()
        (file,) = (tmp_path / "outbox").glob("*.eml")
        mail = message_from_bytes(file.read_bytes(), policy=default)
    assert mail["To"] == reader.person.email
    # The link in it does what it says.
    path = mail["List-Unsubscribe"].strip("<>").removeprefix("http://localhost")
    assert app.test_client().post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert "You do not get it by mail now." in reader.get("/digests/subscription").text


def test_a_mail_needs_no_request_and_its_addresses_are_whole(curator: Person, second: Person) -> None:
    issue = add_issue(curator, add_case(curator), opening="See [this](https://example.org/a) and [that](/b).")
    html = letter(issue_view(issue), issue_view(issue).cards, "token").html
    assert 'class="link" style="color:#0d5952" href="https://example.org/a"' in html
    assert 'href="/' not in html
    # What `_colored` counts on: Markdown makes no link without a host.
    assert "href" not in render("[that](/b)")


def test_the_period_of_an_issue_begins_where_the_one_before_ended(
    curator: Person, second: Person, clock: TimeMachineFixture
) -> None:
    case = add_case(curator)
    first = add_issue(curator, case, approver=second)
    clock.shift(timedelta(days=7))
    issue = add_issue(curator, case, approver=second)
    assert (first.since, first.published_at) == (None, datetime(2026, 5, 4, 12, tzinfo=UTC))
    assert (issue.since, issue.published_at) == (first.published_at, datetime(2026, 5, 11, 12, tzinfo=UTC))
