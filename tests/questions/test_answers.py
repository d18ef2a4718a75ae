"""Answers: their order, the accepted one, and what stays when one goes."""

import pytest

from forum.accounts.models import Person
from forum.core.db import write
from forum.core.errors import EditConflict, Forbidden, Invalid
from forum.posts.queries import citing
from forum.questions import actions
from forum.questions.models import Answer
from forum.questions.queries.answers import answers, ids_of_addresses
from forum.questions.queries.page import answer_page, question_page
from tests.factories.cases import add_case, add_services
from tests.factories.comments import add_comment
from tests.factories.questions import add_answer, add_question
from tests.support.people import add_person
from tests.support.statements import statements_of


@pytest.fixture
def asker(session):
    return add_person()


@pytest.fixture
def question(asker):
    return add_question(asker)


def ids(question, actor=None):
    return [row.id for row in answers(actor, question, None).rows]


def test_the_accepted_answer_comes_first_then_the_most_useful_then_the_oldest(asker, question):
    first, second, third, fourth = (add_answer(add_person(), question) for _ in range(4))
    actions.mark_answer_useful(asker, third)
    assert ids(question) == [third.id, first.id, second.id, fourth.id]
    actions.accept_answer(asker, question, fourth)
    assert ids(question) == [fourth.id, third.id, first.id, second.id]
    assert question_page(None, question.slug).answers.rows[0].accepted


def test_a_long_list_of_answers_is_read_page_by_page_without_a_gap(asker, question, session):
    given = [add_answer(add_person(), question) for _ in range(45)]
    for answer in given[10:20]:
        actions.mark_answer_useful(asker, answer)
    actions.accept_answer(asker, question, given[44])
    read, after = [], None
    while True:
        page = answers(None, question, after)
        read += [row.id for row in page.rows]
        after = page.older
        if after is None:
            break
    rest = [*given[10:20], *given[:10], *given[20:44]]
    assert read == [given[44].id, *(answer.id for answer in rest)]


def test_accepting_answers_the_question_until_it_is_taken_back(asker, question):
    first, second = add_answer(add_person(), question), add_answer(add_person(), question)
    actions.accept_answer(asker, question, first)
    actions.accept_answer(asker, question, second)
    assert (question.accepted_answer_id, question.status) == (second.id, "answered")
    actions.unaccept_answer(asker, question)
    assert (question.accepted_answer_id, question.status) == (None, "open")


def test_a_question_that_went_into_a_guide_stays_so(asker, question):
    answer = add_answer(add_person(), question)
    with write():
        question.status = "summarized"
    actions.accept_answer(asker, question, answer)
    assert question.status == "summarized"


def test_the_asker_or_a_moderator_accepts_and_nobody_else(asker, question):
    answer = add_answer(add_person(), question)
    for other in (add_person(), add_person("curator"), answer.author):
        with pytest.raises(Forbidden):
            actions.accept_answer(other, question, answer)
    actions.accept_answer(add_person("moderator"), question, answer)
    assert question.accepted_answer_id == answer.id


def test_a_deleted_answer_is_gone_or_leaves_a_placeholder_where_it_was_commented_on(asker, question, session):
    author = add_person()
    bare, discussed = add_answer(author, question), add_answer(author, question)
    add_comment(asker, question, answer_id=discussed.id)
    actions.accept_answer(asker, question, discussed)
    for answer in (bare, discussed):
        actions.delete_answer(author, answer)
    session.expire_all()
    (row,) = answers(asker, question, None).rows
    assert (row.id, row.state, row.body_html, row.accepted) == (discussed.id, "deleted", "", False)
    assert len(row.comments) == 1
    assert not any((row.may_comment, row.may_edit, row.may_mark, row.may_accept))
    assert (question.n_answers, question.accepted_answer_id, question.status) == (0, None, "open")


def test_a_hidden_answer_its_author_reads_with_the_reason(asker, question):
    from forum.moderation.actions import hide, restore

    author = add_person()
    answer = add_answer(author, question)
    moderator = add_person("moderator")
    hide(moderator, answer, "Names a resident.")
    assert question.n_answers == 0
    (for_all,), (for_author,) = (question_page(who, question.slug).answers.rows for who in (None, author))
    assert (for_all.body_html, for_all.hidden_reason) == ("", "")
    assert for_author.body_html
    assert for_author.hidden_reason == "Names a resident."
    with pytest.raises(Forbidden):
        actions.delete_answer(author, answer)
    restore(moderator, answer, "It was a mistake.")
    assert question.n_answers == 1


