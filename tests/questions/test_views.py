"""Questions over HTTP, with the forms that the pages draw and without JavaScript."""

from datetime import timedelta

import pytest

from forum.accounts.actions import find_or_make_organisation
from forum.core import clock as moments
from forum.core.db import write
from forum.questions import actions
from tests.factories.cases import add_services
from tests.factories.comments import add_comment
from tests.factories.questions import add_answer, add_question, question_record
from tests.support.forms import find_form
from tests.support.people import add_person, sign_in

ASK = {
    "title": "Should we split dispatch costs by calls or by population?",
    "body": "Our city hosts the center for the whole county, and the agreement is about to be renewed.",
}


@pytest.fixture
def question(session):
    return add_question(add_person(name="Ruth Delgado"))


def answering(question):
    return f"{question.path}/answers"


# --- The list


def test_the_list_shows_facts_and_is_narrowed_by_its_address(session, client):
    add_services()
    place = {"name": "Alder", "region": "Wisconsin", "region_code": "US-WI", "country": "US"}
    asker = add_person()
    plain = add_question(asker, title="What notice should a partner give before leaving?")
    rich = add_question(
        asker,
        stage="negotiating",
        services=["senior-centers"],
        place=place,
        needed_by=(moments.today() + timedelta(days=9)).isoformat(),
    )
    actions.accept_answer(asker, rich, add_answer(add_person(), rich))
    page = client.get("/questions/").text
    for words in ("Alder, Wisconsin, US", "Negotiating", "Needed by", "Answered", plain.title, rich.title):
        assert words in page
    for query in (
        "stage=negotiating",
        "service=senior-centers",
        "service=community-centers-facilities",
        "place=US-WI",
        "status=answered",
    ):
        page = client.get(f"/questions/?{query}").text
        assert rich.path in page, query
        assert plain.path not in page, query
    page = client.get("/questions/?status=open").text
    assert plain.path in page
    assert rich.path not in page


def test_an_empty_list_invites(client):
    assert "/questions/ask" in client.get("/questions/?stage=ending").text


@pytest.mark.parametrize("query", ["stage=x", "status=x", "sort=x", "service=x", "place=x-y", "after="])
def test_an_argument_that_means_nothing_is_no_error(question, client, query):
    assert client.get(f"/questions/?{query}").status_code == 200


def test_a_hidden_question_is_not_there_for_others(question, client, signed_in):
    with write():
        question.state, question.hidden_reason = "hidden", "Names a resident."
    assert client.get(question.path).status_code == 404
    assert question.path not in client.get("/questions/").text
    assert signed_in().get(question.path).status_code == 404
    asker = sign_in(client.application.test_client(), question.author)
    assert "Names a resident." in asker.get(question.path).text


# --- Asking


def test_a_member_asks_and_reads_what_they_asked(session, signed_in):
    add_services()
    client = signed_in()
    answer = client.submit("/questions/ask", ASK | {"services": ["senior-centers"], "wants": ["examples"]})
    assert answer.status_code == 303
    page = client.get(answer.location)
    assert ASK["title"] in page.text
    assert "Senior centers" in page.text
    assert "Your question is published." in page.text


def test_the_form_starts_with_the_service_of_the_link_and_the_place_of_the_asker(session, signed_in):
    add_services()
    with write():
        alder = find_or_make_organisation(
            "Town of Alder", "municipality", place_name="Alder", region="Wisconsin", country="US"
        )
    page = signed_in(organisation_id=alder.id).get("/questions/ask?service=senior-centers").text
    assert 'data-chosen="senior-centers"' in page
    assert 'value="Alder"' in page
    assert '<option value="US" selected>' in page


def test_what_is_wrong_is_told_and_nothing_typed_is_lost(signed_in):
    client = signed_in()
    answer = client.submit(
        "/questions/ask", {"title": "Too short?", "body": "Also short", "stage": "planning"}
    )
    assert answer.status_code == 422
    for words in ("Too short?", "Also short", '<option value="planning" selected>'):
        assert words in answer.text
    assert answer.text.count('aria-invalid="true"') == 2


