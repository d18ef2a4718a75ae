"""Composing an issue: what is offered, how it is put in order, and who may have it published."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.orm import Session, scoped_session
from time_machine import TimeMachineFixture

from forum.accounts.models import Person
from forum.core.db import write
from forum.core.errors import EditConflict, Forbidden, Invalid
from forum.core.shapes import load
from forum.digests import queries
from forum.digests.actions import approve_issue, discard_issue, save_issue, send_back, send_for_review
from forum.digests.forms import IssueShape
from forum.digests.models import Issue
from forum.digests.policy import approvable_by, approval_fault
from forum.digests.queries.picks import picks, ref_at
from forum.posts.actions import mark_useful
from forum.questions.actions import accept_answer
from tests.factories.cases import add_case, add_services
from tests.factories.digests import add_issue, issue_record
from tests.factories.guides import add_guide
from tests.factories.questions import add_answer, add_question
from tests.factories.resources import add_link
from tests.support.page import PageClient
from tests.support.people import add_person
from tests.support.statements import statements_of

Db = scoped_session[Session]
SignedIn = Callable[..., PageClient]


@pytest.fixture
def curator(session: Db) -> Person:
    add_services()
    return add_person("curator")


@pytest.fixture
def second(session: Db) -> Person:
    return add_person("curator")


def offered(issue: Issue, since: object = None) -> dict[str, list[str]]:
    """heading -> titles of what may be picked."""
    found = picks(issue, since)  # type: ignore[arg-type]  # a moment or None
    return {heading: [pick.card.title for pick in group] for heading, group in found}


# --- What is offered


def test_what_is_new_or_was_found_useful_since_the_last_issue_is_offered(
    curator: Person, second: Person, clock: TimeMachineFixture
) -> None:
    add_case(curator, title="An old case that nobody looked at again")
    useful = add_case(curator, title="An old case that somebody finds useful now")
    question = add_question(curator)
    answer = add_answer(second, question)
    add_answer(second, question, "This one was not accepted.")
    clock.shift(3600)
    last = add_issue(curator, add_case(curator, title="A case that the last issue had"), approver=second)
    clock.shift(3600)
    mark_useful(second, useful)
    accept_answer(curator, question, answer)
    clock.shift(3600)
    add_case(curator, title="A new case that nobody has marked yet")
    add_guide(curator, title="A new guide to sharing a clerk", reviewer=second)
    add_guide(curator, title="A draft of a guide, for curators alone")
    add_link(curator, title="A new handbook in the library")
    with write() as db:
        question.last_activity_at = last.published_at.replace(hour=23)
        db.flush()

    found = offered(Issue(id=0), last.published_at)
    assert found == {
        "Cases": [
            "A new case that nobody has marked yet",
            "An old case that somebody finds useful now",
        ],
        "Accepted answers": [question.title],
        "Guides": ["A new guide to sharing a clerk"],
        "Resources": ["A new handbook in the library"],
        "Older, in no issue yet": ["An old case that nobody looked at again"],
    }


def test_more_useful_stands_before_newer_and_before_the_first_issue_everything_is_new(
    curator: Person, second: Person, clock: TimeMachineFixture
) -> None:
    first = add_case(curator, title="The older of the two, found useful")
    clock.shift(60)
    add_case(curator, title="The newer of the two, not marked")
    mark_useful(second, first)
    titles = ["The older of the two, found useful", "The newer of the two, not marked"]
    assert offered(Issue(id=0))["Cases"] == titles


def test_what_is_hidden_is_not_offered(curator: Person) -> None:
    case = add_case(curator)
    with write():
        case.state = "hidden"
    assert offered(Issue(id=0)) == {}


def test_an_address_of_this_site_leads_to_what_everybody_may_read(curator: Person, second: Person) -> None:
    question = add_question(curator)
    answer = add_answer(second, question)
    resource = add_link(curator)
    assert ref_at(f"https://interlocal.example{question.path}?sort=new") == f"post:{question.id}"
    assert ref_at(f"{resource.path}/") == f"post:{resource.id}"
    assert ref_at(answer.path) == f"answer:{answer.id}"
    draft = add_guide(curator)
    for nothing in (
        "",
        "/",
        "/cases/",
        "/cases/no-such-case",
        "/about",
        draft.path,
        f"{question.path}/answers/9x",
    ):
        assert ref_at(nothing) == ""


# --- Writing it


def test_a_draft_may_lack_anything_and_keeps_the_order_of_its_items(
    curator: Person, second: Person, session: Db
) -> None:
    question = add_question(curator)
    answer, case, link = add_answer(second, question), add_case(curator), add_link(curator)
    issue = add_issue(curator, case, answer, title="", opening="", call="")
    save_issue(curator, issue, load(IssueShape(), issue_record(answer, case, picks=[f"post:{link.id}"])))
    session.expire_all()
    assert [(item.position, item.ref) for item in issue.items] == [
        (0, f"answer:{answer.id}"),
        (1, f"post:{case.id}"),
        (2, f"post:{link.id}"),
    ]
    assert [card.title for card in queries.issue_view(issue).cards] == [
        question.title,
        case.title,
        link.title,
    ]
    assert issue.body_html == "<p>Good morning. The <strong>costs</strong> are new.</p>"
    save_issue(curator, issue, load(IssueShape(), issue_record(link, more=case.path)))
    assert [item.ref for item in issue.items] == [f"post:{link.id}", f"post:{case.id}"]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"more": "/cases/no-such-case"}, "more"),
        ({"items": [{"ref": "post:999", "sentence": "Nothing."}]}, "items"),
        ({"items": [{"ref": "rumor:1", "sentence": "Nothing."}]}, "items"),
        ({"opening": "|a" * 300 + "\n" + "|-" * 300 + "\n|x" * 60}, "opening"),
    ],
)
def test_what_points_to_nothing_is_refused(curator: Person, changes: dict[str, object], path: str) -> None:
    issue = add_issue(curator)
    with pytest.raises(Invalid) as refused:
        save_issue(curator, issue, load(IssueShape(), issue_record(**changes)))
    assert list(refused.value.faults) == [path]


def test_of_two_who_save_at_once_the_second_sees_what_the_first_saved(
    curator: Person, second: Person
) -> None:
    issue = add_issue(curator)
    opened_at = issue.version
    save_issue(second, issue, load(IssueShape(), issue_record(title="Theirs")), opened_at)
    with pytest.raises(EditConflict) as conflict:
        save_issue(curator, issue, load(IssueShape(), issue_record(title="Mine")), opened_at)
    assert (conflict.value.current["title"], conflict.value.editor_name) == ("Theirs", second.name)


# --- Two people


def test_an_incomplete_issue_is_not_reviewed_and_all_that_is_missing_is_told(curator: Person) -> None:
    case, other = add_case(curator), add_case(curator, title="A case that is hidden afterwards")
    issue = add_issue(curator, case, other, title="", opening="")
    with write():
        issue.items[0].sentence = ""
        other.state = "hidden"
    with pytest.raises(Invalid) as refused:
        send_for_review(curator, issue)
    assert set(refused.value.faults) == {"title", "opening", "items-0-sentence", "items-1-ref"}
    with pytest.raises(Invalid) as refused:
        send_for_review(curator, add_issue(curator))
    assert list(refused.value.faults) == ["items"]


@pytest.mark.parametrize("role", ["curator", "admin"])
def test_nobody_approves_what_they_worked_on_whatever_their_role(session: Db, role: str) -> None:
    add_services()
    author, editor, third = add_person(role), add_person(role), add_person("curator")
    issue = add_issue(author, add_case(author))
    save_issue(editor, issue, load(IssueShape(), issue_record(add_case(author, title="Another case here"))))
    send_for_review(author, issue)
    for theirs in (author, editor, add_person("member")):
        assert approval_fault(theirs, issue)
        assert session.query(Issue).filter(approvable_by(theirs)).count() == 0
        with pytest.raises(Forbidden):
            approve_issue(theirs, issue)
    assert session.query(Issue).filter(approvable_by(third)).one() is issue
    assert [row.id for row in queries.queue(third, 10)] == [issue.id]
    assert (queries.count(third), queries.count(author)) == (1, 0)
    approve_issue(third, issue)
    assert (issue.state, issue.number, issue.approver_id) == ("published", 1, third.id)
    assert queries.count(third) == 0


def test_what_is_in_review_stands_still_until_it_is_sent_back_with_a_note(
    curator: Person, second: Person
) -> None:
    issue = add_issue(curator, add_case(curator))
    send_for_review(curator, issue)
    for change in (
        lambda: save_issue(second, issue, load(IssueShape(), issue_record())),
        lambda: discard_issue(second, issue),
        lambda: send_for_review(second, issue),
        lambda: send_back(add_person("member"), issue, "No."),
    ):
        with pytest.raises(Forbidden):
            change()
    send_back(second, issue, "The title promises too much.")
    assert (issue.state, issue.note) == ("draft", "The title promises too much.")
    send_for_review(curator, issue)
    approve_issue(second, issue)
    with pytest.raises(Forbidden):
        approve_issue(second, issue)
    with pytest.raises(Forbidden):
        discard_issue(curator, issue)


def test_issues_of_one_title_have_addresses_of_their_own(curator: Person, second: Person) -> None:
    case = add_case(curator)
    paths = [
        add_issue(curator, case, approver=second, title=title).path for title in ("A week", "A week", "Feed")
    ]
    assert paths == ["/digests/a-week", "/digests/a-week-2", "/digests/feed-2"]


# --- Over HTTP


def test_an_issue_is_composed_reviewed_and_published(app: Flask, signed_in: SignedIn) -> None:
    author, approver, visitor = signed_in("curator"), signed_in("moderator"), app.test_client()
    with app.app_context():
        add_services()
        case, link = add_case(add_person()), add_link(add_person("curator"))
        refs = [f"post:{case.id}", f"post:{link.id}"]
    path = author.submit("/curate/digests/").location
    page = author.get(path).text
    assert "In no issue yet" in page
    assert author.submit(path, {"picks": refs}, action=path).location == path
    assert author.get(path).text.count("data-row-move") == 4

    # Without scripts the order is changed by the server, and nothing is saved by it.
    form = {"items-0-sentence": "For the costs.", "items-1-sentence": "For the worksheets."}
    moved = author.submit(path, form | {"_rows": "down items 0"}, action=path)
    assert moved.status_code == 200
    assert moved.text.index("For the worksheets.") < moved.text.index("For the costs.")

    incomplete = author.submit(f"{path}/preview", action=f"{path}/review")
    assert incomplete.status_code == 422
    assert "Say why it is worth reading." in incomplete.text
    fields = form | {"title": "One center, two towns", "opening": "Good *morning*.", "then": "preview"}
    assert author.submit(path, fields, action=path).location == f"{path}/preview"
    author.submit(f"{path}/preview", action=f"{path}/review")
    assert author.get(path).location == f"{path}/preview"
    assert "another curator has to approve it" in author.get(f"{path}/preview").text
    assert author.get(f"{path}/approve").status_code == 405

    page = approver.get(f"{path}/preview").text
    assert "GOOD" not in page
    assert "ONE CENTER, TWO TOWNS" in page
    assert approver.submit(f"{path}/preview", {}, action=f"{path}/return").status_code == 422
    assert visitor.get("/digests/one-center-two-towns").status_code == 404
    assert "still to come" in visitor.get("/digests/").text
    published = approver.submit(f"{path}/preview", action=f"{path}/approve").location
    assert published == "/digests/one-center-two-towns"
    page = visitor.get(published).text
    assert "<em>morning</em>" in page
    assert page.index("For the costs.") < page.index("For the worksheets.")
    assert f'approved by <a class="byline__name" href="{approver.person.path}"' in page


def test_the_mail_in_the_preview_can_do_nothing(app: Flask, signed_in: SignedIn) -> None:
    author = signed_in("curator")
    with app.app_context():
        add_services()
        path = add_issue(author.person, add_case(add_person())).path
    response = author.get(f"{path}/mail")
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script-src" not in policy
    assert "<table" in response.text
    assert "frame-src 'self'" in author.get(f"{path}/preview").headers["Content-Security-Policy"]
    assert "frame-src" not in author.get(path).headers["Content-Security-Policy"]


def test_a_draft_is_thrown_away(app: Flask, signed_in: SignedIn) -> None:
    author = signed_in("curator")
    with app.app_context():
        add_services()
        path = add_issue(author.person, add_case(add_person()), title="Not good enough").path
    assert "Not good enough" in author.get("/curate/digests/").text
    author.submit(path, action=f"{path}/discard")
    assert "Not good enough" not in author.get("/curate/digests/").text
    assert author.get(path).status_code == 404


def test_whoever_saves_second_keeps_their_text(app: Flask, signed_in: SignedIn) -> None:
    author, other = signed_in("curator"), signed_in("curator")
    with app.app_context():
        add_services()
        path = add_issue(author.person, add_case(add_person())).path
    author.submit(path, {"title": "Saved first"}, action=path)
    late = other.submit(path, {"title": "Saved second", "version": "1"}, action=path)
    assert late.status_code == 409
    assert "Saved first" in late.text
    assert 'value="Saved second"' in late.text


def test_the_pages_take_few_statements_however_much_there_is(app: Flask, signed_in: SignedIn) -> None:
    author = signed_in("curator")
    counted = []
    with app.app_context():
        add_services()
        writer, approver = add_person("curator"), add_person("curator")
        cases = [add_case(writer, title=f"A case with the number {n}") for n in range(12)]
        answered = [add_question(writer, title=f"A question with the number {n}?") for n in range(4)]
        for question in answered:
            accept_answer(writer, question, add_answer(approver, question))
        few = add_issue(author.person, cases[0])
        many = add_issue(author.person, *cases)
        pages = [
            (few.path, many.path),
            (f"{few.path}/preview", f"{many.path}/preview"),
            (
                add_issue(author.person, cases[0], approver=approver).path,
                add_issue(author.person, *cases, approver=approver).path,
            ),
        ]
    for path in ("/nowhere", "/about"):
        author.get(path)  # what the header tells, and what is their own, is remembered
    for paths in pages:
        numbers = []
        for path in paths:
            with statements_of(app) as statements:
                assert author.get(path).status_code == 200
            numbers.append(len(statements))
        counted.append(numbers)
    assert all(one == other <= 24 for one, other in counted), counted
