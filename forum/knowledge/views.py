"""From a thread to a record, over HTTP: the form of a case from an answer, and the button that makes a guide."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue

from forum.case_studies.views import vocabularies
from forum.core.errors import Forbidden
from forum.core.i18n import gettext as _
from forum.core.roles import Role
from forum.knowledge import actions
from forum.knowledge.forms import WriteUpShape
from forum.knowledge.guess import case_record
from forum.posts.queries import made_from, services_of
from forum.questions import policy
from forum.questions.queries.answers import answer_by_id
from forum.questions.queries.page import by_slug
from forum.web import limits
from forum.web.access import actor, opens_to
from forum.web.forms import Form, forget_draft
from forum.web.render import page

blueprint = Blueprint("knowledge", __name__)


@blueprint.route("/answers/<int:answer_id>/case", methods=["GET", "POST"])
@opens_to(Role.MEMBER)
def write_up(answer_id: int) -> ResponseReturnValue:
    """The form of a case, filled in with what the answer says."""
    answer = answer_by_id(answer_id, actor())
    question = answer.question
    if not policy.may_write_up(actor(), answer, question):
        raise Forbidden(_("Its author and curators may make a case of this answer."))
    if made := [one for one in made_from(actor(), question.id) if one.answer_id == answer.id]:
        return redirect(made[0].link.href, 303)
    discreet = question.hide_org and answer.author_id == question.author_id
    guess = case_record(
        question=question.title,
        body=answer.body,
        body_html=answer.body_html,
        services=services_of([question.id]).get(question.id, ()),
        organisation=None if discreet else answer.author.organisation,
        is_first_hand=actor().id == answer.author_id,
    )
    form = Form.read(WriteUpShape(), guess)
    if form.ready():
        limits.spend("write", actor().id)
        with form.showing_faults():
            case = actions.write_up(actor(), answer, form.data, key=form.once)
            forget_draft(request.path)
            flash(_("The case is published, with credit to %(name)s.") % {"name": answer.author.name})
            return redirect(case.path, 303)
    return page("knowledge/write_up.html", form=form, answer=answer, words=vocabularies()), form.status


@blueprint.post("/questions/<slug>/guide")
@opens_to(Role.CURATOR)
def make_guide(slug: str) -> ResponseReturnValue:
    """A draft of a guide from a thread; the one that is there already, if there is one."""
    question = by_slug(slug, actor(), follow=True)
    limits.spend("write", actor().id)
    if made := [one for one in made_from(actor(), question.id) if one.answer_id is None]:
        return redirect(made[0].link.href, 303)
    guide = actions.make_guide(actor(), question)
    flash(_("Here is a draft. Put it in order, say why each is worth reading, and send it for review."))
    return redirect(f"{guide.path}/edit", 303)
