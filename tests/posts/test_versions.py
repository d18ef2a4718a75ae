"""The versions of a post, and what differs between two of them."""

from collections.abc import Callable

import pytest
from flask import Flask

from forum.core.shapes import load
from forum.guides.actions import edit_guide
from forum.guides.forms import GuideShape
from forum.posts.queries.versions import Bit, differences, marked
from forum.questions.models import Question
from tests.factories.guides import add_guide, guide_record
from tests.factories.questions import add_question
from tests.support.page import PageClient

SignedIn = Callable[..., PageClient]


def told(old: dict[str, object], new: dict[str, object]) -> list[tuple[str, str, str]]:
    return [
        (part.label, part.how, "".join(bit.text for bit in part.bits if bit.how != "gone"))
        for part in differences("case", old, new)
    ]


def test_words_are_marked_where_they_differ() -> None:
    assert marked("Two towns share it.", "Three towns share it now.") == [
        Bit("Two ", "gone"), Bit("Three ", "new"), Bit("towns share ", "same"),
        Bit("it.", "gone"), Bit("it now.", "new"),
    ]  # fmt: skip


def test_a_long_text_is_compared_by_its_lines() -> None:
    line = "word " * 50 + "\n"
    bits = marked(line * 80 + "end", line * 80 + "other end")
    assert [bit.how for bit in bits] == ["same", "gone", "new"]


def test_fields_that_came_went_and_changed() -> None:
    old = {"title": "A title", "gaps": "Snow", "hide_org": True, "services": ["fire", "police"]}
    new = {"title": "A title", "summary": "Short", "hide_org": False, "services": ["fire"]}
    assert told(old, new) == [
        ("Summary", "new", "Short"),
        ("Services", "changed", "fire"),
        ("Gaps", "gone", ""),
        ("Hide org", "gone", ""),
    ]


def test_rows_are_known_by_their_name_wherever_they_stand() -> None:
    rows = [{"ref": f"case:{n}", "note": f"Note {n}"} for n in "abc"]
    a, b, c = rows
    assert told({"items": rows}, {"items": [c, a, b]}) == [("Items", "moved", "case:c\nNote: Note c")]
    changed = {**b, "note": "Another note"}
    assert [part[1:] for part in told({"items": rows}, {"items": [a, changed, c]})] == [
        ("changed", "case:b\nNote: Another note")
    ]
    assert [part[1] for part in told({"items": rows}, {"items": [a, c]})] == ["gone"]


def test_the_same_twice_stays_two() -> None:
    row = {"title": "Think", "note": "Who pays?"}
    assert told({"items": [row]}, {"items": [row, row]}) == [("Items", "new", "Think\nNote: Who pays?")]


def test_versions_are_for_who_may_edit(app: Flask, signed_in: SignedIn) -> None:
    asker = signed_in()
    with app.app_context():
        path = add_question(asker.person).path
    asker.submit(f"{path}/edit", {"title": "Another question altogether, is it?"}, action=f"{path}/edit")
    with app.app_context():
        path = Question.query.one().path
    for client in (asker, signed_in("curator")):
        page = client.get(f"{path}/versions").text
        assert "From version 1 to version 2" in page
        assert "<ins>" in page
    assert signed_in().get(f"{path}/versions").status_code == 403
    assert asker.get(f"{path}/versions?from=1&to=9").status_code == 404
    assert asker.get("/questions/not-there/versions").status_code == 404


@pytest.mark.parametrize(
    ("query", "words"), [("", "version 2 to version 3"), ("?from=1&to=3", "version 1 to version 3")]
)
def test_any_two_versions_of_a_guide_are_compared(
    app: Flask, signed_in: SignedIn, query: str, words: str
) -> None:
    curator = signed_in("curator")
    with app.app_context():
        guide = add_guide(curator.person)
        for n in (1, 2):
            edit_guide(curator.person, guide, load(GuideShape(), guide_record(gaps=f"Gap {n}")), n)
        path = guide.path
    page = curator.get(f"{path}/versions{query}").text
    assert f"From {words}" in page
    assert "What is missing" in page
    assert f'href="{path}/versions"' in curator.get(path).text
    first = curator.get(f"{path}/versions?from=0&to=1").text
    assert "Version 1 is the first" in first
