"""The pages of people and of organisations."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.orm import Session, scoped_session

from forum.accounts.models import Person
from forum.core import clock
from forum.core.db import db, write
from forum.questions.actions import accept_answer
from tests.factories.accounts import add_organisation
from tests.factories.cases import add_case, add_services, case_record
from tests.factories.questions import add_answer, add_question
from tests.support.page import PageClient
from tests.support.people import add_person, sign_in
from tests.support.statements import statements_of

Db = scoped_session[Session]
SignedIn = Callable[..., PageClient]


@pytest.fixture(autouse=True)
def services(app: Flask) -> None:
    with app.app_context():
        add_services()


def test_a_persons_page_has_their_posts_and_their_answers(session: Db, client: PageClient) -> None:
    asker = add_person(name="Ben Asker")
    person = add_person(name="Ana Ruiz", job_title="Town manager", bio="Snow and roads.")
    add_case(person)
    question = add_question(asker)
    answer = add_answer(person, question, "We use a **three-year** average.", from_experience=True)
    accept_answer(asker, question, answer)
    page = client.get(person.path).text
    for words in ("Ana Ruiz", "Town manager", "Snow and roads.", "Posts · 1", "Answers · 1", "1 case"):
        assert words in page
    assert "Two towns and a nonprofit" in page
    answers = client.get(f"{person.path}?show=answers").text
    for words in (question.title, "We use a three-year average.", "Accepted answer", "We have done this"):
        assert words in answers
    assert answer.path in answers
    assert client.get("/people/nobody-of-this-name").status_code == 404


def test_ones_own_page_invites_to_share(signed_in: SignedIn) -> None:
    client = signed_in()
    path = client.person.path  # type: ignore[union-attr]
    assert "You have not shared anything yet" in client.get(path).text
    assert "You have not answered anything yet" in client.get(f"{path}?show=answers").text
    assert "Edit your profile" in client.get(path).text
    assert "Nothing shared yet." in signed_in().get(path).text


def test_that_somebody_is_suspended_is_for_moderators_to_know(app: Flask, signed_in: SignedIn) -> None:
    with app.app_context():
        person = add_person(suspended_at=clock.now(), suspended_reason="Sells road salt.")
        add_case(person)
        path = person.path
    for client in (app.test_client(), signed_in("curator")):
        page = client.get(path).text
        assert "Sells road salt." not in page
        assert "Two towns and a nonprofit" in page
    assert "This account is suspended: Sells road salt." in signed_in("moderator").get(path).text


def test_hidden_words_are_not_on_anybodys_page(session: Db, client: PageClient) -> None:
    person = add_person()
    answer = add_answer(person, add_question(add_person()), "Buy our road salt.")
    with write():
        answer.state = "hidden"
    page = client.get(f"{person.path}?show=answers").text
    assert "road salt" not in page
    assert "Answers · 0" in page


def test_answers_to_a_hidden_question_are_hidden_with_it(session: Db, client: PageClient) -> None:
    person = add_person()
    question = add_question(add_person())
    add_answer(person, question, "We use a three-year average.")
    with write():
        question.state = "hidden"
    assert "three-year" not in client.get(f"{person.path}?show=answers").text


def test_an_organisations_page(session: Db, client: PageClient) -> None:
    body = add_organisation(
        place_name="Alder",
        region="Wisconsin",
        region_code="US-WI",
        country="US",
        population=8200,
        setting="rural",
    )
    worker = add_person(name="Ana Ruiz", job_title="Town manager", organisation_id=body.id)
    add_person(name="Gone Person", organisation_id=body.id, suspended_at=clock.now())
    add_question(worker, title="How do you share a snow plow?")
    add_question(worker, title="Something asked without a name?", hide_org=True)
    add_case(add_person(), parties=case_record()["parties"], place={"region_code": "US-WI", "country": "US"})
    page = client.get(body.path).text
    for words in (
        "Town of Alder",
        "Alder, Wisconsin, United States",
        "Population 8,200",
        "Rural",
        "Ana Ruiz",
    ):
        assert words in page
    assert "How do you share a snow plow?" in page
    assert "Something asked without a name?" not in page
    assert "Gone Person" not in page
    assert client.get("/organisations/nowhere").status_code == 404


def test_the_agreements_of_an_organisation_are_those_it_is_a_party_to(
    session: Db, client: PageClient
) -> None:
    case = add_case(add_person())
    party = case.parties[0]
    assert party.organisation
    assert case.title in client.get(party.organisation.path).text
    assert case.title not in client.get(add_organisation("Town of Cedar").path).text


@pytest.mark.parametrize("show", ["posts", "answers"])
def test_the_pages_take_few_statements_however_long_they_are(
    make_app: Callable[..., Flask], show: str
) -> None:
    app = make_app(kept_bytes=0)
    with app.app_context():
        client = sign_in(app.test_client(), add_person("moderator"))
        person_id = add_person(slug="ana-ruiz", organisation_id=add_organisation().id).id
    paths = [f"/people/ana-ruiz?show={show}", "/organisations/town-of-alder"]
    counted = []
    for more in (1, 20):
        with app.app_context():
            person = db.session.get_one(Person, person_id)
            for _ in range(more):
                add_case(person)
                add_answer(person, add_question(person))
        client.get("/about")  # what the header tells is counted once
        for path in paths:
            with statements_of(app) as statements:
                assert client.get(path).status_code == 200
            counted.append(len(statements))
    assert counted[:2] == counted[2:]
    assert max(counted) <= 8