def test_a_visitor_is_sent_to_sign_in_and_back(client):
    assert client.get("/questions/ask").location == "/sign-in?next=/questions/ask"


# --- One question


def test_a_visitor_reads_all_and_gets_no_token(question, client):
    answer = add_answer(add_person(), question, from_experience=True)
    add_comment(add_person(), question, "On the question")
    add_comment(add_person(), question, "On the answer", answer_id=answer.id)
    page = client.get(question.path).text
    for words in ("We have done this", "On the question", "On the answer", "1 answer", "Ruth Delgado"):
        assert words in page
    assert "csrf_token" not in page
    assert f"/sign-in?next={question.path}%23answer" in page


def test_a_former_address_leads_to_the_new_one_for_good(question, client):
    answer = add_answer(add_person(), question)
    old, old_answer = question.path, answer.path
    record = question_record(title="By calls or by population: which is fairer?")
    actions.edit_question(question.author, question, record, None)
    moved = client.get(old)
    assert (moved.status_code, moved.location) == (301, question.path)
    assert client.get(old_answer).location == f"{question.path}/answers/{answer.id}"


def test_the_asker_s_organisation_is_left_out_where_they_said_so(session, client, signed_in):
    with write():
        alder = find_or_make_organisation("Town of Alder", "municipality")
    asker = add_person(organisation_id=alder.id, name="Ruth Delgado")
    question = add_question(
        asker, hide_org=True, place={"name": "Alderville", "region": "Wisconsin", "country": "US"}
    )
    answer = add_answer(asker, question, "I found out in the meantime.")
    comment = add_comment(asker, question)
    for path in (question.path, "/questions/", answer.path):
        page = client.get(path).text
        assert "Town of Alder" not in page
        assert "Alderville" not in page
        assert asker.path not in page
    assert "Wisconsin, US" in client.get(question.path).text
    assert "Town of Alder" not in signed_in().get(f"/comments/{comment.id}/reply").text
    assert "Town of Alder" in signed_in("moderator").get(question.path).text


def test_how_far_off_the_day_is_when_an_answer_is_needed(session, client, clock):
    question = add_question(add_person(), needed_by="2026-05-05")
    assert "5 May 2026 (in 1 day)" in client.get(question.path).text
    clock.shift(timedelta(days=1))
    assert "5 May 2026 (today)" in client.get(question.path).text
    clock.shift(timedelta(days=1))
    assert "5 May 2026</dd>" in client.get(question.path).text


# --- Answering


def test_a_member_answers_and_the_asker_accepts(question, signed_in, app):
    member = signed_in()
    fields = {"body": "We use a **three-year** average.", "from_experience": "yes"}
    posted = member.submit(question.path, fields, action=answering(question))
    assert posted.status_code == 303
    assert "<strong>three-year</strong>" in member.get(posted.location).text
    answer_id = posted.location.rpartition("-")[2]
    asker = sign_in(app.test_client(), question.author)
    accept = f"/answers/{answer_id}/accept"
    assert asker.submit(question.path, action=accept).status_code == 303
    assert "Accepted answer" in asker.get(question.path).text
    assert asker.submit(question.path, action=accept).status_code == 303
    assert "Accepted answer" not in asker.get(question.path).text


def test_an_answer_with_faults_comes_back_on_the_page_of_the_question(question, signed_in):
    fields = {"body": "", "cites": "/cases/nowhere", "from_experience": "yes"}
    answer = signed_in().submit(question.path, fields, action=answering(question))
    assert answer.status_code == 422
    assert question.title in answer.text
    assert "/cases/nowhere" in answer.text
    fields["body"] = "We use a three-year average."
    answer = signed_in().submit(question.path, fields, action=answering(question))
    assert answer.status_code == 422
    assert "no case, guide or link at" in answer.text
    assert fields["body"] in answer.text


