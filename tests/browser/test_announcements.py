"""The line above the header in a real browser: written, heard once, put away by keyboard."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from forum.core.roles import Role
from tests.support.browser import assert_accessible, assert_no_sideways_scroll

TEXT = "A new, reduced dues rate for towns under 5,000 people begins in January."


def test_a_line_is_written_heard_once_and_put_away(visit: Callable[..., Page]) -> None:
    curator = visit(Role.CURATOR)
    curator.goto("/curate/announcements/new")
    curator.get_by_label("What is new").fill(TEXT)
    curator.get_by_label("Where it leads").fill("/about")
    curator.get_by_label("What the link says").fill("See who pays what")
    curator.get_by_role("button", name="Save").click()
    expect(curator.get_by_text("The announcement is saved.")).to_be_visible()

    reader = visit()
    reader.goto("/")
    line = reader.get_by_role("complementary", name="Announcement")
    expect(line).to_contain_text(TEXT)
    expect(reader.locator("#live")).to_have_text(f"Announcement: {TEXT} See who pays what")
    assert_accessible(reader)
    reader.set_viewport_size({"width": 320, "height": 700})
    assert_no_sideways_scroll(reader)
    reader.goto("/cases/")
    expect(line).to_be_visible()
    reader.wait_for_timeout(200)  # as long as it takes to be said
    expect(reader.locator("#live")).to_be_empty()

    line.get_by_role("button").focus()
    reader.keyboard.press("Enter")
    reader.wait_for_url("**/cases/")
    expect(line).to_have_count(0)
    reader.goto("/about")
    expect(line).to_have_count(0)


def test_a_line_is_put_away_without_scripts(visit: Callable[..., Page]) -> None:
    curator = visit(Role.CURATOR)
    curator.goto("/curate/announcements/new")
    curator.get_by_label("What is new").fill(TEXT)
    curator.get_by_role("button", name="Save").click()

    reader = visit(java_script_enabled=False)
    reader.goto("/about")
    reader.get_by_role("button", name="Do not show this announcement again").click()
    expect(reader.get_by_text(TEXT)).to_have_count(0)
