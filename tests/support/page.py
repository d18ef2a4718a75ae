"""The test client: a browser without the browser, who complains."""

from collections.abc import Mapping
from contextvars import Context
from typing import Any

from flask import request_tearing_down
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from forum.accounts.models import Person
from forum.core.db import db
from tests.support.forms import find_form
from tests.support.html import faults

# The only pages with a form for those who have not signed in, and so the only ones that need a cookie.
COOKIE_PAGES = {"/forgot", "/join", "/sign-in"}


class PageClient(FlaskClient):
    """A Flask test client that fails on a faulty page, an unsettled session and a needless cookie.

    Unsettled: the view has added, changed or deleted something and the request ended without a commit.
    `checks = False` on a client lets it look at a response that is wrong on purpose.
    """

    checks = True
    person: Person | None = None

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send the request in a context of its own, so that it shares no session with the test."""
        return Context().run(self._open, *args, **kwargs)

    def _open(self, *args: Any, **kwargs: Any) -> TestResponse:
        visitor = not self._cookies
        unsettled: list[str] = []

        def look(_app: object, **_: object) -> None:
            unsettled.extend(self.application.extensions["statements"].uncommitted)
            unsettled.extend(f"{thing!r} was not saved" for thing in _changed())

        with request_tearing_down.connected_to(look, self.application):
            response = super().open(*args, **{"buffered": True} | kwargs)
        # A followed redirect comes here by itself first: then there is nothing left to look at.
        if self.checks and not response.history:
            _check(response, visitor=visitor, unsettled=unsettled)
        return response

    def submit(
        self, path: str, fields: Mapping[str, Any] | None = None, *, action: str | None = None, **options: Any
    ) -> TestResponse:
        """Open the page, fill in its form as a browser would, and send it.

        Fields that are not named keep what the page put into them, its CSRF token included. `action` tells
        forms apart where the page has several. A button is pressed by naming it among the fields.
        """
        form = find_form(self.get(path).text, action)
        return self.post(form.action or path, data=form.filled_in(fields or {}), **options)


def _changed() -> list[object]:
    session = db.session()
    changed = [thing for thing in session.dirty if session.is_modified(thing)]
    return [*session.new, *changed, *session.deleted]


def _check(response: TestResponse, *, visitor: bool, unsettled: list[str]) -> None:
    request = response.request
    where = f"{request.method} {request.path} ({response.status_code})"
    assert response.status_code != 500, f"{where}: the log says why"
    assert not unsettled, f"{where} ended without a commit:\n" + "\n".join(unsettled)
    if response.mimetype != "text/html" or request.method == "HEAD":
        return
    found = faults(response.text)
    assert not found, f"{where} is not a sound page:\n" + "\n".join(found)
    if (
        visitor
        and request.method == "GET"
        and response.status_code < 300
        and request.path not in COOKIE_PAGES
    ):
        cookies = response.headers.getlist("Set-Cookie")
        assert not cookies, f"{where} sets a cookie for a visitor: {cookies}"
