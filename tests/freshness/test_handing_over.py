"""Records are handed over when people leave: the new owner is told, and what went before is kept."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.orm import Session, scoped_session
from time_machine import TimeMachineFixture

from forum.case_studies.policy import may_edit_case
from forum.core.clock import today
from forum.core.db import db
from forum.core.errors import Forbidden, Invalid
from forum.core.jobs import Job
from forum.freshness import actions, queries
from forum.freshness.letters import tell_owner
from forum.freshness.models import Freshness, Handover
from tests.factories.cases import add_case
from tests.factories.guides import add_guide
from tests.factories.search import add_vocabulary
from tests.support.page import PageClient
from tests.support.people import add_person

SignedIn = Callable[..., PageClient]


def test_an_owner_hands_over_by_name_and_the_new_one_is_told(
    app: Flask, signed_in: SignedIn, clock: TimeMachineFixture
) -> None:
    ana, bo, other = signed_in(name="Ana Author"), signed_in(name="Bo Baker"), signed_in()
    with app.app_context():
        add_vocabulary()
        case = add_case(db.session.merge(ana.person), services=["dispatch"])
        path, form = case.path, f"/freshness/{Freshness.query.one().id}/hand-over"
    assert "Ana Author answers for this" in ana.get(path).text
    assert "answers for this" not in other.get(path).text
    assert other.get(form).status_code == 403
    assert "There is no member of this name" in ana.submit(form, {"to": "Bo Butcher"}).text
    assert "answers for it already" in ana.submit(form, {"to": "ana author"}).text
    done = ana.submit(form, {"to": "bo baker"})
    assert (done.status_code, done.location) == (303, path)
    assert "Bo Baker answers for it from now on" in ana.get(path).text

    assert "You answer for this. Is it right?" in bo.get(path).text
    assert "Bring it up to date" in bo.get("/still-right").text
    assert ana.get(form).status_code == 403
    with app.app_context():
        tell_owner(Job.query.filter_by(kind="tell_owner").one().payload)
        mail = Job.query.filter_by(kind="mail").one().payload
    assert mail["to"] == bo.person.email
    assert "You answer for this now" in mail["subject"]
    assert "Ana Author handed this over to you" in mail["letter"]["text"]

    bo.submit(path, action=form.replace("hand-over", "confirm"))
    text = bo.get(form).text
    assert "Bo Baker answers for it" in text
    assert "From Ana Author to Bo Baker" in text


def test_who_may_hand_over_and_to_whom(session: scoped_session[Session], clock: TimeMachineFixture) -> None:
    add_vocabulary()
    author, member, curator, admin = (add_person(role) for role in ("member", "member", "curator", "admin"))
    case = add_case(author, services=["dispatch"])
    guide = add_guide(curator, reviewer=admin)
    of_case, of_guide = Freshness.query.order_by(Freshness.kind)
    with pytest.raises(Forbidden):
        actions.hand_over(member, of_case, member)
    with pytest.raises(Invalid, match="Curators answer for guides"):
        actions.hand_over(curator, of_guide, member)
    actions.hand_over(admin, of_guide, admin)
    assert queries.owner_of(guide.id) == admin.id
    assert not may_edit_case(member, case)
    actions.hand_over(curator, of_case, member)
    assert may_edit_case(member, case), "who answers for it can bring it up to date"
    assert of_case.confirmed_on == today(), "nobody has confirmed it by handing it over"
    assert of_case.confirmed_by_id is None
    actions.hand_over(member, of_case, author)
    assert [
        (one.from_id, one.to_id, one.by_id) for one in Handover.query.filter_by(freshness_id=of_case.id)
    ] == [
        (author.id, member.id, curator.id),
        (member.id, author.id, member.id),
    ]


def test_of_two_with_one_name_the_address_tells(app: Flask, signed_in: SignedIn) -> None:
    client = signed_in()
    with app.app_context():
        add_vocabulary()
        add_case(db.session.merge(client.person), services=["dispatch"])
        form = f"/freshness/{Freshness.query.one().id}/hand-over"
        _first, second = (add_person(name="Kim Lee") for _ in range(2))
        id_, slug = second.id, second.slug
    assert "There are several of this name" in client.submit(form, {"to": "Kim Lee"}).text
    assert client.submit(form, {"to": f"http://localhost/people/{slug}"}).status_code == 303
    with app.app_context():
        assert Freshness.query.one().owner_id == id_