def test_useful_counts_each_person_once_and_never_the_author(asker, question, session):
    answer = add_answer(add_person(), question)
    for _ in range(2):
        actions.mark_answer_useful(asker, answer)
    assert answer.n_useful == 1
    (row,) = question_page(asker, question.slug).answers.rows
    assert row.marked
    with pytest.raises(Forbidden):
        actions.mark_answer_useful(answer.author, answer)
    for _ in range(2):
        actions.unmark_answer_useful(asker, answer)
    session.expire_all()
    assert answer.n_useful == 0


def test_two_windows_of_one_author_lose_neither_text(question):
    author = add_person()
    answer = add_answer(author, question)
    opened_at = answer.version
    actions.edit_answer(author, answer, "First window", from_experience=True, cites=(), opened_at=opened_at)
    with pytest.raises(EditConflict) as conflict:
        actions.edit_answer(
            author, answer, "Second window", from_experience=False, cites=(), opened_at=opened_at
        )
    assert conflict.value.current == answer.body == "First window"
    assert answer.from_experience


def test_a_locked_question_takes_answers_from_moderators_alone(question, session):
    author = add_person()
    answer = add_answer(author, question)
    with write():
        question.locked_at = question.created_at
    with pytest.raises(Forbidden, match="locked"):
        add_answer(add_person(), question)
    with pytest.raises(Forbidden, match="locked"):
        actions.edit_answer(author, answer, "Something else", from_experience=False, cites=())
    add_answer(add_person("moderator"), question)


def test_an_answer_points_to_cases_by_their_addresses(question):
    add_services()
    case = add_case(add_person())
    answer = add_answer(add_person(), question, cites=[f"https://interlocal.example{case.path}#costs"])
    (row,) = answers(None, question, None).rows
    assert [(link.kind, link.href) for link in row.cites] == [("case", case.path)]
    assert [link.href for link in citing(None, case.id)] == [question.path]
    actions.edit_answer(answer.author, answer, answer.body, from_experience=False, cites=())
    assert citing(None, case.id) == []


@pytest.mark.parametrize(
    "address", ["/cases/nowhere", "/people/ana", "https://example.org", "javascript:x", "//[", "/cases/", "x"]
)
def test_an_address_that_leads_to_no_case_is_a_fault_and_nothing_is_saved(question, session, address):
    with pytest.raises(Invalid) as invalid:
        add_answer(add_person(), question, cites=[address])
    assert "cites" in invalid.value.faults
    assert session.query(Answer).count() == 0


def test_what_they_may_not_see_cannot_be_pointed_to(session):
    add_services()
    case = add_case(add_person())
    with write():
        case.state = "hidden"
    assert ids_of_addresses(add_person(), [case.path]) == {case.path: None}
    assert ids_of_addresses(add_person("moderator"), [case.path]) == {case.path: case.id}


def test_each_answer_shows_its_first_comments_and_leads_to_the_rest(question):
    chatty, quiet = add_answer(add_person(), question), add_answer(add_person(), question)
    for number in range(13):
        add_comment(add_person(), question, f"comment {number}", answer_id=chatty.id)
    add_comment(add_person(), question, "the only one", answer_id=quiet.id)
    rows = {row.id: row for row in answers(None, question, None).rows}
    assert [row.body_html for row in rows[chatty.id].comments] == [f"<p>comment {n}</p>" for n in range(10)]
    assert rows[chatty.id].n_comments == 13
    assert [row.body_html for row in rows[quiet.id].comments] == ["<p>the only one</p>"]
    assert len(answer_page(None, question.slug, chatty.id).comments.rows) == 13


def test_the_statements_for_a_question_do_not_grow_with_it(app, asker, question, session):
    add_services()
    case = add_case(asker)

    def statements_at(n):
        while question.n_answers < n:
            answer = add_answer(add_person(), question, cites=[case.path])
            add_comment(asker, question, answer_id=answer.id)
            add_comment(asker, question)
        slug, reader = question.slug, session.get(Person, asker.id)
        with statements_of(app) as statements:
            page = question_page(reader, slug)
        assert len(page.answers.rows) == min(n, 20)
        return len(statements)

    assert statements_at(1) == statements_at(50) <= 10
