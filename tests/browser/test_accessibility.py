"""Nothing that axe-core can find, on any page, light and dark, wide and narrow, signed in and out."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from forum.core.roles import Role
from tests.support.browser import assert_accessible, assert_no_sideways_scroll

CASE = "/cases/west-vancouver-community-centre"
# Rich, ended, with many parties, in another currency: every section of a case is on one of them.
CASES = (
    CASE,
    "/cases/sturgeon-county-recreation-cost-sharing",
    "/cases/barrhead-town-county-recreation-dispute",
    "/cases/skagit-county-city-library-funding",
    "/cases/worcestershire-regulatory-services",
)
READING = (
    "/",
    "/?sort=useful",
    "/cases/",
    "/cases/?service=emergency-dispatch&place=US",
    "/cases/?service=nothing-here",
    *CASES,
    "/questions/",
    "/questions/split-dispatch-cost-calls-or-population",
    "/guides/",
    "/guides/first-reading-list-on-sharing-services",
    "/library/",
    "/digests/",
    "/digests/four-agreements-two-reading-lists-and-an-open-question",
    "/services/",
    "/services/emergency-dispatch",
    "/people/interlocal-library",
    "/organisations/city-of-alachua",
    "/about",
    "/no-such-page",
)
ENTRANCES = ("/join", "/sign-in", "/forgot", "/forgot?sent=yes")
MEMBERS = (
    "/still-right",
    "/library/suggest",
    "/library/suggestions",
    "/share",
    "/cases/share",
    "/questions/ask",
    "/settings",
    "/settings/password",
    "/settings/address",
    "/digests/subscription",
)
CARDS = (
    "basics",
    "status",
    "story",
    "parties",
    "responsibilities",
    "costs",
    "schedule",
    "agreement",
    "outcomes",
    "lessons",
    "process",
    "papers",
)
CURATORS = (
    *(f"/cases/sturgeon-county-recreation-cost-sharing/edit/{card}" for card in CARDS),
    "/guides/write",
    "/guides/drafts",
    "/guides/first-reading-list-on-sharing-services/edit",
    "/guides/first-reading-list-on-sharing-services/versions",
    "/curate/links",
    "/curate/links/1",
    "/curate/suggestions",
    "/curate/paste",
    "/library/add",
    "/curate/announcements/",
    "/curate/announcements/new",
)
MODERATORS = ("/moderation/log",)


def _look(page: Page, path: str) -> None:
    page.goto(path)
    for width in (1360, 390):
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of its literals
            assert_accessible(page)
    page.set_viewport_size({"width": 320, "height": 700})
    assert_no_sideways_scroll(page)


@pytest.mark.parametrize("path", READING + ENTRANCES)
def test_a_visitor_finds_no_barrier(visit: Callable[..., Page], path: str) -> None:
    _look(visit(), path)


def test_somebody_signed_in_finds_no_barrier(visit: Callable[..., Page]) -> None:
    page = visit(Role.MODERATOR)
    for path in READING + MEMBERS + CURATORS + MODERATORS:
        _look(page, path)


@pytest.mark.parametrize("path", ["/", CASE, "/cases/", "/questions/", "/library/", "/about"])
def test_pages_do_without_scripts(visit: Callable[..., Page], path: str) -> None:
    page = visit(java_script_enabled=False)
    page.goto(path)
    assert page.locator("main h1").is_visible()
    page.set_viewport_size({"width": 320, "height": 700})
