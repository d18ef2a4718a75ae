"""The curators' desk over HTTP."""

from __future__ import annotations

from flask import Blueprint, Flask, flash, redirect, request
from flask.typing import ResponseReturnValue

from forum.core.errors import NotFound
from forum.core.i18n import gettext as _
from forum.core.roles import Role
from forum.desk import actions, queries
from forum.desk.forms import NoteShape
from forum.desk.queries.queues import QUEUES
from forum.web import limits
from forum.web.access import actor, opens_to
from forum.web.forms import Form
from forum.web.render import page
from forum.web.security import safe_next

blueprint = Blueprint("desk", __name__, url_prefix="/curate")


def install(app: Flask) -> None:
    """Give templates `n_waiting(actor)`, for the curators' header."""
    app.jinja_env.globals["n_waiting"] = queries.n_waiting


@blueprint.get("/")
@opens_to(Role.CURATOR)
def desk() -> ResponseReturnValue:
    """Everything that waits, in order of need."""
    return page("desk/desk.html", view=queries.desk(actor()))


@blueprint.get("/desk/<queue>")
@opens_to(Role.CURATOR)
def one_queue(queue: str) -> ResponseReturnValue:
    """One kind of work."""
    return page("desk/queue.html", queue=queries.one_queue(actor(), _known(queue)))


@blueprint.post("/desk/<queue>/<int:item_id>")
@opens_to(Role.CURATOR)
def share_work(queue: str, item_id: int) -> ResponseReturnValue:
    """Take a piece of work, hand it back, note something about it, or put it aside."""
    key, person = _known(queue), actor()
    limits.spend("write", person.id)
    match request.form.get("do"):
        case "take":
            actions.take_item(person, key, item_id)
        case "hand-back":
            actions.hand_back(person, key, item_id)
        case "note" | "put-aside" as do:
            form = Form.read(NoteShape())
            if not form.ready():
                return page("desk/note.html", form=form, queue=key, item_id=item_id, do=do), form.status
            if do == "note":
                actions.note(person, key, item_id, form.data["note"])
            else:
                actions.put_aside(person, key, item_id, form.data["note"])
                flash(_("Put aside. Your reason is kept."))
        case _other:
            raise NotFound
    return redirect(safe_next(request.form.get("back"), "/curate/") + f"#{key}-{item_id}", 303)


def _known(queue: str) -> str:
    if queue not in QUEUES:
        raise NotFound
    return queue
