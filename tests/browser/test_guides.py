"""A guide from the first word to its readers: by keyboard, by dragging, and without scripts."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from forum.core.roles import Role
from tests.support.browser import assert_accessible

TITLE = "How towns share a building inspector"


def pick(page: Page, words: str, note: str) -> None:
    """Find something in the editor by keyboard, and say why it is worth reading."""
    page.locator("#f-find").focus()
    page.keyboard.type(words)
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.type(note)


def notes(page: Page) -> list[str]:
    return [field.input_value() for field in page.locator("textarea[name$='-note']").all()]


def test_a_guide_is_written_by_keyboard_and_published_by_another(visit: Callable[..., Page]) -> None:
    writer, reviewer = visit(Role.CURATOR), visit(Role.MODERATOR)
    writer.goto("/guides/write")
    writer.locator("#f-title").fill(TITLE)
    writer.locator("#f-answers").fill("Where do we begin?")
    writer.locator("#f-intro").fill("Inspectors are rare, and towns are many.")
    for n, words in enumerate(("inspector", "dispatch", "library")):
        pick(writer, words, f"Note {n}")
    writer.locator("[data-row-add]").focus()
    writer.keyboard.press("Enter")
    writer.keyboard.type("Think first")
    writer.locator("#f-items-3-note").fill("Note 3")
    assert_accessible(writer)
    up = writer.locator("[data-row-at='3'] [data-row-move=up]")
    for _ in range(3):
        up.first.focus()
        writer.keyboard.press("Enter")
        up = writer.locator(":focus")
    assert notes(writer) == ["Note 3", "Note 0", "Note 1", "Note 2"]
    writer.get_by_role("button", name="Save and send for review").click()
    expect(writer.get_by_role("heading", level=1)).to_have_text(TITLE)
    expect(writer.get_by_role("button", name="Publish")).to_have_count(0)

    reviewer.goto("/guides/drafts")
    reviewer.get_by_role("link", name=TITLE).click()
    reviewer.get_by_label("A note", exact=False).fill("Well done.")
    reviewer.get_by_role("button", name="Publish").click()
    expect(reviewer.get_by_text("published it")).to_be_visible()
    visitor = visit()
    visitor.goto("/guides/")
    visitor.get_by_role("link", name=TITLE).click()
    expect(visitor.get_by_text("reviewed by Mona Moderator")).to_be_visible()


def test_an_item_is_dragged_to_its_place_and_back_again(visit: Callable[..., Page]) -> None:
    page = visit(Role.CURATOR)
    page.goto("/guides/write")
    for n, words in enumerate(("inspector", "dispatch", "library")):
        pick(page, words, f"Note {n}")

    def drag(*, give_up: bool) -> None:
        heading = page.locator("[data-row-at='0'] > legend")
        heading.scroll_into_view_if_needed()
        box, last = heading.bounding_box(), page.locator("[data-row-at='2']").bounding_box()
        assert box
        assert last
        page.mouse.move(box["x"] + 10, box["y"] + 10)
        page.mouse.down()
        page.mouse.move(box["x"] + 10, last["y"] + last["height"] + 200, steps=8)
        expect(page.locator("[data-rows=items] > [data-row-at]").nth(2)).to_have_class(
            "rows__row rows__row--dragged"
        )
        if give_up:
            page.keyboard.press("Escape")
        page.mouse.up()

    drag(give_up=True)
    assert notes(page) == ["Note 0", "Note 1", "Note 2"]
    drag(give_up=False)
    assert notes(page) == ["Note 1", "Note 2", "Note 0"]
    assert (
        page.locator("[data-rows=items] > [data-row-at='2'] textarea").get_attribute("name") == "items-2-note"
    )


@pytest.mark.parametrize("width", [1360, 320])
def test_a_guide_is_written_without_scripts(visit: Callable[..., Page], width: int) -> None:
    page = visit(Role.CURATOR, java_script_enabled=False)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto("/guides/write")
    page.locator("#f-title").fill(TITLE)
    for words in ("inspector", "dispatch"):
        page.locator("#f-find").fill(words)
        page.locator("#f-find").press("Enter")
        page.locator("[value^='take ']").first.click()
    page.locator("[value='down items 0']").click()
    titles = page.locator("[data-target-link]")
    expect(titles).to_have_count(2)
    first = titles.first.text_content() or ""
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    expect(page.locator(".guide-item a").first).to_have_text(first)
