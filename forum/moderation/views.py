"""A form for each act, and the log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue

from forum.accounts.models import Person
from forum.accounts.policy import may_suspend
from forum.core.errors import Forbidden, NotFound
from forum.core.i18n import gettext as _
from forum.core.i18n import mark
from forum.core.roles import Role
from forum.moderation import actions, queries
from forum.moderation.forms import ReasonShape
from forum.moderation.models import ACTS
from forum.web.access import actor, opens_to
from forum.web.forms import Form
from forum.web.render import page

blueprint = Blueprint("moderation", __name__, url_prefix="/moderation")


# What can be done to what, and what the page and its button call it.
TITLES = {
    ("hide", "post"): mark("Hide this post"),
    ("hide", "answer"): mark("Hide this answer"),
    ("hide", "comment"): mark("Hide this comment"),
    ("restore", "post"): mark("Restore this post"),
    ("restore", "answer"): mark("Restore this answer"),
    ("restore", "comment"): mark("Restore this comment"),
    ("lock", "post"): mark("Lock this discussion"),
    ("unlock", "post"): mark("Unlock this discussion"),
    ("suspend", "person"): mark("Suspend this account"),
    ("reinstate", "person"): mark("Reinstate this account"),
}
# What an act will bring about, and what is said when it is done.
WORDS = {
    "hide": (
        mark("Only its author and moderators will still see it. The author is shown your reason."),
        mark("It is hidden. Its author sees why."),
    ),
    "restore": (mark("Everybody will see it again."), mark("Everybody sees it again.")),
    "lock": (
        mark(
            "Only moderators will be able to answer or comment. What is there stays, and your reason is shown."
        ),
        mark("The discussion is locked."),
    ),
    "unlock": (
        mark("Members will be able to answer and comment again."),
        mark("The discussion is open again."),
    ),
    "suspend": (
        mark("They are signed out everywhere and told your reason when they sign in. What they wrote stays."),
        mark("The account is suspended."),
    ),
    "reinstate": (mark("They will be able to sign in again."), mark("They can sign in again.")),
}
RUN: dict[str, Callable[[Any, Any, str], None]] = {
    "hide": actions.hide,
    "restore": actions.restore,
    "lock": actions.lock,
    "unlock": actions.unlock,
    "suspend": actions.suspend,
    "reinstate": actions.reinstate,
}


@blueprint.route("/<act>/<kind>/<int:item_id>", methods=["GET", "POST"])
@opens_to(Role.MODERATOR)
def moderate(act: str, kind: str, item_id: int) -> ResponseReturnValue:
    """Do one of the acts to one thing, with a reason."""
    if (act, kind) not in TITLES:
        raise NotFound
    item = queries.by_id(kind, item_id)
    if isinstance(item, Person) and not may_suspend(actor(), item):
        raise Forbidden(_("You can suspend those below you on the ladder of roles, and not yourself."))
    subject = queries.subject(item)
    outcome, done = (_(words) for words in WORDS[act])
    form = Form.read(ReasonShape())
    if form.ready():
        with form.showing_faults():
            RUN[act](actor(), item, form.data["reason"])
            flash(done)
            return redirect(subject.path, 303)
    title = _(TITLES[act, kind])
    return page(
        "moderation/act.html", form=form, subject=subject, act=act, title=title, outcome=outcome
    ), form.status


@blueprint.get("/log")
@opens_to(Role.MODERATOR)
def log() -> ResponseReturnValue:
    """Who did what, to what, why and when."""
    act = request.args.get("act", "")
    if act and act not in ACTS:
        raise NotFound
    return page("moderation/log.html", log=queries.log(act, request.args.get("after")), act=act, acts=ACTS)
