"""An issue of the digest by keyboard alone, composed by one and approved by another; and again without scripts."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from forum.core.roles import Role
from tests.browser.test_journeys import follow, press_on, reach, type_into
from tests.support.browser import assert_accessible, assert_no_sideways_scroll

TITLE = "Two towns, one fire station"


def look(page: Page) -> None:
    """No barrier, wide and narrow, by day and by night."""
    for width in (1360, 390):
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of its literals
            assert_accessible(page)
    page.set_viewport_size({"width": 320, "height": 700})
    assert_no_sideways_scroll(page)
    page.set_viewport_size({"width": 1360, "height": 900})


def test_an_issue_is_composed_and_approved_by_keyboard(visit: Callable[..., Page]) -> None:
    author, approver, reader = visit(Role.CURATOR), visit(Role.MODERATOR), visit()
    author.goto("/curate/digests/")
    look(author)
    follow(author, "main form .button.primary")
    look(author)
    for n in range(3):
        reach(author, f"#f-picks{f'-{n + 1}' if n else ''}")
        author.keyboard.press("Space")
    follow(author, ".digest-desk__picks .button")
    type_into(author, "#f-title", TITLE)
    type_into(author, "#f-opening", "Good morning.")
    for n, why in enumerate(("For the costs.", "For the text.", "For the end of it.")):
        type_into(author, f"#f-items-{n}-sentence", why)
    author.locator("#f-title").focus()

    # The last item goes up twice; the focus goes with it.
    reach(author, '[data-row-at="2"] [data-row-move="up"]')
    author.keyboard.press("Enter")
    author.keyboard.press("Enter")
    expect(author.locator('[data-row-at="0"] [data-row-move="up"]')).to_be_focused()
    assert [author.locator(f"#f-items-{n}-sentence").input_value() for n in range(3)] == [
        "For the end of it.",
        "For the costs.",
        "For the text.",
    ]
    look(author)
    follow(author, 'button[name="then"]')
    frame = author.frame_locator("iframe")
    expect(frame.get_by_text("For the end of it.")).to_be_visible()
    look(author)
    follow(author, 'form[action$="/review"] button')
    expect(author.get_by_text("another curator has to approve it")).to_be_visible()

    approver.goto(author.url)
    look(approver)
    follow(approver, 'form[action$="/approve"] button')
    expect(approver.get_by_role("heading", level=1)).to_have_text(TITLE)

    reader.goto("/")
    follow(reader, 'footer a[href="/digests/"]')
    look(reader)
    follow(reader, "main h2 a")
    look(reader)
    sentences = reader.locator("main .feed__row").all_inner_texts()
    assert [re.findall("For the [^.]*", text)[0] for text in sentences] == [
        "For the end of it",
        "For the costs",
        "For the text",
    ]


def test_an_issue_is_put_in_order_without_scripts(visit: Callable[..., Page]) -> None:
    page = visit(Role.CURATOR, java_script_enabled=False)
    page.goto("/curate/digests/")
    follow_by_click(page, "main form .button.primary")
    for n in range(2):
        page.locator("[name=picks]").nth(n).check()
    follow_by_click(page, ".digest-desk__picks .button")
    page.fill("#f-items-0-sentence", "First.")
    page.fill("#f-items-1-sentence", "Second.")
    follow_by_click(page, '[data-row-at="1"] [data-row-move="up"]')
    assert page.locator("#f-items-0-sentence").input_value() == "Second."
    follow_by_click(page, 'button[name="then"]')
    page.goto("/digests/subscription")
    follow_by_click(page, "main form .button.primary")
    expect(page.get_by_text("The next issue comes to")).to_be_visible()


def follow_by_click(page: Page, selector: str) -> None:
    """Press a button with the mouse and wait for the page that it leads to."""
    with page.expect_navigation():
        page.locator(selector).click()


def test_subscribing_by_keyboard(visit: Callable[..., Page]) -> None:
    page = visit(Role.MEMBER)
    page.goto("/settings")
    follow(page, 'main a[href="/digests/subscription"]')
    look(page)
    reach(page, "[name=about]")
    page.keyboard.press("ArrowDown")
    follow(page, "main form .button.primary")
    look(page)
    expect(page.get_by_text("Choose at least one service").first).to_be_visible()
    press_on(page, "[name=domains]", "Space")
    follow(page, "main form .button.primary")
    expect(page.get_by_text("It comes to member@example.com")).to_be_visible()
