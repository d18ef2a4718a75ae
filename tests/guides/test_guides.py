"""Guides: how they are judged, who publishes them, and what their pages show."""

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from sqlalchemy.orm import Session, scoped_session
from time_machine import TimeMachineFixture

from forum.accounts.models import Person
from forum.core.db import write
from forum.core.errors import EditConflict, Forbidden, Invalid
from forum.core.shapes import load
from forum.guides.actions import edit_guide, write_guide
from forum.guides.forms import GuideShape
from forum.guides.models import Guide
from tests.factories.cases import add_case, add_services
from tests.factories.guides import add_guide, guide_record
from tests.factories.questions import add_question
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
def reviewer(session: Db) -> Person:
    return add_person("curator")


def load_guide(*refs: str, **changes: object) -> dict[str, object]:
    return load(GuideShape(), guide_record(*refs, **changes))


def test_a_guide_points_to_posts_of_every_kind_in_order(curator: Person, reviewer: Person) -> None:
    case, question, resource = add_case(curator), add_question(curator), add_link(curator)
    other = add_guide(curator, reviewer=reviewer)
    guide = add_guide(
        curator,
        f"case:{case.slug}",
        f"question:{question.slug}",
        f"resource:{resource.url}",
        f"guide:{other.slug}",
        reviewer=reviewer,
        start_here=[f"resource:{resource.url}"],
    )
    assert [item.post_id for item in guide.items] == [case.id, question.id, resource.id, other.id]
    assert [item.start_here for item in guide.items] == [False, False, True, False]
    assert guide.items[0].note_html == "<p>Read it for the <strong>costs</strong>.</p>"
    assert guide.summary == "Where does a busy manager start?"
    assert guide.body_html.startswith("<p>Most deals settle")


def test_an_item_that_points_to_nothing_is_named_by_its_place(curator: Person, session: Db) -> None:
    refs = [f"case:{add_case(curator).slug}"] * 3 + ["case:never-shared", "rumor:what-they-say"]
    with pytest.raises(Invalid) as refused:
        add_guide(curator, *refs)
    assert sorted(refused.value.faults) == ["items-3-ref", "items-4-ref"]
    assert session.query(Guide).count() == 0


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"items": []}, "items"),
        ({"items": [{"note": "Neither a title nor a post."}] * 3}, "items-0-title"),
        ({"items": [{"title": "A step"}] * 3}, "items-0-note"),
        ({"intro": "word " * 400}, "intro"),
        ({"takeaways": ["x" * 241]}, "takeaways"),
        ({"takeaways": [f"Lesson {n}" for n in range(8)]}, "takeaways"),
        ({"start_here": ["case:not-among-the-items"]}, "start_here"),
        ({"themes": ["gossip"]}, "themes"),
    ],
)
def test_what_breaks_a_rule_is_refused_beside_its_field(changes: dict[str, object], path: str) -> None:
    with pytest.raises(Invalid) as refused:
        load_guide(**changes)
    assert path in refused.value.faults


def test_a_curator_does_not_publish_a_draft_of_their_own(curator: Person, reviewer: Person) -> None:
    record = load_guide()
    for nobody_else in (None, curator):
        with pytest.raises(Forbidden):
            write_guide(curator, record, publish=True, reviewer=nobody_else)
    with pytest.raises(Forbidden):
        write_guide(curator, record, publish=True, reviewer=add_person("member"))
    assert write_guide(curator, record, publish=True, reviewer=reviewer).reviewer_id == reviewer.id
    assert write_guide(add_person("moderator"), record, publish=True).state == "visible"
    with pytest.raises(Forbidden):
        write_guide(add_person("member"), record)


def test_a_published_guide_is_due_for_review_after_a_year(
    curator: Person, reviewer: Person, clock: TimeMachineFixture
) -> None:
    clock.move_to(date(2028, 2, 29))
    guide = add_guide(curator, reviewer=reviewer)
    assert (guide.published_on, guide.review_due) == (date(2028, 2, 29), date(2029, 3, 1))
    assert guide.guide_state == "published"


def test_an_edit_replaces_the_items_and_keeps_the_rest(curator: Person, reviewer: Person) -> None:
    case, resource = add_case(curator), add_link(curator)
    guide = add_guide(curator, f"case:{case.slug}", reviewer=reviewer)
    edit_guide(reviewer, guide, load_guide(f"resource:{resource.url}", gaps="Snow removal."), opened_at=1)
    assert [(item.position, item.post_id) for item in guide.items] == [(0, resource.id), (1, None), (2, None)]
    assert (guide.version, guide.gaps, guide.state) == (2, "Snow removal.", "visible")
    longer = load_guide(*[f"case:{case.slug}"] * 5)
    edit_guide(curator, guide, longer, opened_at=2)
    assert [item.post_id for item in guide.items] == [case.id] * 5
    with pytest.raises(EditConflict):
        edit_guide(curator, guide, longer, opened_at=2)


