"""Asking: what a question takes, keeps and tells."""

import json

import pytest

from forum.content.actions import STARTER
from forum.core.db import write
from forum.core.errors import EditConflict, Forbidden, Invalid, NotFound
from forum.core.shapes import load
from forum.posts.models import FormerSlug, Revision
from forum.posts.queries import current_record
from forum.questions import actions
from forum.questions.forms import QuestionShape
from tests.factories.cases import add_services
from tests.factories.questions import add_answer, add_question, question_record
from tests.support.people import add_person


def faults(**changes):
    with pytest.raises(Invalid) as invalid:
        load(QuestionShape(), question_record(**changes))
    return invalid.value.faults


def test_every_question_that_ships_is_a_question(session):
    for record in json.loads((STARTER / "questions.json").read_text()):
        record.pop("slug")
        assert load(QuestionShape(), record)["title"].endswith("?")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "Too short?"),
        ("title", "Why " * 50),
        ("body", "Why?"),
        ("body", "y" * 4001),
        ("wants", ["money"]),
        ("stage", "dreaming"),
        ("needed_by", "soon"),
        ("services", ["a", "b", "c", "d"]),
        ("source_url", "javascript:alert(1)"),
        ("author", "me"),
    ],
)
def test_what_is_no_question_is_told_beside_the_field(app, field, value):
    assert list(faults(**{field: value})) == [field]


def test_a_question_keeps_all_that_was_said(session):
    add_services()
    question = add_question(
        add_person(),
        body="Our town pays **per call**. Is there a fairer way to split what it costs?",
        services=["community-centers"],
        wants=["cost_split", "examples"],
        stage="negotiating",
        needed_by="2027-03-01",
        place={"name": "Alder", "region": "Wisconsin", "region_code": "US-WI", "country": "US"},
        source_url="https://example.org/minutes",
    )
    session.expire_all()
    assert question.path == "/questions/should-we-split-dispatch-costs-by-calls-or-by-population"
    assert question.summary == "Our town pays per call. Is there a fairer way to split what it costs?"
    assert "<strong>per call</strong>" in question.body_html
    assert [row.service.slug for row in question.services] == ["community-centers"]
    assert (question.wants, question.stage) == (["cost_split", "examples"], "negotiating")
    assert (question.place_name, question.region_code, question.country) == ("Alder", "US-WI", "US")
    assert current_record(question)["needed_by"] == "2027-03-01"


def test_a_service_that_is_not_there_is_a_fault(session):
    with pytest.raises(Invalid, match="no service"):
        add_question(add_person(), services=["rockets"])


def test_the_asker_and_curators_edit_and_nobody_else(session):
    asker = add_person()
    question = add_question(asker)
    record = load(QuestionShape(), question_record(stage="planning"))
    with pytest.raises(Forbidden):
        actions.edit_question(add_person(), question, record, question.version)
    actions.edit_question(asker, question, record, question.version)
    record = load(QuestionShape(), question_record(stage="running"))
    actions.edit_question(add_person("curator"), question, record, question.version)
    assert (question.stage, question.version) == ("running", 3)


def test_a_second_editor_is_told_and_the_first_one_s_text_stands(session):
    asker = add_person(name="Ruth Delgado")
    question = add_question(asker)
    opened_at = question.version
    first = load(QuestionShape(), question_record(stage="planning"))
    second = load(QuestionShape(), question_record(stage="running"))
    actions.edit_question(asker, question, first, opened_at)
    with pytest.raises(EditConflict) as conflict:
        actions.edit_question(add_person("curator"), question, second, opened_at)
    assert conflict.value.current["stage"] == "planning"
    assert conflict.value.editor_name == "Ruth Delgado"
    assert question.stage == "planning"


def test_saving_without_a_change_makes_no_version(session):
    asker = add_person()
    question = add_question(asker)
    actions.edit_question(asker, question, load(QuestionShape(), question_record()), question.version)
    assert session.query(Revision).count() == 1
    assert question.edited_at is None


def test_a_renamed_question_moves_and_its_old_address_is_kept(session):
    asker = add_person()
    question = add_question(asker)
    old = question.slug
    record = load(QuestionShape(), question_record(title="By calls or by population: which is fairer?"))
    actions.edit_question(asker, question, record, None)
    assert question.slug == "by-calls-or-by-population-which-is-fairer"
    assert session.get(FormerSlug, ("question", old)).post_id == question.id


def test_saying_same_here_counts_each_person_once(session):
    question = add_question(add_person())
    person = add_person()
    for _ in range(2):
        actions.say_same_here(person, question)
    actions.say_same_here(add_person(), question)
    session.expire_all()
    assert question.n_same_here == 2
    for _ in range(2):
        actions.unsay_same_here(person, question)
    session.expire_all()
    assert question.n_same_here == 1


def test_the_asker_does_not_have_the_same_question_again(session):
    asker = add_person()
    with pytest.raises(Forbidden):
        actions.say_same_here(asker, add_question(asker))


def test_the_asker_alone_tells_what_was_decided(session):
    asker = add_person()
    question = add_question(asker)
    actions.decide(asker, question, "  Half evenly, half by calls. ")
    assert question.decision == "Half evenly, half by calls."
    for other in (add_person(), add_person("admin")):
        with pytest.raises(Forbidden):
            actions.decide(other, question, "Nothing.")


def test_a_question_is_not_asked_with_an_answer_of_another(session):
    asker = add_person()
    question, other = add_question(asker), add_question(asker)
    answer = add_answer(asker, other)
    with pytest.raises(NotFound):
        actions.accept_answer(asker, question, answer)
    assert question.accepted_answer_id is None


def test_a_place_typed_in_one_go_is_found(session):
    from forum.places.models import Place

    with write():
        session.add(
            Place(
                id=1,
                name="Northfield",
                key="northfield",
                region_code="US-MN",
                region="Minnesota",
                country="US",
                population=20_000,
                latitude=44.4,
                longitude=-93.2,
            )
        )
    question = add_question(add_person(), place={"name": "Northfield, Minnesota"})
    assert (question.place_id, question.place_name) == (1, "Northfield")
    assert (question.region_code, question.country, question.place_population) == ("US-MN", "US", 20_000)


def test_a_region_that_was_typed_over_does_not_keep_the_code_of_the_one_before(session):
    place = {"name": "Alder", "region": "Ontario", "region_code": "US-WI", "country": "CA"}
    question = add_question(add_person(), place=place)
    assert (question.region, question.region_code, question.country) == ("Ontario", "", "CA")