def test_a_question_renamed_while_somebody_answers_loses_no_answer(question, signed_in):
    client = signed_in()
    form = find_form(client.get(question.path).text, answering(question))
    record = question_record(title="By calls or by population: which is fairer?")
    actions.edit_question(question.author, question, record, None)
    posted = client.post(form.action, data=form.filled_in({"body": "We use a three-year average."}))
    assert posted.status_code == 303
    assert "three-year average" in client.get(question.path).text


def test_one_answer_has_a_page_with_all_its_comments_and_a_form(question, signed_in):
    answer = add_answer(add_person(), question)
    client = signed_in()
    posted = client.submit(
        answer.path, {"comment": "Which year is that?"}, action=f"/answers/{answer.id}/comments"
    )
    assert posted.location.startswith(f"{answer.path}#comment-")
    assert "Which year is that?" in client.get(answer.path).text
    assert "Which year is that?" in client.get(question.path).text
    assert client.get(f"{question.path}/answers/999").status_code == 404


def test_same_question_here_and_useful_are_pressed_and_taken_back(question, signed_in):
    answer = add_answer(add_person(), question)
    client = signed_in()
    for path in (f"{question.path}/same-here", f"/answers/{answer.id}/useful"):
        for pressed in ("true", "false"):
            assert client.submit(question.path, action=path).status_code == 303
            page = client.get(question.path).text
            form = page[page.index(f'action="{path}"') :]
            assert f'aria-pressed="{pressed}"' in form[: form.index("</form>")]


def test_the_author_edits_and_deletes_their_answer(question, signed_in):
    client = signed_in()
    answer = add_answer(client.person, question)
    edited = client.submit(f"/answers/{answer.id}/edit", {"body": "We use a two-year average."})
    assert edited.status_code == 303
    assert "two-year average" in client.get(question.path).text
    assert signed_in("curator").get(f"/answers/{answer.id}/edit").status_code == 403
    assert client.submit(f"/answers/{answer.id}/delete").status_code == 303
    assert "two-year average" not in client.get(question.path).text
    assert client.get(f"/answers/{answer.id}/edit").status_code == 404


def test_of_two_who_edit_a_question_the_slower_sees_both_texts(question, app, signed_in):
    asker, curator = sign_in(app.test_client(), question.author), signed_in("curator")
    path = f"{question.path}/edit"
    opened = find_form(curator.get(path).text)
    title = "Should calls or population decide what we pay?"
    assert asker.submit(path, {"title": title}).status_code == 303
    told = curator.post(path, data=opened.filled_in({"stage": "running"}))
    assert told.status_code == 409
    assert "Ruth Delgado saved a newer version" in told.text
    assert title in told.text
    assert '<option value="running" selected>' in told.text
    again = find_form(told.text)
    assert curator.post(path, data=again.filled_in({"title": title})).status_code == 303


def test_the_asker_tells_what_was_decided(question, app, signed_in):
    asker = sign_in(app.test_client(), question.author)
    path = f"{question.path}/decision"
    assert asker.submit(path, {"decision": "x" * 601}).status_code == 422
    assert asker.submit(path, {"decision": "Half evenly, half by calls."}).status_code == 303
    assert "Half evenly, half by calls." in asker.get(question.path).text
    assert signed_in().get(path).status_code == 403


def test_the_question_after_the_first_page_of_answers(question, client):
    for number in range(21):
        add_answer(add_person(), question, f"answer number {number}.")
    page = client.get(question.path).text
    assert "answer number 20." not in page
    following = page.partition(f'href="{question.path}?answers=')[2].partition("#answers")[0]
    page = client.get(f"{question.path}?answers={following}").text
    assert "answer number 20." in page
    assert "answer number 19." not in page


def test_the_addresses_that_forms_are_sent_to_can_be_opened_again(question, client):
    answer = add_answer(add_person(), question)
    for path, leads_to in (
        (f"{question.path}/answers", f"{question.path}#answers"),
        (f"/posts/{question.id}/comments", f"{question.path}#comments"),
        (f"/answers/{answer.id}/comments", f"{answer.path}#comments"),
    ):
        assert client.get(path).location == leads_to
