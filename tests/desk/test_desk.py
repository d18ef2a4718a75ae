"""The curators' desk: what waits is there, can be shared, and is gone when it is done."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.orm import Session, scoped_session

from forum.core.db import db
from forum.core.errors import Forbidden, NotFound
from forum.desk import actions, queries
from forum.desk.models import DeskNote
from forum.search.actions.curate import note_gap
from tests.factories.cases import add_case, add_services
from tests.factories.desk import written_before
from tests.factories.guides import add_guide
from tests.factories.questions import add_answer, add_question
from tests.support.page import PageClient
from tests.support.people import add_person
from tests.support.statements import statements_of

LONG = "We have shared a crew with the town next door for six years. " * 10


def titles(key: str) -> list[str]:
    return [work.title for work in queries.one_queue(add_person("curator"), key).work]


def test_a_desk_with_nothing_on_it_says_so(signed_in: Callable[..., PageClient]) -> None:
    page = signed_in("curator").get("/curate/").text
    assert "No suggestion waits." in page
    assert "Every link works." in page
    assert 'class="work"' not in page


def test_a_question_waits_three_days_for_an_example(session: scoped_session[Session]) -> None:
    author = add_person()
    question = add_question(author, title="Who has shared a building inspector?")
    assert titles("questions") == []
    written_before(question, 4)
    assert titles("questions") == ["Who has shared a building inspector?"]
    add_answer(add_person(), question, "Nobody that I know of.")
    assert titles("questions") == ["Who has shared a building inspector?"]
    add_answer(add_person(), question, "We have, since 2019.", from_experience=True)
    assert titles("questions") == []


def test_an_answer_that_points_to_a_case_is_an_example(session: scoped_session[Session]) -> None:
    add_services()
    author = add_person()
    question, case = add_question(author), add_case(author)
    written_before(question, 4)
    add_answer(author, question, "Look at this one.", cites=[case.path])
    assert titles("questions") == []


def test_a_long_answer_from_experience_may_become_a_case(session: scoped_session[Session]) -> None:
    question = add_question(add_person())
    add_answer(add_person(), question, "Short, but true.", from_experience=True)
    add_answer(add_person(), question, LONG)
    assert titles("answers") == []
    add_answer(add_person(), question, LONG, from_experience=True)
    assert len(titles("answers")) == 1


def test_posts_without_services_and_searches_without_results_are_there(
    session: scoped_session[Session],
) -> None:
    add_question(add_person(), title="How do you start at all, in a small town?")
    note_gap("snow lending")
    note_gap("snow lending")
    assert titles("services") == ["How do you start at all, in a small town?"]
    assert titles("gaps") == ["snow lending"]


def test_a_post_about_sharing_in_general_leaves_the_desk_at_one_press(
    session: scoped_session[Session],
) -> None:
    curator = add_person("curator")
    add_question(add_person(), title="How do you start at all, in a small town?")
    (work,) = queries.one_queue(curator, "services").work
    step = work.steps[1]
    assert (step.label, step.fields and step.fields["do"]) == ("About sharing in general", "put-aside")
    actions.put_aside(curator, "services", work.id, (step.fields or {})["note"])
    assert titles("services") == []


def test_a_guide_in_review_waits(session: scoped_session[Session]) -> None:
    guide = add_guide(add_person("curator"))
    assert titles("guides") == []
    guide.guide_state = "in_review"
    db.session.commit()
    assert titles("guides") == [guide.title]


def test_who_takes_something_has_it_and_others_see_that(
    session: scoped_session[Session], signed_in: Callable[..., PageClient]
) -> None:
    question = add_question(add_person())
    written_before(question, 4)
    one, other = signed_in("curator", name="Ira Intern"), signed_in("curator")
    path = f"/curate/desk/questions/{question.id}"
    answer = one.post(path, data={"do": "take", "csrf_token": token_of(one)})
    assert (answer.status_code, answer.location) == (303, f"/curate/#questions-{question.id}")
    assert "You are at it" in one.get("/curate/").text
    assert "Ira Intern is at it" in other.get("/curate/").text
    assert other.post(path, data={"do": "take", "csrf_token": token_of(other)}).status_code == 403
    one.post(path, data={"do": "hand-back", "csrf_token": token_of(one)})
    assert "is at it" not in other.get("/curate/").text


def token_of(client: PageClient) -> str:
    (token,) = set(re.findall(r'name="csrf_token" value="([^"]+)"', client.get("/curate/").text))
    return token


def test_a_note_is_for_all_curators_and_a_blank_one_is_sent_back(
    session: scoped_session[Session], signed_in: Callable[..., PageClient]
) -> None:
    question = add_question(add_person())
    written_before(question, 4)
    one = signed_in("curator")
    path = f"/curate/desk/questions/{question.id}"
    answer = one.post(path, data={"do": "note", "note": "Asked in Elm.", "csrf_token": token_of(one)})
    assert answer.status_code == 303
    assert "Asked in Elm." in signed_in("curator").get("/curate/").text
    answer = one.post(path, data={"do": "note", "note": " ", "csrf_token": token_of(one)})
    assert answer.status_code == 422
    assert "Write a few words." in answer.text


def test_what_is_put_aside_leaves_the_desk_with_its_reason_kept(session: scoped_session[Session]) -> None:
    curator = add_person("curator")
    question = add_question(add_person())
    written_before(question, 4)
    assert queries.n_waiting(curator) == 1
    actions.put_aside(curator, "questions", question.id, "It is about taxes.")
    assert titles("questions") == []
    assert queries.n_waiting(curator) == 0
    assert db.session.query(DeskNote).one().body == "It is about taxes."


def test_what_has_to_be_done_cannot_be_put_aside(session: scoped_session[Session]) -> None:
    with pytest.raises(NotFound):
        actions.put_aside(add_person("curator"), "links", 1, "I would rather not.")
    with pytest.raises(NotFound):
        actions.take_item(add_person("curator"), "nothing", 1)


def test_the_desk_is_for_curators(
    session: scoped_session[Session], signed_in: Callable[..., PageClient], client: PageClient
) -> None:
    assert signed_in("member").get("/curate/").status_code == 403
    assert client.get("/curate/").status_code == 303
    with pytest.raises(Forbidden):
        actions.take_item(add_person(), "questions", 1)
    assert "/curate/" not in signed_in("member").get("/").text


def test_the_header_counts_what_waits(
    session: scoped_session[Session], signed_in: Callable[..., PageClient]
) -> None:
    curator = signed_in("curator")
    assert "1 waits" not in curator.get("/about").text
    written_before(add_question(add_person()), 4)
    assert "1 waits" in curator.get("/about").text


def test_more_work_takes_no_more_statements(
    app: Flask, session: scoped_session[Session], signed_in: Callable[..., PageClient]
) -> None:
    curator = signed_in("curator")

    def statements() -> int:
        with statements_of(app) as sent:
            curator.get("/curate/desk/questions")
        return len(sent)

    author = add_person()
    written_before(add_question(author), 4)
    app.test_client().get("/about")  # what every page asks for is remembered from then on
    one = statements()
    for number in range(12):
        written_before(add_question(author, title=f"Who has shared inspector number {number}?"), 4)
    assert statements() == one
