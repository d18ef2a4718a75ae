"""From a thread to a record: an answer becomes a case, a question becomes a guide, and the thread points there."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.orm import Session, scoped_session

from forum.accounts.actions import find_or_make_organisation
from forum.case_studies.models import CaseOrigin, CaseStudy
from forum.core.db import db, write
from forum.core.jobs import Job, run_due
from forum.freshness.models import Freshness
from forum.guides.models import Guide
from forum.knowledge.guess import arrangement_in, bodies_in
from forum.posts.queries import current_record
from forum.questions.actions import accept_answer
from forum.questions.models import Answer, Question
from tests.factories.cases import add_case, add_services
from tests.factories.guides import add_guide
from tests.factories.questions import add_answer, add_question
from tests.factories.resources import add_link
from tests.support.page import PageClient
from tests.support.people import add_person

Db = scoped_session[Session]
SignedIn = Callable[..., PageClient]
ANSWER = (
    "We share an inspector with the Town of Birch and Alder County. The Town of Birch pays by the hour, the county by "
    "the year. **Write down who pays for sick leave** before the first winter."
)
FIELDS = {"arrangement": "shared_position"}


@pytest.fixture
def thread(app: Flask, signed_in: SignedIn) -> tuple[str, int, PageClient]:
    """(path of a question, id of the answer to it, the client of who answered)."""
    client = signed_in(name="Ana Answers", email="ana@example.com")
    with app.app_context():
        add_services()
        question = add_question(add_person(), services=["community-centers"])
        author = db.session.merge(client.person)
        with write():
            author.organisation_id = find_or_make_organisation(
                "Town of Alder", "municipality", region="Ohio"
            ).id
        return question.path, add_answer(author, question, body=ANSWER, from_experience=True).id, client


def test_a_curator_makes_a_case_of_an_answer_and_its_author_confirms_it(
    app: Flask, signed_in: SignedIn, thread: tuple[str, int, PageClient]
) -> None:
    path, answer_id, author = thread
    curator = signed_in("curator", name="Carl Curator")
    form = f"/answers/{answer_id}/case"
    assert f'href="{form}"' in curator.get(path).text
    page = curator.get(form).text
    for words in ("Town of Alder", "Town of Birch", "Alder County", "Alder and Birch share", "is credited"):
        assert words in page
    case_path = curator.submit(form, FIELDS, action=form).location
    with app.app_context():
        case, origin, kept = CaseStudy.query.one(), CaseOrigin.query.one(), Freshness.query.one()
        kept_id = kept.id
        assert (case.author_id, origin.credited_id, kept.owner_id) == (
            curator.person.id, author.person.id, author.person.id,
        )  # fmt: skip
        assert (case.source_kind, case.arrangement) == ("compiled_interview", "shared_position")
        assert "Write down who pays" in case.body
        run_due()
        (mail,) = Job.query.filter(Job.kind == "mail", Job.payload.is_not(None))
        assert mail.about == "" or "ana@example.com" in str(mail.payload)
    visitor = app.test_client()
    assert "Became a case:" in visitor.get(path).text
    page = visitor.get(case_path).text
    assert "Written up from an answer by" in page
    assert "not confirmed by them yet" in page
    assert "Not confirmed since" not in page
    assert curator.get(form).location == case_path, "there is one case of an answer"
    mine = author.get(case_path).text
    assert "Is it right?" in mine
    assert f'href="{case_path}/edit/basics"' in mine, "who is credited may put it right"
    asked = author.get("/still-right").text
    assert case_path in asked
    assert "Not confirmed by you yet" in asked
    assert "Not confirmed since" not in asked
    author.submit(case_path, action=f"/freshness/{kept_id}/confirm")
    page = visitor.get(case_path).text
    assert "not confirmed by them yet" not in page
    assert "Last confirmed by" in page


def test_who_answered_makes_the_case_themselves(
    app: Flask, thread: tuple[str, int, PageClient], signed_in: SignedIn
) -> None:
    path, answer_id, author = thread
    form = f"/answers/{answer_id}/case"
    other = signed_in()
    assert f'href="{form}"' not in other.get(path).text
    assert other.get(form).status_code == 403
    assert author.submit(form, FIELDS | {"title": "Too short"}, action=form).status_code == 422
    author.submit(form, FIELDS, action=form)
    with app.app_context():
        case = CaseStudy.query.one()
        assert (case.author_id, case.source_kind) == (author.person.id, "first_hand")
        assert Freshness.query.one().asked_at is None


def test_a_question_becomes_a_guide_and_points_to_it(
    app: Flask, signed_in: SignedIn, thread: tuple[str, int, PageClient]
) -> None:
    path, answer_id, author = thread
    curator, reviewer = signed_in("curator"), signed_in("curator")
    with app.app_context():
        question = Question.query.one()
        link, case = add_link(db.session.merge(curator.person)), add_case(add_person())
        body = (
            f"See {link.url} and [the form](https://example.com/form), as in http://here.example{case.path}."
        )
        second = add_answer(add_person(name="Bea"), question, body=body, cites=[case.path])
        accept_answer(question.author, question, second)
        refs = [f"answer:{second.id}", f"answer:{answer_id}", f"case:{case.slug}", f"resource:{link.url}"]
    assert "Make a guide of it" not in author.get(path).text
    edit = curator.submit(path, action=f"{path}/guide").location
    with app.app_context():
        guide = Guide.query.one()
        record = [item.get("ref") or item["title"] for item in _record(guide)["items"]]
        assert record == [*refs, "the form"]
        assert guide.origin_question_id == Question.query.one().id
        assert guide.summary == Question.query.one().title
    assert "Named by Bea." in curator.get(edit).text
    assert "Summarized in" in curator.get(path).text
    assert "Summarized in" not in app.test_client().get(path).text, "a draft is for curators"
    curator.submit(edit, {"intro": "What a thread taught us.", "then": "send"})
    guide_path = edit.removesuffix("/edit")
    reviewer.submit(guide_path, {"step": "publish"}, action=f"{guide_path}/step")
    page = app.test_client().get(path).text
    assert "Summarized in" in page
    assert guide_path in page
    assert path in app.test_client().get(guide_path).text
    with app.app_context():
        assert Question.query.one().status == "summarized"


def _record(guide: Guide) -> dict[str, list[dict[str, str]]]:
    return current_record(guide)


def test_a_deleted_answer_leaves_its_case(
    app: Flask, thread: tuple[str, int, PageClient], client: PageClient
) -> None:
    _path, answer_id, author = thread
    form = f"/answers/{answer_id}/case"
    case_path = author.submit(form, FIELDS, action=form).location
    with app.app_context(), write() as session:
        session.delete(session.get_one(Answer, answer_id))
    page = client.get(case_path).text
    assert "Written up from an answer by" in page
    assert f"/answers/{answer_id}" not in page


def test_bodies_are_read_off_a_text() -> None:
    text = (
        "Our City of Eau Claire works with Dunn County, the Lake Fire District and the University of Ohio. "
        "The County pays."
    )
    assert bodies_in(text) == [
        ("City of Eau Claire", "municipality"),
        ("Dunn County", "county"),
        ("Lake Fire District", "special_district"),
        ("University of Ohio", "college_university"),
    ]
    assert bodies_in("nobody in particular, and the county least of all") == []


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("We contract with the county for patrols.", "intergovernmental_contract"),
        ("Three towns share one building inspector.", "shared_position"),
        ("We share a street sweeper.", "equipment_sharing"),
        ("A nonprofit runs the center.", "public_nonprofit"),
        ("We have automatic aid on the border.", "mutual_aid"),
        ("It works well.", ""),
    ],
)
def test_the_kind_of_arrangement_is_read_off_a_text(text: str, key: str) -> None:
    assert arrangement_in(text) == key


def test_a_guide_without_an_origin_summarizes_nothing(session: Db) -> None:
    question = add_question(add_person())
    add_guide(add_person("curator"), reviewer=add_person("curator"))
    assert question.status == "open"


def test_an_answer_leaves_the_desk_once_it_is_a_case(
    app: Flask, signed_in: SignedIn, thread: tuple[str, int, PageClient]
) -> None:
    path, answer_id, author = thread
    form = f"/answers/{answer_id}/case"
    with app.app_context(), write():
        db.session.get_one(Answer, answer_id).body = ANSWER * 3
    curator = signed_in("curator")
    assert form in curator.get("/curate/desk/answers").text
    author.submit(form, FIELDS, action=form)
    assert form not in curator.get("/curate/desk/answers").text
    assert form not in curator.get(path).text
