"""An intern empties the desk without leaving the keyboard."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from forum.core.roles import Role


def test_ten_pieces_of_work_take_a_key_each(visit: Callable[..., Page]) -> None:
    page = visit(Role.CURATOR)
    page.goto("/curate/")
    jump = page.locator(".desk__jump a[href='#services']")
    before = int(jump.inner_text().split()[-1])
    page.keyboard.press("j")
    for n in range(10):
        expect(page.locator("[data-work] a:focus")).to_have_count(1)
        with page.expect_navigation():
            page.keyboard.press("2")
        expect(jump).to_contain_text(str(before - n - 1))


def test_a_note_and_back_again(visit: Callable[..., Page]) -> None:
    page = visit(Role.CURATOR)
    page.goto("/curate/desk/services")
    for key in "jj":
        page.keyboard.press(key)
    page.keyboard.press("n")
    page.keyboard.type("Ask Maya; 2 of us know it.")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    second = page.locator("[data-work]").nth(1)
    expect(second).to_contain_text("Ask Maya")
    expect(second.locator("a:focus")).to_have_count(1)
    page.keyboard.press("1")
    page.wait_for_url("**/edit")
    page.go_back()
    expect(page.locator("[data-work]").nth(1).locator("a:focus")).to_have_count(1)
