"""Every journey with the keyboard alone, and again without scripts: join, share, enrich, ask, answer, accept,
comment, edit."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from forum.core.roles import Role
from tests.browser.conftest import PASSWORD
from tests.support.browser import assert_accessible

TITLE = "Three towns share one building inspector"
SUMMARY = (
    "Alder employs the inspector. Birch and Cedar each buy a day a week and pay by the hour. "
    "The three managers meet every quarter."
)
QUESTION = "Who pays when a shared inspector is on sick leave?"
DETAILS = (
    "Three small towns share one inspector. She was away for six weeks, and nobody knew who pays for cover."
)
ANSWER = "We wrote a month of cover into the hourly rate, and it has been enough for four years."

# More presses of Tab than any page has stops.
MANY = 400


def reach(page: Page, selector: str) -> None:
    """Press Tab until the focus is on what the selector names."""
    for _ in range(MANY):
        if page.evaluate("selector => document.activeElement?.matches(selector) ?? false", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reaches {selector} on {page.url}")


def type_into(page: Page, selector: str, text: str) -> None:
    reach(page, selector)
    page.keyboard.type(text)


def press_on(page: Page, selector: str, key: str = "Enter") -> None:
    reach(page, selector)
    page.keyboard.press(key)


def follow(page: Page, selector: str) -> None:
    """Press Enter on a link or a button and wait for the page that it leads to."""
    reach(page, selector)
    with page.expect_navigation():
        page.keyboard.press("Enter")


@pytest.fixture
def no_scripts(visit: Callable[..., Page]) -> Callable[..., Page]:
    return lambda role=None: visit(role, java_script_enabled=False)


# --- By keyboard


def test_joining_by_keyboard(visit: Callable[..., Page]) -> None:
    page = visit()
    page.goto("/")
    follow(page, 'a[href="/join"]')
    type_into(page, "#f-name", "Nora Newcomer")
    type_into(page, "#f-email", "nora@example.com")
    type_into(page, "#f-password", "short")
    follow(page, "main form .button.primary")
    expect(page.get_by_role("alert")).to_be_focused()
    assert page.locator("#f-name").input_value() == "Nora Newcomer"
    assert page.locator("#f-password").input_value() == ""
    assert_accessible(page)
    type_into(page, "#f-password", PASSWORD)
    follow(page, "main form .button.primary")
    expect(page.get_by_text("Welcome")).to_be_visible()
    expect(page.get_by_role("link", name="Sign in")).to_have_count(0)


def test_sharing_a_case_with_three_parties_and_costs_by_keyboard(visit: Callable[..., Page]) -> None:
    page = visit(Role.MEMBER)
    page.goto("/")
    follow(page, 'a[href="/share"]')
    follow(page, 'main a[href="/cases/share"]')
    type_into(page, "#f-title", TITLE)
    type_into(page, "[data-combobox-multiple] input", "inspection")
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    for n, name in enumerate(("Town of Alder", "Town of Birch", "Town of Cedar")):
        if n == 2:
            press_on(page, "[data-row-add]")
            expect(page.locator("#f-parties-2-name")).to_be_focused()
        reach(page, f"#f-parties-{n}-name")
        page.keyboard.press("Control+a")
        page.keyboard.type(name)
        page.keyboard.press("Escape")
        reach(page, f"#f-parties-{n}-kind")
        page.keyboard.type("City")
    press_on(page, '[name="arrangement"]', "Space")
    for _ in range(5):
        page.keyboard.press("ArrowDown")
    type_into(page, "#f-summary", SUMMARY)
    follow(page, "main form .button.primary:not([name])")
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    expect(page.get_by_text("Town of Cedar").first).to_be_visible()
    assert_accessible(page)

    follow(page, 'a[href$="/edit/costs"]')
    type_into(page, "#f-costs-0-label", "Salary and car")
    type_into(page, "#f-costs-0-amount", "96,000")
    reach(page, "#f-costs-0-period")
    page.keyboard.type("A year")
    reach(page, "#f-costs-0-category")
    page.keyboard.type("Staff")
    reach(page, "#f-costs-0-basis")
    page.keyboard.type("Budg")
    follow(page, "main form .button.primary:not([name])")
    expect(page.get_by_text("$96,000").first).to_be_visible()
    assert_accessible(page)


def test_asking_answering_accepting_and_commenting_by_keyboard(visit: Callable[..., Page]) -> None:
    asker, helper = visit(Role.MEMBER), visit(Role.CURATOR)
    asker.goto("/questions/")
    follow(asker, 'a[href="/questions/ask"]')
    type_into(asker, "#f-title", QUESTION)
    # What was asked before stands there as soon as one rests: who has seen it need not send twice.
    expect(asker.locator("#alike a").first).to_be_visible()
    type_into(asker, "#f-body", DETAILS)
    follow(asker, "main form .button.primary:not([name])")
    expect(asker.get_by_role("heading", level=1)).to_have_text(QUESTION)

    helper.goto(asker.url)
    type_into(helper, "#answer #f-body", ANSWER)
    press_on(helper, "#f-from_experience", "Space")
    follow(helper, "#answer .button.primary")
    expect(helper.get_by_text(ANSWER)).to_be_visible()

    asker.reload()
    follow(asker, 'form[action$="/accept"] button')
    expect(asker.get_by_text("Accepted").first).to_be_visible()
    follow(asker, 'a[href$="#write-comment"]')
    type_into(asker, "#f-comment", "Thank you: was it **paid** by all three?")
    follow(asker, "#write-comment .button.primary")
    expect(asker.get_by_text("was it paid by all three?")).to_be_visible()
    assert_accessible(asker)


def test_editing_by_keyboard_and_a_preview_while_writing(visit: Callable[..., Page]) -> None:
    page = visit(Role.CURATOR)
    page.goto("/cases/west-vancouver-community-centre")
    follow(page, 'a[href$="/edit/basics"]')
    reach(page, "#f-title")
    page.keyboard.press("Control+a")
    page.keyboard.type("West Vancouver and its society run one centre")
    follow(page, "main form .button.primary:not([name])")
    expect(page).to_have_url(lambda_url("/cases/west-vancouver-and-its-society-run-one-centre", page))
    page.goto("/cases/west-vancouver-community-centre")
    expect(page).to_have_url(lambda_url("/cases/west-vancouver-and-its-society-run-one-centre", page))
    follow(page, 'a[href$="/edit/story"]')
    reach(page, "#f-story")
    page.keyboard.press("Control+Home")
    page.keyboard.type("**Newly written.** ")
    press_on(page, '[data-preview-of="f-story"]')
    expect(page.locator("#f-story-preview strong").first).to_have_text("Newly written.")


def lambda_url(path: str, page: Page) -> str:
    """The whole address of a path on the site that this page shows."""
    return page.url.split("/", 3)[0] + "//" + page.url.split("/", 3)[2] + path


def test_the_menu_opens_and_closes_by_keyboard_and_gives_the_focus_back(visit: Callable[..., Page]) -> None:
    page = visit(Role.MODERATOR)
    press_on(page, "details.menu > summary")
    expect(page.get_by_role("link", name="Settings")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Settings")).to_be_hidden()
    expect(page.locator("details.menu > summary")).to_be_focused()


# --- Without scripts


def test_joining_without_scripts(no_scripts: Callable[..., Page]) -> None:
    page = no_scripts()
    page.goto("/join")
    page.fill("#f-name", "Nils Newcomer")
    page.fill("#f-email", "nils@example.com")
    page.fill("#f-password", PASSWORD)
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_text("Welcome")).to_be_visible()


def test_sharing_a_case_with_three_parties_and_costs_without_scripts(no_scripts: Callable[..., Page]) -> None:
    page = no_scripts(Role.MEMBER)
    page.goto("/cases/share")
    page.fill("#f-title", TITLE)
    page.locator('[name="services"][value="building-permits-inspection"]').check()
    page.fill("#f-parties-0-name", "Town of Alder")
    page.select_option("#f-parties-0-kind", "municipality")
    page.get_by_role("button", name="Add a party").click()
    assert page.locator("#f-title").input_value() == TITLE
    assert page.locator("#f-parties-0-name").input_value() == "Town of Alder"
    for n, name in ((1, "Town of Birch"), (2, "Town of Cedar")):
        page.fill(f"#f-parties-{n}-name", name)
        page.select_option(f"#f-parties-{n}-kind", "municipality")
    page.get_by_role("button", name="Publish").click()
    # Two answers are missing: the page says which, and nothing that was typed is lost.
    expect(page.get_by_role("alert")).to_contain_text("arrangement")
    assert page.locator("#f-parties-2-name").input_value() == "Town of Cedar"
    page.locator('[name="arrangement"][value="shared_position"]').check()
    page.fill("#f-summary", SUMMARY)
    page.get_by_role("button", name="Publish").click()
    # Others like it are shown once; sent again, it was meant.
    expect(page.get_by_text("Is it one of these?")).to_be_visible()
    assert page.locator("#f-summary").input_value() == SUMMARY
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)

    page.locator('a[href$="/edit/costs"]').first.click()
    page.fill("#f-costs-0-label", "Salary and car")
    page.fill("#f-costs-0-amount", "96000")
    page.select_option("#f-costs-0-period", "per_year")
    page.select_option("#f-costs-0-category", "personnel")
    page.select_option("#f-costs-0-basis", "budgeted")
    page.get_by_role("button", name="Add a cost").click()
    page.fill("#f-costs-1-label", "Mileage of the third town")
    page.get_by_role("button", name="Remove").nth(1).click()
    assert page.locator("#f-costs-0-label").input_value() == "Salary and car"
    assert page.locator("#f-costs-1-label").count() == 0
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("$96,000").first).to_be_visible()


def test_asking_answering_accepting_commenting_and_editing_without_scripts(
    no_scripts: Callable[..., Page],
) -> None:
    asker, helper = no_scripts(Role.MEMBER), no_scripts(Role.CURATOR)
    asker.goto("/questions/ask")
    asker.fill("#f-title", QUESTION)
    asker.fill("#f-body", DETAILS)
    asker.get_by_role("button", name="Publish question").click()
    expect(asker.get_by_text("Is it one of these?")).to_be_visible()
    asker.get_by_role("button", name="Publish question").click()
    expect(asker.get_by_role("heading", level=1)).to_have_text(QUESTION)
    helper.goto(asker.url)
    helper.fill("#answer #f-body", ANSWER)
    helper.check("#f-from_experience")
    helper.get_by_role("button", name="Post answer").click()
    expect(helper.get_by_text(ANSWER)).to_be_visible()
    asker.reload()
    asker.locator('form[action$="/accept"] button').click()
    expect(asker.get_by_text("Accepted").first).to_be_visible()
    asker.locator("#comments details summary, #comments summary").first.click()
    asker.fill("#f-comment", "A note on the question itself.")
    asker.get_by_role("button", name="Post comment").click()
    expect(asker.get_by_text("A note on the question itself.")).to_be_visible()
    asker.get_by_role("link", name="Edit").first.click()
    asker.fill("#f-body", f"{DETAILS} It was in March.")
    asker.get_by_role("button", name="Save").click()
    expect(asker.get_by_text("It was in March.")).to_be_visible()


def test_filters_work_without_scripts_and_stay_in_the_address(no_scripts: Callable[..., Page]) -> None:
    page = no_scripts()
    page.goto("/cases/")
    page.locator('#filters [name="party"][value="nonprofit"]').check()
    page.get_by_role("button", name="Apply").click()
    assert "party=nonprofit" in page.url
    found = int(page.locator("[data-found]").inner_text().split()[0])
    assert 0 < found < 88
    assert page.locator(".feed > li").count() == min(found, 20)


def test_filters_answer_in_place_with_scripts_and_back_undoes_them(visit: Callable[..., Page]) -> None:
    page = visit()
    page.goto("/cases/")
    before = page.locator("[data-found]").inner_text()
    page.locator('#filters [name="kind"]').first.check()
    expect(page.locator("[data-found]")).not_to_have_text(before)
    assert "kind=" in page.url
    expect(page.locator('#filters [name="kind"]:checked')).to_be_focused()
    assert_accessible(page)
    page.go_back()
    expect(page.locator("[data-found]")).to_have_text(before)


def test_a_printed_case_is_a_memo(visit: Callable[..., Page]) -> None:
    page = visit()
    page.goto("/cases/sturgeon-county-recreation-cost-sharing")
    page.emulate_media(media="print")
    for gone in ("header.site", "footer.foot", ".noprint"):
        for element in page.locator(gone).all():
            assert element.is_hidden(), gone
    expect(page.get_by_role("heading", level=1)).to_be_visible()
