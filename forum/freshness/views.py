"""Saying whether records still hold: a person's own list, and one press for each."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue

from forum.accounts.models import Person
from forum.accounts.queries import people_called
from forum.core.errors import Forbidden, Invalid, NotFound
from forum.core.i18n import gettext as _
from forum.core.roles import Role
from forum.freshness import actions, policy, queries
from forum.freshness.forms import HandoverShape
from forum.web import limits
from forum.web.access import actor, opens_to
from forum.web.forms import Form
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


@blueprint.route("/freshness/<int:freshness_id>/hand-over", methods=["GET", "POST"])
@opens_to(Role.MEMBER)
def hand_over(freshness_id: int) -> ResponseReturnValue:
    """Let another member answer for it."""
    kept, record = queries.by_id(freshness_id), queries.record(freshness_id)
    if record is None:
        raise NotFound
    if not policy.may_confirm(actor(), kept.owner_id):
        raise Forbidden(_("Who answers for it, and curators, hand it over."))
    form = Form.read(HandoverShape())
    if form.ready():
        limits.spend("write", actor().id)
        with form.showing_faults():
            to = _one_called(form.data["to"])
            actions.hand_over(actor(), kept, to)
            flash(_("%(name)s answers for it from now on, and gets a mail.") % {"name": to.name})
            return redirect(record.href, 303)
    before = queries.handovers(freshness_id)
    return page("freshness/hand_over.html", form=form, record=record, before=before), form.status


def _one_called(text: str) -> Person:
    """The member of this name, or whose page has this address. Raises Invalid."""
    found = people_called(text)
    if not found:
        raise Invalid({"to": _("There is no member of this name.")})
    if len(found) > 1:
        raise Invalid(
            {"to": _("There are several of this name: paste the address of the page of the right one.")}
        )
    return found[0]


def _back() -> ResponseReturnValue:
    """To where the button was pressed."""
    return redirect(safe_next(request.form.get("back"), "/still-right"), 303)
