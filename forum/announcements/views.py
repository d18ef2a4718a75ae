"""The line above the header, and the curators' pages for it."""

from __future__ import annotations

from flask import Blueprint, Flask, current_app, flash, g, make_response, redirect, request
from flask.typing import ResponseReturnValue

from forum.announcements import actions, queries
from forum.announcements.forms import AnnouncementShape
from forum.announcements.models import AUDIENCES, STATES, Announcement
from forum.config import Settings
from forum.core import clock
from forum.core.i18n import gettext as _
from forum.core.roles import Role
from forum.web import limits
from forum.web.access import actor, opens_to, signed_in
from forum.web.forms import Form
from forum.web.render import page
from forum.web.security import YEAR, safe_next, without_token

blueprint = Blueprint("announcements", __name__)

# A visitor's cookie holds the numbers of so many that they have put away; the oldest have ended long since.
MOST = 8


def install(app: Flask) -> None:
    """Give the layout its line. It is asked for by pages with a header alone, and once in each."""
    app.jinja_env.globals["announced"] = _line


def _line() -> Announcement | None:
    """What this reader is to see. For a visitor it follows from the cookie alone, so that the page can be kept."""
    if "announcement" not in g:
        reader = signed_in()
        g.announcement = queries.current(reader, () if reader else _dismissed())
    found: Announcement | None = g.announcement
    return found


def _settings() -> Settings:
    settings: Settings = current_app.extensions["interlocal"]
    return settings


def _cookie() -> str:
    return "__Host-dismissed" if _settings().secure else "interlocal_dismissed"


def _dismissed() -> list[int]:
    """The numbers in the visitor's cookie; what they cannot have from us counts for nothing."""
    numbers = request.cookies.get(_cookie(), "").split(".")[:MOST]
    return [int(number) for number in numbers if number.isascii() and number.isdigit() and len(number) < 10]


@blueprint.post("/announcements/<int:announcement_id>/hide")
@opens_to(Role.VISITOR)
@without_token
def hide(announcement_id: int) -> ResponseReturnValue:
    """Put a line away as a visitor: a cookie remembers it."""
    answer = make_response(redirect(safe_next(request.form.get("next")), 303))
    numbers = sorted({announcement_id, *_dismissed()}, reverse=True)[:MOST]
    answer.set_cookie(
        _cookie(),
        ".".join(map(str, numbers)),
        max_age=YEAR,
        httponly=True,
        samesite="Lax",
        secure=_settings().secure,
    )
    return answer


@blueprint.post("/announcements/<int:announcement_id>/dismiss")
@opens_to(Role.MEMBER)
def dismiss(announcement_id: int) -> ResponseReturnValue:
    """Put a line away, on every device."""
    actions.dismiss(actor(), queries.announcement(announcement_id))
    return redirect(safe_next(request.form.get("next")), 303)


# --- For curators


@blueprint.get("/curate/announcements/")
@opens_to(Role.CURATOR)
def index() -> ResponseReturnValue:
    """What is shown, planned and over."""
    shown, past = queries.all_announcements()
    return page("announcements/index.html", open=shown, past=past, audiences=AUDIENCES, states=STATES)


@blueprint.route("/curate/announcements/new", methods=["GET", "POST"])
@opens_to(Role.CURATOR)
def write() -> ResponseReturnValue:
    """Write one."""
    form = Form.read(AnnouncementShape(), {"audience": "all", "from_day": clock.today()})
    if form.ready():
        limits.spend("write", actor().id)
        with form.showing_faults():
            actions.write_announcement(actor(), form.data)
            flash(_("The announcement is saved."))
            return redirect("/curate/announcements/", 303)
    return page(
        "announcements/edit.html", form=form, announcement=None, audiences=AUDIENCES.choices()
    ), form.status


@blueprint.route("/curate/announcements/<int:announcement_id>", methods=["GET", "POST"])
@opens_to(Role.CURATOR)
def edit(announcement_id: int) -> ResponseReturnValue:
    """Change one."""
    announcement = queries.announcement(announcement_id)
    fields = ("text", "link", "link_text", "audience", "from_day", "until_day")
    form = Form.read(AnnouncementShape(), {name: getattr(announcement, name) for name in fields})
    if form.ready():
        limits.spend("write", actor().id)
        with form.showing_faults():
            actions.edit_announcement(actor(), announcement, form.data)
            flash(_("The announcement is saved."))
            return redirect("/curate/announcements/", 303)
    return (
        page("announcements/edit.html", form=form, announcement=announcement, audiences=AUDIENCES.choices()),
        form.status,
    )


@blueprint.post("/curate/announcements/<int:announcement_id>/end")
@opens_to(Role.CURATOR)
def end(announcement_id: int) -> ResponseReturnValue:
    """Take one down."""
    actions.end_announcement(actor(), queries.announcement(announcement_id))
    flash(_("The announcement is taken down."))
    return redirect("/curate/announcements/", 303)
