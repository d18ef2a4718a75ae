"""What a guide shows may change after its review: its curators learn it."""

from collections.abc import Callable

from flask import Flask
from sqlalchemy.orm import Session, scoped_session
from time_machine import TimeMachineFixture

from forum.accounts.models import Person
from forum.case_studies.actions import save_card
from forum.core.db import db
from forum.core.shapes import load
from forum.desk.queries import n_waiting, one_queue
from forum.freshness import actions as freshness
from forum.freshness.models import Freshness
from forum.guides.actions import edit_guide
from forum.guides.forms import GuideShape
from forum.guides.models import Guide, GuideItem
from forum.moderation.actions import hide
from forum.posts.models import Post
from forum.posts.queries import current_record
from forum.questions.actions import edit_answer
from tests.factories.cases import add_case, add_services
from tests.factories.guides import add_guide
from tests.factories.questions import add_answer, add_question
from tests.factories.resources import add_link
from tests.support.page import PageClient
from tests.support.people import add_person


def changed(guide: Guide) -> list[int]:
    return sorted(
        db.session.scalars(
            db.select(GuideItem.position).where(
                GuideItem.guide_id == guide.id, GuideItem.changed_at.is_not(None)
            )
        )
    )


def edit_status(author: Person, case: Post, status: str) -> None:
    save_card(author, case, "status", {"status": status}, None)  # type: ignore[arg-type]


def test_what_changed_after_the_review_is_told_until_somebody_has_looked(
    session: scoped_session[Session], clock: TimeMachineFixture
) -> None:
    add_services()
    author, curator, reviewer = add_person(), add_person("curator"), add_person("curator")
    moderator = add_person("moderator")
    case, link = add_case(author), add_link(curator)
    answer = add_answer(author, add_question(curator))
    refs = (f"case:{case.slug}", f"resource:{link.url}", f"answer:{answer.id}")
    edit_status(author, case, "pilot")
    guide = add_guide(curator, *refs, reviewer=reviewer)
    assert changed(guide) == [], "what was changed before, the reviewer saw"
    assert n_waiting(curator) == 0
    clock.shift(3600)

    edit_status(author, case, "in_effect")
    hide(moderator, link, "It sells something.")
    edit_answer(author, answer, "We use a five-year average now.", from_experience=False, cites=[])
    assert changed(guide) == [0, 1, 2]
    (work,) = one_queue(curator, "guides").work
    assert (work.title, list(work.facts)) == (guide.title, ["Published", "3 items changed since the review"])
    assert n_waiting(curator) == 1

    record = current_record(guide)
    record["items"] = [record["items"][index] for index in (2, 0, 1)]
    edit_guide(curator, guide, load(GuideShape(), record), guide.version)
    record["items"] = [record["items"][1], *({"title": "Think", "note": "Ask."} for _ in range(2))]
    edit_guide(curator, guide, load(GuideShape(), record), guide.version)
    assert changed(guide) == [0], "the marks move with what they are about"

    freshness.confirm(reviewer, session.query(Freshness).filter_by(post_id=guide.id).one())
    assert changed(guide) == []
    assert one_queue(curator, "guides").n == 0


def test_a_curator_sees_which_items_and_confirms_with_one_press(
    app: Flask, signed_in: Callable[..., PageClient]
) -> None:
    client = signed_in("curator")
    with app.app_context():
        add_services()
        author = add_person()
        case = add_case(author, title="Two towns share a dispatch center")
        guide = add_guide(add_person("curator"), f"case:{case.slug}", reviewer=add_person("curator"))
        path = guide.path
        edit_status(author, case, "pilot")
        kept = db.session.query(Freshness).filter_by(post_id=guide.id).one().id
    words = "1 item changed since the review"
    assert words in client.get(path).text
    assert words in client.get("/curate/").text
    assert "Changed since the review" in client.get("/guides/drafts").text
    assert words not in app.test_client().get(path).text, "readers see the items as they are"
    assert client.submit(path, action=f"/freshness/{kept}/confirm").location == path
    for page in (path, "/curate/", "/guides/drafts"):
        assert "hanged since the review" not in client.get(page).text
