"""Suggesting a link with scripts, and pasting a page with its links."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from forum.core import http
from forum.core.roles import Role
from tests.support.web import local_web

PAGE = """<title>A handbook of shared services</title><meta property="og:site_name" content="Alder Center">"""


def test_leaving_the_address_fills_in_what_the_page_says(visit: Callable[..., Page]) -> None:
    with local_web() as web:
        http.configure("https://interlocal.example", {web.host})
        page = visit(Role.MEMBER)
        page.goto("/library/suggest")
        page.get_by_label("Publisher").fill("Typed before")
        page.get_by_label("Address").fill(web.put("/page", PAGE))
        page.get_by_label("Address").press("Tab")
        expect(page.get_by_label("Title")).to_have_value("A handbook of shared services")
        expect(page.get_by_label("Publisher")).to_have_value("Typed before")
        expect(page.locator("[data-lookup-said]")).to_contain_text("Title")
        page.get_by_label("Address").fill(web.url("/nothing"))
        page.get_by_label("Address").press("Tab")
        expect(page.locator("[data-lookup-said]")).to_contain_text("did not open")
        http.configure("https://interlocal.example")


def test_looking_an_address_up_offers_no_draft_of_what_stands_there(visit: Callable[..., Page]) -> None:
    page = visit(Role.MEMBER)
    page.goto("/library/suggest")
    page.get_by_label("Why it helps").fill("It says what each town pays.")
    page.get_by_label("Address").fill("http://127.0.0.1/?utm_source=mail")
    with page.expect_navigation():
        page.get_by_role("button", name="Look it up").click()
    assert page.get_by_label("Why it helps").input_value() == "It says what each town pays."
    assert not page.get_by_role("button", name="Restore").is_visible()


def test_what_is_pasted_from_a_page_keeps_its_links(visit: Callable[..., Page]) -> None:
    page = visit(Role.CURATOR)
    page.goto("/curate/paste")
    field = page.get_by_label("The page")
    field.focus()
    page.evaluate(
        """([html, text]) => {
            const data = new DataTransfer();
            data.setData("text/html", html);
            data.setData("text/plain", text);
            document.activeElement.dispatchEvent(
                new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        ["<ul><li><a href='https://a.example/1'>A reading</a>: what it says.</li></ul>", "A reading"],
    )
    page.get_by_role("button", name="Find the links").click()
    expect(page.get_by_role("checkbox", name="A reading")).to_be_checked()
    expect(page.get_by_label("Note")).to_have_value("What it says.")
