"""Refusals and failures as pages. Whatever the person had typed is on the page, so nothing is lost."""

from __future__ import annotations

import logging

from flask import Flask, Response, g, make_response, redirect, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm.exc import ObjectDeletedError, StaleDataError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from forum.core.db import db
from forum.core.errors import Moved, Problem
from forum.core.i18n import gettext as _
from forum.core.i18n import mark

log = logging.getLogger("interlocal")

TITLES = {
    400: mark("That request could not be read"),
    403: mark("Not allowed"),
    404: mark("There is no such page"),
    405: mark("This page cannot be used like that"),
    409: mark("Somebody saved this before you"),
    413: mark("That is too large"),
    422: mark("Something needs another look"),
    429: mark("Too many attempts"),
    500: mark("Something went wrong"),
    503: mark("Very busy just now"),
}
SENTENCES = {
    400: mark("The address or the form was damaged on its way. Go back and try again."),
    403: mark("Your account may not do this."),
    404: mark("It may have been moved or removed. Look for it in the lists of cases, questions and guides."),
    405: mark("Go back and use the buttons of the page."),
    413: mark("The form holds more than this site takes at once. Go back and shorten it."),
    503: mark("Your text was not saved. Wait a moment, then send it again."),
}
# Never shown again: secrets, and what the form carries for itself.
NOT_KEPT = ("csrf_token", "password", "new_password", "current_password", "version", "next")


def kept_fields() -> list[tuple[str, str]]:
    """(field, text) of all that was typed into the form that failed."""
    if request.method != "POST":
        return []
    try:
        fields = request.form
    except (HTTPException, RequestEntityTooLarge):
        return []
    return [
        (name.replace("-", " ").replace("_", " "), value)
        for name, value in fields.items(multi=True)
        if value.strip() and name not in NOT_KEPT and not name.startswith("_")
    ]


def error_page(status: int, sentence: str = "") -> Response:
    """The page for a refusal. `sentence` says what happened and what to do."""
    html = render_template(
        "errors/error.html",
        status=status,
        title=_(TITLES.get(status, TITLES[400])),
        sentence=sentence or _(SENTENCES.get(status, SENTENCES[400])),
        kept=kept_fields(),
    )
    return make_response(html, status)


def install(app: Flask) -> None:
    """Turn every exception into a page."""

    @app.errorhandler(Moved)
    def _moved(moved: Moved) -> Response:
        return make_response(redirect(moved.path, 301))

    @app.errorhandler(Problem)
    def _problem(problem: Problem) -> Response:
        db.session.rollback()
        response = error_page(problem.status, str(problem))
        if retry_after := getattr(problem, "retry_after", None):
            response.headers["Retry-After"] = str(retry_after)
        return response

    @app.errorhandler(CSRFError)
    def _csrf(_error: CSRFError) -> Response:
        return error_page(
            400,
            _(
                "This form is from an older session, so it was not sent. Reload the page, paste your text, send."
            ),
        )

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Response:
        if error.response is not None:  # a redirect, or a ready answer
            return make_response(error.response)
        response = error_page(error.code or 500)
        if error.code == 405 and (allow := dict(error.get_headers()).get("Allow")):
            response.headers["Allow"] = allow
        return response

    @app.errorhandler(ObjectDeletedError)
    @app.errorhandler(StaleDataError)
    def _gone(_error: Exception) -> Response:
        db.session.rollback()
        return error_page(404)

    @app.errorhandler(OperationalError)
    def _busy(error: OperationalError) -> Response:
        """The database is locked for longer than we wait, or gone: say so, keep the text, ask for patience."""
        log.error("database not available: %s", error.orig)
        return _unavailable(503, "5")

    @app.errorhandler(DBAPIError)
    @app.errorhandler(Exception)
    def _bug(error: Exception) -> Response:
        log.error("error on %s %s", request.method, request.path, exc_info=error)
        return _unavailable(500)


def _unavailable(status: int, retry_after: str = "") -> Response:
    """A page that needs neither the database nor a session: it is drawn as for a visitor."""
    g.actor = None
    html = render_template(
        "errors/500.html",
        status=status,
        title=_(TITLES[status]),
        sentence=_(SENTENCES[503])
        if status == 503
        else _("It is our fault. Your text is below; try again later."),
        kept=kept_fields(),
    )
    response = make_response(html, status)
    if retry_after:
        response.headers["Retry-After"] = retry_after
    return response
