"""Reading published issues: the page, the list, the feed; and what is left out of them."""

from collections.abc import Callable
from xml.etree.ElementTree import fromstring

import pytest
from flask import Flask
from sqlalchemy.orm import Session, scoped_session
from time_machine import TimeMachineFixture

from forum.accounts.models import Person
from forum.core.db import write
from forum.digests.letters import letter
from forum.digests.queries import issue_view
from tests.factories.cases import add_case, add_services
from tests.factories.digests import add_issue
from tests.factories.questions import add_answer, add_question
from tests.support.page import PageClient
from tests.support.people import add_person
from tests.support.statements import statements_of

Db = scoped_session[Session]
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def curator(session: Db) -> Person:
    add_services()
    return add_person("curator")


@pytest.fixture
def second(session: Db) -> Person:
    return add_person("curator")


def test_the_page_of_an_issue(
    curator: Person, second: Person, client: PageClient, clock: TimeMachineFixture
) -> None:
    case = add_case(curator)
    question = add_question(curator)
    answer = add_answer(second, question)
    first = add_issue(curator, case, approver=second, title="The week of the trucks")
    clock.shift(7 * 24 * 3600)
    issue = add_issue(curator, answer, case, approver=second)
    page = client.get(issue.path).text
    for words in (
        "Issue 2",
        "11 May 2026",
        "The <strong>costs</strong> are new.",
        case.title,
        f'href="{answer.path}"',
        f"Answer by {second.name}",
        "Why 0.",
        "Do you share a clerk?",
        "Community center buildings",
        f'href="{first.path}" rel="prev"',
        'href="/digests/subscription"',
    ):
        assert words in page
    assert page.index("Why 0.") < page.index("Why 1.")
    older = client.get(first.path).text
    assert f'href="{issue.path}" rel="next"' in older


def test_what_was_hidden_since_is_left_out_of_page_and_mail(
    curator: Person, second: Person, client: PageClient
) -> None:
    case, other = add_case(curator), add_case(curator, title="A case that breaks a rule")
    question = add_question(curator, title="A question that is hidden later on?")
    issue = add_issue(curator, case, other, add_answer(second, question), approver=second)
    with write():
        other.state = question.state = "hidden"
    page = client.get(issue.path).text
    mail = letter(issue_view(issue), issue_view(issue).cards, "token")
    for text in (page, mail.text, mail.html):
        assert case.title in text
        assert "A case that breaks a rule" not in text
        assert "A question that is hidden later on?" not in text


def test_drafts_are_nowhere(
    curator: Person, client: PageClient, signed_in: Callable[..., PageClient]
) -> None:
    draft = add_issue(curator, add_case(curator), title="Only a draft")
    for path in ("/digests/", "/digests/feed"):
        assert "Only a draft" not in client.get(path).text
    assert client.get("/digests/only-a-draft").status_code == 404
    assert signed_in("member").get(draft.path).status_code == 403


def test_the_list_and_the_feed_have_the_newest_first(
    curator: Person, second: Person, client: PageClient, clock: TimeMachineFixture
) -> None:
    case = add_case(curator)
    for title in ("The first week", "The second week"):
        add_issue(curator, case, approver=second, title=title)
        clock.shift(7 * 24 * 3600)
    page = client.get("/digests/").text
    assert page.index("The second week") < page.index("The first week")
    feed = fromstring(client.get("/digests/feed").text)
    assert [entry.findtext(f"{ATOM}title") for entry in feed.iter(f"{ATOM}entry")] == [
        "The second week",
        "The first week",
    ]
    assert feed.findtext(f"{ATOM}entry/{ATOM}summary") == "Good morning. The costs are new."
    assert feed.findtext(f"{ATOM}updated", "").startswith("2026-05-11")


def test_the_pages_take_few_statements_however_many_issues_there_are(
    app: Flask, curator: Person, second: Person, client: PageClient
) -> None:
    case = add_case(curator)
    counted = []
    app.test_client().get("/about")  # what every page asks for is remembered from then on
    for _ in range(2):
        for _ in range(4):
            last = add_issue(curator, case, approver=second)
        for path in ("/digests/", "/digests/feed", last.path):
            with statements_of(app) as statements:
                assert client.get(path).status_code == 200
            counted.append(len(statements))
    assert counted[:3] == counted[3:]
    assert max(counted) <= 12
