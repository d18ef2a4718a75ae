"""Writing a guide: by its form, without scripts, from a title to twenty-five items."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.orm import Session, scoped_session

from forum.core.db import write
from forum.guides.models import Guide
from forum.posts.queries.targets import find_targets, ref_of_address, targets_of
from tests.factories.cases import add_case, add_services
from tests.factories.guides import add_guide
from tests.factories.questions import add_answer, add_question
from tests.factories.resources import add_link
from tests.support.forms import find_form
from tests.support.page import PageClient
from tests.support.people import add_person
from tests.support.statements import statements_of

SignedIn = Callable[..., PageClient]
TITLE = "How towns share a building inspector"


@pytest.fixture
def curator(signed_in: SignedIn) -> PageClient:
    return signed_in("curator")


def test_a_title_is_enough_to_keep_a_draft(app: Flask, curator: PageClient) -> None:
    page = curator.submit("/guides/write", {"title": TITLE})
    assert page.location == "/guides/how-towns-share-a-building-inspector"
    with app.app_context():
        guide = Guide.query.one()
        assert (guide.state, guide.guide_state, guide.items) == ("draft", "draft", [])
    assert curator.submit("/guides/write", {"title": "Too short"}).status_code == 422


def test_members_do_not_write_guides(signed_in: SignedIn) -> None:
    for path in ("/guides/write", "/guides/find?q=inspector", "/guides/drafts"):
        assert signed_in().get(path).status_code == 403


def test_items_are_found_added_and_put_in_order_without_scripts(app: Flask, curator: PageClient) -> None:
    with app.app_context():
        add_services()
        author = add_person("curator")
        case = add_case(author, title="Three towns share one building inspector")
        answer = add_answer(
            author, add_question(author), body="Our inspector serves three towns, and it works."
        )
        refs = {f"case:{case.slug}", f"answer:{answer.id}"}
    sent = {"title": TITLE, "items-0-title": "Think first", "items-0-note": "Who pays?"}
    page = curator.post("/guides/write", data=sent | {"find": "inspector", "csrf_token": token(curator)})
    assert all(f'value="take {ref}"' in page.text for ref in refs), "Enter in the field finds"
    assert page.status_code == 200
    for ref in sorted(refs):
        sent |= {"_rows": f"take {ref}", "csrf_token": token(curator)}
        page = curator.post("/guides/write", data=sent)
        row = page.text.count("data-row-at=") - 2
        sent[f"items-{row}-ref"] = ref
        sent[f"items-{row}-note"] = f"Note {row}"
    assert "Think first" in page.text
    moved = curator.post("/guides/write", data=sent | {"_rows": "up items 2"})
    assert moved.text.index("Note 1") > moved.text.index('value="case:')
    del sent["_rows"]
    assert curator.post("/guides/write", data=sent).status_code == 303
    with app.app_context():
        items = Guide.query.one().items
        assert [(item.title, item.post_id, item.answer_id) for item in items] == [
            ("Think first", None, None), ("", None, answer.id), ("", case.id, None),
        ]  # fmt: skip


def token(client: PageClient) -> str:
    return find_form(client.get("/guides/write").text).values["csrf_token"][0]


def test_what_is_ticked_comes_first_and_at_most_three_do(app: Flask, curator: PageClient) -> None:
    with app.app_context():
        author = add_person("curator")
        add_services()
        refs = [f"resource:{add_link(author).url}" for _ in range(4)]
        path = add_guide(curator.person, *refs, start_here=refs[:1]).path
    form = curator.get(f"{path}/edit").text
    assert form.count(" checked") == 1
    four = {f"items-{n}-first": "yes" for n in range(4)}
    page = curator.submit(f"{path}/edit", four)
    assert (page.status_code, "At most 3 items can come first." in page.text) == (422, True)
    curator.submit(f"{path}/edit", {"items-1-first": "yes", "takeaways": "One.\n\nTwo, and more.\n"})
    with app.app_context():
        guide = Guide.query.one()
        assert [item.start_here for item in guide.items] == [True, True, False, False]
        assert guide.takeaways == ["One.", "Two, and more."]


def test_what_is_published_stays_whole(app: Flask, curator: PageClient) -> None:
    with app.app_context():
        path = add_guide(add_person("curator"), reviewer=add_person("curator")).path
    page = curator.submit(f"{path}/edit", {"items-2-note": "", "intro": ""})
    assert page.status_code == 422
    assert "Say in your own words why this is worth reading." in page.text
    assert "Open the guide" in page.text


def test_two_who_edit_at_once_lose_nothing(app: Flask, curator: PageClient, signed_in: SignedIn) -> None:
    with app.app_context():
        path = add_guide(curator.person).path
    other = signed_in("curator", name="Olga Other")
    mine = find_form(curator.get(f"{path}/edit").text).filled_in({"intro": "What I wrote."})
    other.submit(f"{path}/edit", {"intro": "What Olga wrote."})
    page = curator.post(f"{path}/edit", data=mine)
    assert page.status_code == 409
    for words in ("Olga Other", "What Olga wrote.", "What I wrote."):
        assert words in page.text
    again = find_form(page.text).filled_in({})
    assert curator.post(f"{path}/edit", data=again).status_code == 303


def test_an_item_that_was_hidden_does_not_keep_a_guide_from_being_saved(
    app: Flask, curator: PageClient
) -> None:
    with app.app_context():
        author = add_person()
        question = add_question(author)
        answer = add_answer(author, question)
        path = add_guide(curator.person, f"question:{question.slug}", f"answer:{answer.id}").path
        with write():
            question.state = "hidden"
    assert curator.submit(f"{path}/edit", {"gaps": "Something."}).status_code == 303
    assert curator.get(path).text.count("No longer available") == 2


def test_the_field_that_suggests_knows_words_and_addresses(app: Flask, curator: PageClient) -> None:
    with app.app_context():
        add_services()
        author = add_person("curator")
        case = add_case(author, title="Three towns share one building inspector")
        answer = add_answer(author, add_question(author))
        link = add_link(author)
        named = f"case:{case.slug}"
        addresses = {
            f"https://here.example{case.path}": named,
            f"{case.path}/": named,
            f"/questions/x/answers/{answer.id}": f"answer:{answer.id}",
            f"/questions/x#answer-{answer.id}": f"answer:{answer.id}",
            f"/library/{link.slug}": f"resource:{link.slug}",
            link.url: f"resource:{link.url}",
        }
        for address, ref in addresses.items():
            assert [target.ref for target in find_targets(curator.person, address)] == [ref]
    found = curator.get("/guides/find?q=three towns sh").json
    assert found
    assert found[0]["ref"] == named
    assert curator.get("/guides/find?q=a").json == []


@pytest.mark.parametrize(
    "address", ["", "/", "/cases/", "/people/x", "/cases/x/edit/costs", "http://[", "x y"]
)
def test_other_addresses_point_to_nothing(address: str) -> None:
    assert ref_of_address(address) == ""


def test_odd_references_are_simply_not_found(session: scoped_session[Session]) -> None:
    odd = [
        "answer:",
        "answer:x",
        "answer:99999999999999",
        "answer:-1",
        "case:",
        ":",
        "nothing",
        "resource:http://[",
    ]
    assert targets_of(None, odd) == {}


def test_the_form_takes_few_statements_however_many_items_it_has(app: Flask, curator: PageClient) -> None:
    with app.app_context():
        add_services()
        author = add_person("curator")
        refs = [f"resource:{add_link(author).url}" for _ in range(20)]
        paths = [add_guide(curator.person, *refs[:3]).path, add_guide(curator.person, *refs).path]
    counted = []
    curator.get(paths[0])  # compiled, and what the header tells is remembered
    for path in paths:
        with statements_of(app) as statements:
            assert curator.get(f"{path}/edit").status_code == 200
        counted.append(len(statements))
    assert counted[0] == counted[1]
