"""A guide's way to its readers: two people, remarks, and what happens to it later."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session
from time_machine import TimeMachineFixture

from forum.core.db import write
from forum.core.errors import Forbidden, Invalid
from forum.core.events import publish
from forum.core.jobs import Job
from forum.core.shapes import load
from forum.guides.actions import take_step, write_guide
from forum.guides.forms import DraftShape
from forum.guides.letters import tell_author
from forum.guides.policy import steps_open_to
from forum.links.events import LinkChecked
from forum.links.models import Link
from tests.factories.cases import add_services
from tests.factories.guides import add_guide
from tests.factories.resources import add_link
from tests.support.page import PageClient
from tests.support.people import add_person

Db = scoped_session[Session]
SignedIn = Callable[..., PageClient]


def test_from_a_draft_to_its_readers_and_back(session: Db, clock: TimeMachineFixture) -> None:
    author, reviewer = add_person("curator"), add_person("curator")
    guide = add_guide(author)
    began = guide.created_at
    take_step(author, guide, "send", "Please look at item 3.")
    with pytest.raises(Forbidden, match="Another curator"):
        take_step(author, guide, "publish")
    with pytest.raises(Invalid, match="Say what should change"):
        take_step(reviewer, guide, "return")
    take_step(reviewer, guide, "return", "Item 2 says too little.")
    assert (guide.state, guide.guide_state) == ("draft", "draft")
    take_step(author, guide, "send")
    clock.shift(3600)
    take_step(reviewer, guide, "publish")
    assert (guide.state, guide.guide_state, guide.reviewer_id) == ("visible", "published", reviewer.id)
    assert guide.created_at > began, "it is new to its readers now"
    published = guide.published_on
    take_step(author, guide, "refresh", "Two links are old.")
    assert (guide.state, guide.guide_state) == ("visible", "needs_refresh")
    take_step(author, guide, "send")
    take_step(author, guide, "withdraw")
    assert guide.guide_state == "needs_refresh"
    take_step(author, guide, "send")
    clock.shift(3 * 24 * 3600)
    take_step(reviewer, guide, "publish")
    assert guide.published_on == published
    assert guide.review_due
    assert guide.review_due.year == 2027
    take_step(author, guide, "archive")
    take_step(author, guide, "reopen")
    assert guide.guide_state == "needs_refresh"


def test_each_sees_the_steps_that_are_theirs(session: Db) -> None:
    author, reviewer, moderator = add_person("curator"), add_person("curator"), add_person("moderator")
    guide = add_guide(author)
    take_step(author, guide, "send")

    def keys(who: object) -> set[str]:
        return {step.key for step in steps_open_to(who, guide)}  # type: ignore[arg-type]

    assert keys(author) == {"withdraw", "remark"}
    assert keys(reviewer) == keys(moderator) == {"publish", "return", "remark"}
    assert keys(add_person()) == keys(None) == set()


def test_what_is_unfinished_is_not_sent_for_review_and_the_form_says_why(
    app: Flask, signed_in: SignedIn
) -> None:
    curator = signed_in("curator")
    with app.app_context():
        record = load(DraftShape(), {"title": "A guide that has only a title"})
        path = write_guide(curator.person, record).path
    page = curator.submit(path, {"step": "send"}, action=f"{path}/step", follow_redirects=True)
    assert "A guide has 3 to 25 items." in page.text
    assert "Enter the question that the guide answers." in page.text
    assert curator.submit(f"{path}/edit", {"then": "send"}).location == f"{path}/edit?check=1"


def test_the_remarks_are_read_by_curators_alone(app: Flask, signed_in: SignedIn) -> None:
    author, reviewer = signed_in("curator"), signed_in("curator")
    with app.app_context():
        path = add_guide(author.person).path
    author.submit(path, {"step": "send", "note": "For your eyes."}, action=f"{path}/step")
    page = reviewer.submit(path, {"step": "return"}, action=f"{path}/step")
    assert (page.status_code, "Say what should change." in page.text) == (422, True)
    reviewer.submit(path, {"step": "publish", "note": "Well done."}, action=f"{path}/step")
    for words in ("For your eyes.", "Well done.", "published it"):
        assert words in author.get(path).text
        assert words not in app.test_client().get(path).text
    assert reviewer.person.name in app.test_client().get(path).text
    assert signed_in().post(f"{path}/step", data={"step": "archive"}).status_code == 400


def test_an_archived_guide_keeps_its_page_and_leaves_the_list(app: Flask, signed_in: SignedIn) -> None:
    curator = signed_in("curator")
    with app.app_context():
        guide = add_guide(curator.person, reviewer=add_person("curator"))
        path, title = guide.path, guide.title
    visitor = app.test_client()
    assert title in visitor.get("/guides/").text
    curator.submit(path, {"step": "archive"}, action=f"{path}/step")
    assert title not in visitor.get("/guides/").text
    assert "This guide is archived" in visitor.get(path).text
    assert title in curator.get("/guides/drafts").text


def test_a_guide_invites_to_chime_in_about_its_services(app: Flask, client: PageClient) -> None:
    with app.app_context():
        author = add_person("curator")
        add_services()
        services = ["community-centers", "senior-centers"]
        guide = add_guide(author, reviewer=add_person("curator"), services=services)
        path, slug = guide.path, guide.slug
    page = client.get(path).text
    assert 'href="/cases/share?service=community-centers&amp;service=senior-centers"' in page
    assert (
        f'href="/library/suggest?services=community-centers&amp;services=senior-centers&amp;guide={slug}"'
        in page
    )


def test_the_author_is_mailed_what_another_did_and_said(session: Db) -> None:
    author, reviewer = (
        add_person("curator", email="ana@example.com"),
        add_person("curator", name="Olga Other"),
    )
    guide = add_guide(author)
    take_step(author, guide, "send", "Please.")
    take_step(reviewer, guide, "return", "Item 2 says too little.")
    (asked,) = Job.query.filter_by(kind="tell_author")
    tell_author(asked.payload)
    letters = [job.payload for job in Job.query.filter_by(kind="mail")]
    assert [(mail["to"], mail["subject"]) for mail in letters] == [
        ("ana@example.com", f"Olga Other asked for changes: {guide.title}")
    ]
    assert "Item 2 says too little." in letters[0]["letter"]["text"]


def test_a_guide_needs_a_refresh_when_a_link_in_it_breaks(session: Db) -> None:
    curator = add_person("curator")
    resource = add_link(curator)
    guide = add_guide(curator, f"resource:{resource.url}", reviewer=add_person("curator"))
    other = add_guide(curator, title="A guide without that link", reviewer=add_person("curator"))
    link = session.scalars(select(Link)).one()
    with write():
        publish(LinkChecked(link.id, "ok", "unreachable"))
    assert guide.guide_state == "published"
    with write():
        publish(LinkChecked(link.id, "unreachable", "broken"))
    assert (guide.guide_state, guide.state) == ("needs_refresh", "visible")
    assert other.guide_state == "published"
