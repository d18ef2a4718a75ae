"""What is sent twice is made once."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from time_machine import TimeMachineFixture

from forum.comments.models import Comment
from forum.core import once
from forum.core.db import Base, db
from forum.posts.models import Post
from forum.questions.models import Answer
from forum.resources.models import Suggestion
from tests.factories.cases import add_case, add_services
from tests.factories.questions import add_question
from tests.support.forms import find_form
from tests.support.page import PageClient
from tests.support.people import add_person

Sent = tuple[str, dict[str, Any]]


@pytest.fixture
def paths(app: Flask) -> Iterator[dict[str, str]]:
    with app.app_context():
        add_services()
        author = add_person()
        yield {
            "case": add_case(author).path,
            "question": add_question(author, title="Who pays for the clerk of two towns?").path,
        }


def count(app: Flask, model: type[Base]) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model)) or 0


def typed(client: PageClient, page: str, fields: dict[str, Any], action: str | None = None) -> Sent:
    """A form as the browser would send it."""
    form = find_form(client.get(page).text, action)
    return form.action or page, form.filled_in(fields)


def comment_on(client: PageClient, path: str, words: str = "So did we.") -> Sent:
    page = client.get(path).text
    action = page.partition('id="write-comment" method="post" action="')[2].partition('"')[0]
    return typed(client, path, {"comment": words}, action)


def forms(client: PageClient, paths: dict[str, str]) -> Iterator[tuple[type[Base], Sent]]:
    case = {
        "title": "Lifeguards rotate between three lakes each summer",
        "summary": "Pinewood hires and trains the lifeguards. Cedar pays for the weeks at its own lake.",
        "services": ["community-centers"],
        "arrangement": "equipment_sharing",
        "parties-0-name": "Pinewood",
        "parties-0-kind": "municipality",
        "parties-1-name": "Cedar",
        "parties-1-kind": "municipality",
        "place-name": "Pinewood",
    }
    yield Post, typed(client, "/cases/share", case)
    question = {"title": "How do we share a clerk?", "body": "Two towns, and one person who does it all."}
    yield Post, typed(client, "/questions/ask", question)
    answer = typed(
        client, paths["question"], {"body": "Each pays by the day."}, f"{paths['question']}/answers"
    )
    yield Answer, answer
    yield Comment, comment_on(client, paths["case"])
    link = {"url": "https://example.org/clerks", "why": "It tells how clerks are shared by small towns."}
    yield Suggestion, typed(client, "/library/suggest", link)


def test_sent_again_a_form_leads_to_what_it_made(
    app: Flask, signed_in: Callable[..., PageClient], paths: dict[str, str]
) -> None:
    client = signed_in()
    for model, (address, fields) in forms(client, paths):
        before = count(app, model)
        first, second = (client.post(address, data=fields) for _ in range(2))
        assert (first.status_code, second.status_code) == (303, 303), (address, first.text)
        assert first.location == second.location
        assert count(app, model) == before + 1, address


def test_two_at_once_are_one(app: Flask, signed_in: Callable[..., PageClient], paths: dict[str, str]) -> None:
    client = signed_in()
    for model, (address, fields) in forms(client, paths):
        before = count(app, model)

        def send(_number: int, address: str = address, fields: dict[str, Any] = fields) -> Any:
            hand = app.test_client()
            hand.checks = False  # it would take the statements of the others for its own
            cookie = client.get_cookie("interlocal_session")
            assert cookie is not None
            hand.set_cookie("interlocal_session", cookie.value)
            return hand.post(address, data=fields)

        with ThreadPoolExecutor(6) as hands:
            answers = list(hands.map(send, range(6)))
        assert {answer.status_code for answer in answers} == {303}, address
        assert len({answer.location for answer in answers}) == 1
        assert count(app, model) == before + 1, address


def test_the_same_words_from_a_form_opened_anew_are_meant(
    app: Flask, signed_in: Callable[..., PageClient], paths: dict[str, str]
) -> None:
    client = signed_in()
    for _ in range(2):
        address, fields = comment_on(client, paths["case"])
        assert client.post(address, data=fields).status_code == 303
    assert count(app, Comment) == 2
    # Who goes back in the browser and writes something else has something else to say.
    assert client.post(address, data=fields | {"comment": "And so did they."}).status_code == 303
    assert count(app, Comment) == 3


def test_a_kept_page_has_another_key_for_each_who_opens_it(
    app: Flask, signed_in: Callable[..., PageClient], paths: dict[str, str]
) -> None:
    client = signed_in()
    keys = {comment_on(client, paths["case"])[1]["_once"][0] for _ in range(4)}
    assert len(keys) == 4
    assert all(len(key) == 24 for key in keys)
    assert "_once" not in app.test_client().get(paths["case"]).text


def test_what_failed_was_not_made(
    app: Flask, signed_in: Callable[..., PageClient], paths: dict[str, str]
) -> None:
    client = signed_in()
    address, fields = comment_on(client, paths["case"], "")
    assert client.post(address, data=fields).status_code == 422
    assert client.post(address, data=fields | {"comment": "So did we."}).status_code == 303
    somebody = signed_in()
    token = comment_on(somebody, paths["case"])[1]["csrf_token"]
    stolen = fields | {"comment": "So did we.", "csrf_token": token}
    assert somebody.post(address, data=stolen).status_code == 303
    assert count(app, Comment) == 2, "a key is its own person's"


def test_keys_are_forgotten_in_time(
    app: Flask, signed_in: Callable[..., PageClient], paths: dict[str, str], clock: TimeMachineFixture
) -> None:
    client = signed_in()
    address, fields = comment_on(client, paths["case"])
    client.post(address, data=fields)
    with app.app_context():
        once.forget({})
        assert once.Made.query.count() == 1
        clock.shift(once.REMEMBERED + timedelta(seconds=1))
        once.forget({})
        assert once.Made.query.count() == 0
