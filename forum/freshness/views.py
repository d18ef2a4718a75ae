"""Saying whether records still hold: a person's own list, and one press for each."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue

from forum.core.i18n import gettext as _
from forum.core.roles import Role
from forum.freshness import actions, queries
from forum.web import limits
from forum.web.access import actor, opens_to
from forum.web.render import page
from forum.web.security import safe_next

blueprint = Blueprint("freshness", __name__)


@blueprint.get("/still-right")
@opens_to(Role.MEMBER)
def mine() -> ResponseReturnValue:
    """What one wrote long ago, to be confirmed."""
    return page("freshness/mine.html", due=queries.due_of(actor()))


@blueprint.post("/freshness/<int:freshness_id>/confirm")
@opens_to(Role.MEMBER)
def confirm(freshness_id: int) -> ResponseReturnValue:
    """It still holds."""
    limits.spend("write", actor().id)
    actions.confirm(actor(), queries.by_id(freshness_id))
    flash(_("Thank you. The page says that you confirmed it today."))
    return _back()


@blueprint.post("/freshness/<int:freshness_id>/end")
@opens_to(Role.MEMBER)
def end(freshness_id: int) -> ResponseReturnValue:
    """It has ended, or holds no more."""
    limits.spend("write", actor().id)
    actions.end(actor(), queries.by_id(freshness_id))
    flash(_("Noted. The page says so, and is still there for who looks for how it was."))
    return _back()


def _back() -> ResponseReturnValue:
    """To where the button was pressed."""
    return redirect(safe_next(request.form.get("back"), "/still-right"), 303)
