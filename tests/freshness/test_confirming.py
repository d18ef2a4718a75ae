"""How records stay fresh: looked after from the start, asked about once, confirmed, ended."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session, scoped_session
from time_machine import TimeMachineFixture

from forum.accounts.models import Person
from forum.case_studies.actions import save_card
from forum.core import clock as today_is
from forum.core.db import db
from forum.core.errors import Forbidden
from forum.core.jobs import Job
from forum.freshness import actions, queries
from forum.freshness.asking import ask_owners
from forum.freshness.models import Freshness
from forum.guides.actions import refresh_due
from forum.guides.models import Guide
from forum.questions.actions import accept_answer, edit_answer, unaccept_answer
from forum.search.queries import read_query, search
from tests.factories.cases import add_case
from tests.factories.guides import add_guide
from tests.factories.questions import add_answer, add_question
from tests.factories.search import add_vocabulary
from tests.support.page import PageClient
from tests.support.people import add_person, sign_in

Db = scoped_session[Session]
SignedIn = Callable[..., PageClient]
YEARS = timedelta(days=366)


def of(post_id: int) -> Freshness:
    return Freshness.query.filter_by(post_id=post_id).one()


def mails() -> list[Mapping[str, Any]]:
    return [job.payload for job in Job.query.filter_by(kind="mail").order_by(Job.id)]


@pytest.fixture
def author(session: Db, clock: TimeMachineFixture) -> Person:
    add_vocabulary()
    return add_person(name="Ana Author", email="ana@example.com")


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 5, 4), 24, date(2028, 5, 4)),
        (date(2028, 2, 29), 12, date(2029, 3, 1)),
        (date(2026, 12, 31), 2, date(2027, 3, 1)),
        (date(2026, 10, 31), 1, date(2026, 12, 1)),
    ],
)
def test_months_are_counted_in_days_of_the_calendar(day: date, months: int, later: date) -> None:
    assert today_is.months_after(day, months) == later


def test_each_kind_is_looked_after_from_the_day_others_may_rely_on_it(author: Person) -> None:
    case = of(add_case(author, services=["dispatch"]).id)
    assert (case.owner_id, case.confirmed_by_id, case.review_by) == (author.id, None, date(2028, 5, 4))
    curator, reviewer = add_person("curator"), add_person("curator")
    assert Freshness.query.filter_by(post_id=add_guide(curator).id).count() == 0, (
        "a draft is nobody's to rely on"
    )
    guide = of(add_guide(curator, reviewer=reviewer).id)
    assert (guide.owner_id, guide.confirmed_by_id, guide.review_by) == (
        curator.id,
        reviewer.id,
        date(2027, 5, 4),
    )
    asker = add_person()
    question = add_question(asker)
    first, second = add_answer(author, question), add_answer(curator, question)
    for accepted in (first, second):
        accept_answer(asker, question, accepted)
        (kept,) = Freshness.query.filter(Freshness.answer_id.is_not(None))
        assert (kept.answer_id, kept.owner_id) == (accepted.id, accepted.author_id)
    unaccept_answer(asker, question)
    assert Freshness.query.filter(Freshness.answer_id.is_not(None)).count() == 0


def test_an_owner_is_asked_once_about_all_that_is_due(author: Person, clock: TimeMachineFixture) -> None:
    for title in ("Three towns share one inspector", "A county lends its road crew"):
        add_case(author, services=["dispatch"], title=title)
    ask_owners({})
    assert mails() == []
    clock.shift(2 * YEARS)
    assert queries.count() == queries.n_due_of(author) == 2
    ask_owners({})
    ask_owners({})
    (mail,) = mails()
    assert mail["to"] == "ana@example.com"
    assert mail["subject"] == "Is it still right? 2 pages wait for you"
    for words in ("Three towns share one inspector", "A county lends its road crew", "/still-right"):
        assert words in mail["letter"]["text"]
    actions.confirm(author, queries.by_id(queries.due_of(author)[0].id))
    clock.shift(2 * YEARS)
    ask_owners({})
    assert len(mails()) == 2, "asked again about what was confirmed, not about what was asked before"


def test_a_reader_is_told_and_one_press_confirms(
    app: Flask, signed_in: SignedIn, clock: TimeMachineFixture
) -> None:
    client, other = signed_in(name="Ana Author"), signed_in()
    with app.app_context():
        add_vocabulary()
        path = add_case(db.session.merge(client.person), services=["dispatch"]).path
    visitor = app.test_client()
    assert "Not confirmed" not in visitor.get(path).text
    clock.shift(2 * YEARS)
    assert "Not confirmed since 4 May 2026" in visitor.get(path).text
    assert "Still right" not in other.get(path).text
    sign_in(client, client.person)  # a session does not last two years
    assert "Not confirmed since" in client.get("/still-right").text
    with app.app_context():
        kept = Freshness.query.one().id
    assert client.submit(path, action=f"/freshness/{kept}/confirm").location == path
    page = visitor.get(path).text
    assert "Last confirmed by" in page
    assert "Ana Author" in page
    assert "Not confirmed since" not in page
    assert "Nothing waits for you" in client.get("/still-right").text


def test_who_brings_it_up_to_date_has_confirmed_it(author: Person, clock: TimeMachineFixture) -> None:
    case = add_case(author, services=["dispatch"])
    clock.shift(YEARS)
    save_card(add_person("curator"), case, "status", {"status": "pilot"}, None)
    assert of(case.id).confirmed_by_id is None, "somebody else tidied it"
    save_card(author, case, "status", {"status": "in_effect"}, None)
    kept = of(case.id)
    assert (kept.confirmed_by_id, kept.confirmed_on) == (author.id, today_is.today())


def test_what_has_ended_says_so(app: Flask, author: Person, client: PageClient) -> None:
    case = add_case(author, services=["dispatch"])
    with pytest.raises(Forbidden):
        actions.end(add_person(), of(case.id))
    actions.end(author, of(case.id))
    assert (case.status, case.version) == ("expired", 2)
    assert of(case.id).ended_on == today_is.today()
    assert "Ended, as its author says" in client.get(case.path).text
    curator = add_person("curator")
    guide = add_guide(curator, reviewer=add_person("curator"))
    actions.end(curator, of(guide.id))
    assert guide.guide_state == "archived"
    assert "This guide is archived" in client.get(guide.path).text


def test_an_answer_grows_old_too(
    app: Flask, author: Person, client: PageClient, clock: TimeMachineFixture
) -> None:
    asker = add_person()
    question = add_question(asker)
    answer = add_answer(author, question)
    accept_answer(asker, question, answer)
    clock.shift(2 * YEARS)
    assert "Not confirmed since 4 May 2026" in client.get(question.path).text
    (due,) = queries.queue(10)
    assert (due.kind_label, due.edit_href) == ("Answer", f"/answers/{answer.id}/edit")
    edit_answer(author, answer, "We use a five-year average now.", from_experience=True, cites=())
    kept = Freshness.query.filter_by(answer_id=answer.id).one()
    assert (kept.confirmed_by_id, kept.confirmed_on) == (author.id, today_is.today())
    assert "Not confirmed since" not in client.get(question.path).text
    actions.end(author, kept)
    assert "Its author says that this holds no more" in client.get(question.path).text
    assert queries.queue(10) == []


def test_a_guide_of_last_year_needs_a_refresh_until_somebody_confirms_it(
    author: Person, clock: TimeMachineFixture
) -> None:
    curator = add_person("curator")
    guide_id = add_guide(curator, reviewer=add_person("curator")).id
    refresh_due({})
    assert db.session.get_one(Guide, guide_id).guide_state == "published"
    clock.shift(YEARS)
    refresh_due({})
    refresh_due({})
    guide = db.session.get_one(Guide, guide_id)
    assert (guide.state, guide.guide_state) == ("visible", "needs_refresh")
    actions.confirm(curator, of(guide_id))
    db.session.refresh(guide)
    assert guide.guide_state == "published"
    assert guide.review_due
    assert guide.review_due > today_is.today()


def test_what_is_stale_is_found_after_its_equals(author: Person, clock: TimeMachineFixture) -> None:
    one, other = (
        add_case(author, services=["dispatch"], title="Two towns share a dispatch center") for _ in range(2)
    )

    def found() -> list[int]:
        return [row.post.id for row in search(None, read_query("dispatch center")).rows]

    assert found() == [other.id, one.id], "the newer one of equals"
    clock.shift(2 * YEARS)
    actions.confirm(author, of(one.id))
    assert found() == [one.id, other.id]
    actions.confirm(author, of(other.id))
    assert found() == [other.id, one.id]


def test_what_a_stale_answer_says_counts_less(author: Person, clock: TimeMachineFixture) -> None:
    words, asker = "Ask the hospital for a levelled invoice.", add_person()
    questions = [add_question(asker, title="Who pays the ambulance?") for _ in range(2)]
    for question in questions:
        accept_answer(asker, question, add_answer(author, question, words))
    one, other = (question.id for question in questions)

    def found() -> list[int]:
        return [row.post.id for row in search(None, read_query("levelled invoice")).rows]

    assert found() == [other, one], "the newer one of equals"
    clock.shift(2 * YEARS)
    first, second = Freshness.query.order_by(Freshness.id)
    actions.confirm(author, first)
    assert found() == [one, other]
    actions.confirm(author, second)
    actions.end(author, first)
    assert found() == [other, one]