def test_a_draft_is_seen_by_curators_and_nobody_else(app: Flask, signed_in: SignedIn) -> None:
    author = signed_in("curator")
    with app.app_context():
        draft = add_guide(author.person, title="A guide that nobody reviewed yet")
        path = draft.path
    for client in (app.test_client(), signed_in("member")):
        assert client.get(path).status_code == 404
        assert "A guide that nobody reviewed yet" not in client.get("/guides/").text
    for client in (author, signed_in("curator"), signed_in("moderator")):
        assert "This is a draft" in client.get(path).text
        assert "A guide that nobody reviewed yet" in client.get("/guides/drafts").text


def test_the_page_of_a_guide(curator: Person, reviewer: Person, client: PageClient) -> None:
    case, resource = add_case(curator), add_link(curator, publisher="Alder Press")
    record = guide_record(f"case:{case.slug}", f"resource:{resource.url}")
    for item, section in zip(
        record["items"], ("Run it together", "Run it together", "Before you sign"), strict=True
    ):
        item["section"] = section
    guide = add_guide(
        curator,
        reviewer=reviewer,
        items=record["items"],
        start_here=[f"case:{case.slug}"],
        takeaways=["Write down who pays for a breakdown."],
        gaps="Nobody has posted a snow agreement yet.",
        services=["community-centers"],
    )
    page = client.get(guide.path).text
    for words in (
        "If you have ten minutes",
        "Run it together",
        "Before you sign",
        "Think, step 3",
        "Write down who pays for a breakdown.",
        "Nobody has posted a snow agreement yet.",
        "Alder Press",
        curator.name,
        reviewer.name,
        "2 links",
        'href="/cases/share?service=community-centers"',
    ):
        assert words in page
    assert page.index("Run it together") < page.index("Before you sign")
    assert page.count(f'href="{case.path}"') == 2


def test_an_item_that_was_hidden_keeps_its_note_and_loses_its_name(
    curator: Person, reviewer: Person, client: PageClient
) -> None:
    case, resource = add_case(curator), add_link(curator)
    guide = add_guide(curator, f"case:{case.slug}", f"resource:{resource.url}", reviewer=reviewer)
    title, path = case.title, guide.path
    with write() as session:
        case.state = "hidden"
        session.delete(session.get_one(type(resource), resource.id))
    page = client.get(path).text
    assert title not in page
    assert page.count("No longer available") == 2
    assert page.count("Read it for the") == 2
    assert "0 links" in page


def test_notes_with_the_same_headings_stay_apart(
    curator: Person, reviewer: Person, client: PageClient
) -> None:
    items = [{"title": f"Step {n}", "note": "# Costs\n\nSee[^1].\n\n[^1]: The budget."} for n in range(3)]
    guide = add_guide(curator, reviewer=reviewer, items=items)
    assert client.get(guide.path).status_code == 200


def test_the_list_says_how_much_is_in_a_guide(curator: Person, reviewer: Person, client: PageClient) -> None:
    add_guide(curator, f"case:{add_case(curator).slug}", reviewer=reviewer, services=["senior-centers"])
    page = client.get("/guides/").text
    assert "1 annotated link" in page
    assert "Sharing a service" in client.get("/guides/?service=community-centers-facilities").text
    assert "No guide on this yet" in client.get("/guides/?service=community-centers").text


@pytest.mark.parametrize("role", [None, "curator"])
def test_the_pages_take_few_statements_however_long_they_are(
    app: Flask, signed_in: SignedIn, role: str | None
) -> None:
    client = signed_in(role) if role else app.test_client()
    with app.app_context():
        add_services()
        curator, reviewer = add_person("curator"), add_person("curator")
        refs = [f"resource:{add_link(curator).url}" for _ in range(24)]
        short = add_guide(curator, *refs[:3], reviewer=reviewer).path
        long = add_guide(curator, *refs, reviewer=reviewer, start_here=refs[:3]).path
    counted = []
    for path in ("/nowhere", "/about"):
        client.get(path)  # what the header tells, and what is their own, is remembered
    for path in (short, long, "/guides/"):
        with statements_of(app) as statements:
            assert client.get(path).status_code == 200
        counted.append(len(statements))
    assert counted[0] == counted[1] <= 12
    assert counted[2] <= 8
