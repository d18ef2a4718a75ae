"""What the browser tests look for on every page, beside what each of them tests."""

import json
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response, WebError

# WCAG 2.2 at level AA, whose rules include those of the levels and versions before it.
RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]


def assert_accessible(page: Page) -> None:
    """Fail with what axe-core finds on the page as it is now. Needs JavaScript."""
    page.evaluate(AXE_SCRIPT)
    options = {"runOnly": RULES, "resultTypes": ["violations"]}
    violations: list[dict[str, Any]] = page.evaluate(f"axe.run({json.dumps(options)})")["violations"]
    found = [
        f"{violation['id']}: {violation['help']}\n    {node['html'][:200]}\n    {node['failureSummary']}"
        for violation in violations
        for node in violation["nodes"]
    ]
    assert not found, f"axe finds {len(found)} fault(s) on {page.url}:\n" + "\n".join(found)


def assert_no_sideways_scroll(page: Page) -> None:
    """Fail where the page is wider than its window."""
    width, window = page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert width <= window, f"{page.url} is {width} px wide in a window of {window} px"


class Watcher:
    """Notes what a visitor does not see: errors in scripts, CSP violations, missing and foreign assets."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.origin = origin
        self.found: list[str] = []
        context.on("console", self._on_console)
        context.on("weberror", self._on_error)
        context.on("request", self._on_request)
        context.on("response", self._on_response)

    def _on_console(self, message: ConsoleMessage) -> None:
        # A page that is refused on purpose (404, 422) is also a line on the console; assets are seen below.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.found.append(f"Console: {message.text}")

    def _on_error(self, error: WebError) -> None:
        self.found.append(f"Script: {error.error}")

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith((self.origin, "data:", "blob:")):
            self.found.append(f"Loads from elsewhere: {request.url}")

    def _on_response(self, response: Response) -> None:
        if response.status == 500:
            self.found.append(f"Error in the site: {response.url}")
        if response.status >= 400 and response.request.resource_type in (
            "stylesheet",
            "script",
            "image",
            "font",
        ):
            self.found.append(f"Missing: {response.url} ({response.status})")
