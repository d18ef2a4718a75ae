"""What a first visit loads: it may shrink, and does not grow unnoticed."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from forum.core.roles import Role

CASE = "/cases/west-vancouver-community-centre"
QUESTION = "/questions/split-dispatch-cost-calls-or-population"
KILOBYTE = 1024
# Kind of file -> bytes as they are sent, and how many.
MOST: dict[str, tuple[int, int]] = {
    "link": (35 * KILOBYTE, 1),  # the stylesheet
    "script": (35 * KILOBYTE, 26),
    "font": (90 * KILOBYTE, 2),
}
PAGE = 40 * KILOBYTE
# Beside those above: the page, the icons, the sprite.
REQUESTS = 34
# A paint later than this counts as slow (web.dev/lcp): milliseconds. On one's own machine it takes a tenth.
PAINT = 2500

MEASURE = """() => new Promise((resolve) => {
  const found = { shift: 0, paint: 0 };
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) found.shift += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) found.paint = entry.startTime;
  }).observe({ type: "largest-contentful-paint", buffered: true });
  const page = performance.getEntriesByType("navigation")[0];
  const files = performance.getEntriesByType("resource").map((file) => ({
    name: file.name, bytes: file.encodedBodySize, kind: /woff2$/.test(file.name) ? "font" : file.initiatorType,
  }));
  setTimeout(() => resolve({ ...found, page: page.encodedBodySize, files }), 300);
})"""


def kind_of(file: dict[str, Any]) -> str:
    """A module that another one imports is a script too."""
    return "script" if file["name"].endswith(".js") else str(file["kind"])


@pytest.mark.parametrize("width", [1360, 390])
@pytest.mark.parametrize("path", ["/", "/cases/", CASE, QUESTION, "/search?q=dispatch"])
def test_a_first_visit_loads_little_and_stands_still(
    visit: Callable[..., Page], path: str, width: int
) -> None:
    page = visit()
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(path, wait_until="networkidle")
    found = page.evaluate(MEASURE)
    assert found["page"] <= PAGE
    assert len(found["files"]) + 1 <= REQUESTS, [file["name"] for file in found["files"]]
    for kind, (most_bytes, most_files) in MOST.items():
        files = [file for file in found["files"] if kind_of(file) == kind]
        assert files, kind
        assert len(files) <= most_files, kind
        assert sum(file["bytes"] for file in files) <= most_bytes, kind
    assert found["shift"] < 0.01
    assert 0 < found["paint"] < PAINT


def test_a_second_page_loads_nothing_but_itself(visit: Callable[..., Page]) -> None:
    page = visit()
    page.goto("/", wait_until="networkidle")
    page.goto(CASE, wait_until="networkidle")
    sent = page.evaluate("performance.getEntriesByType('resource').map((file) => file.transferSize)")
    assert sum(sent) == 0


def test_a_page_for_a_member_stands_still_too(visit: Callable[..., Page]) -> None:
    page = visit(Role.MEMBER)
    page.goto(CASE, wait_until="networkidle")
    assert page.evaluate(MEASURE)["shift"] < 0.01
