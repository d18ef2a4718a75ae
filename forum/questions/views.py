"""Questions over HTTP: the list, one question, asking, answering, and what can be done to an answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue

from forum.accounts.models import Person
from forum.comments.views import take_comment
from forum.core.errors import EditConflict, Forbidden
from forum.core.i18n import gettext as _
from forum.core.i18n import mark
from forum.core.roles import Role
from forum.core.shapes import as_typed
from forum.core.text import fold
from forum.places.queries import countries
from forum.posts.policy import may_edit_post
from forum.posts.queries import current_record, saying_the_same
from forum.posts.views import list_feed, list_page
from forum.questions import actions, policy
from forum.questions.forms import AnswerShape, DecisionShape, QuestionShape
from forum.questions.models import STAGES, WANTS
from forum.questions.queries import answers as answer_queries
from forum.questions.queries import facets, lists  # noqa: F401  # they tell the lists about questions
from forum.questions.queries.page import answer_page, by_slug, question_page
from forum.topics.queries import service_choices
from forum.web import limits
from forum.web.access import actor, opens_to, signed_in
from forum.web.forms import Form, forget_draft
from forum.web.render import page

blueprint = Blueprint("questions", __name__)

# What an edit conflict calls the fields.
LABELS = {
    "title": mark("Your question"),
    "body": mark("Details"),
    "services": mark("Services"),
    "wants": mark("What would help"),
    "stage": mark("Stage"),
    "needed_by": mark("Needed by"),
    "place": mark("Place"),
    "source_url": mark("Where it was asked"),
}
STATUSES = {"open": mark("No accepted answer yet"), "answered": mark("With an accepted answer")}


@blueprint.get("/questions/")
@opens_to(Role.VISITOR)
def index() -> ResponseReturnValue:
    """All questions, filtered, counted and sorted."""
    return list_page("question", "questions/index.html")


@blueprint.get("/questions/feed")
@opens_to(Role.VISITOR)
def feed() -> ResponseReturnValue:
    """The same list as a feed."""
    return list_feed("question")


@blueprint.route("/questions/ask", methods=["GET", "POST"])
@opens_to(Role.MEMBER)
def ask() -> ResponseReturnValue:
    """Ask, on one page."""
    form = Form.read(QuestionShape(), _suggested(actor()))
    before: list[Any] = []
    if form.ready():
        before = [] if form.seen else saying_the_same(actor(), form.data["title"])
        limits.spend("write", actor().id)
        if not before:
            with form.showing_faults():
                question = actions.ask_question(actor(), form.data, key=form.once)
                forget_draft(request.path)
                flash(_("Your question is published."))
                return redirect(question.path, 303)
    return page("questions/ask.html", form=form, before=before, **_choices()), form.status


def _suggested(person: Person) -> dict[str, Any]:
    """What a new question starts with: what a link brought along, and where the asker works."""
    body = person.organisation
    place = {}
    if body and body.country:
        place = {
            "name": body.place_name,
            "region": body.region,
            "region_code": body.region_code,
            "country": body.country,
            "population": body.population,
        }
    title = fold(request.args.get("title", ""))[:160]
    return {"title": title, "services": request.args.getlist("service")[:3], "place": place}


def _choices() -> dict[str, Any]:
    return {
        "services": service_choices(),
        "wants": WANTS.choices(),
        "stages": STAGES.choices(),
        "countries": list(countries().items()),
    }


@blueprint.get("/questions/<slug>")
@opens_to(Role.VISITOR)
def show(slug: str) -> ResponseReturnValue:
    """One question, its answers, and a form for another."""
    return _question(slug, Form(AnswerShape()))


def _question(slug: str, form: Form) -> ResponseReturnValue:
    view = question_page(
        signed_in(),
        slug,
        answers_after=request.args.get("answers"),
        comments_after=request.args.get("comments"),
    )
    return page("questions/show.html", view=view, form=form), form.status


@blueprint.route("/questions/<slug>/edit", methods=["GET", "POST"])
@opens_to(Role.MEMBER)
def edit(slug: str) -> ResponseReturnValue:
    """Change a question; whoever was slower sees both versions and loses neither."""
    question = by_slug(slug, actor(), follow=request.method == "POST")
    if not may_edit_post(actor(), question):
        raise Forbidden(_("Only the asker and curators may change this question."))
    form = Form.read(QuestionShape(), current_record(question))
    conflict: EditConflict | None = None
    if form.ready():
        limits.spend("write", actor().id)
        try:
            with form.showing_faults():
                actions.edit_question(actor(), question, form.data, request.form.get("version", type=int))
                forget_draft(request.path)
                return redirect(question.path, 303)
        except EditConflict as newer:
            conflict = newer
    return (
        page(
            "questions/ask.html",
            form=form,
            question=question,
            version=form.version(question.version),
            theirs=_what_differs(form, conflict.current) if conflict else None,
            editor_name=conflict.editor_name if conflict else "",
            **_choices(),
        ),
        conflict.status if conflict else form.status,
    )


def _what_differs(form: Form, saved: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(label, saved text) of the fields in which the version that now stands differs from what was typed."""
    theirs = as_typed(saved)
    return [
        (_(label), _as_words(name, theirs.get(name, "")))
        for name, label in LABELS.items()
        if (theirs.get(name) or "") != (form.typed.get(name) or "")
    ]


def _as_words(name: str, value: Any) -> str:
    """A field of a record in words."""
    if name == "place":
        return ", ".join(value[part] for part in ("name", "region", "country") if value and value.get(part))
    if name == "wants":
        return ", ".join(WANTS.label(key) for key in value)
    if name == "stage":
        return STAGES.label(value)
    return ", ".join(value) if isinstance(value, list) else str(value)


@blueprint.post("/questions/<slug>/answers")
@opens_to(Role.MEMBER)
def answer(slug: str) -> ResponseReturnValue:
    """Answer, with the question in sight if the answer has faults."""
    question = by_slug(slug, actor(), follow=request.method == "POST")
    form = Form.read(AnswerShape())
    if form.ready():
        limits.spend("write", actor().id)
        with form.showing_faults():
            given = actions.answer_question(actor(), question, **_given(form), key=form.once)
            forget_draft(question.path)
            flash(_("Your answer is published."))
            return redirect(answer_queries.answer_address(given), 303)
    return _question(question.slug, form)


@blueprint.get("/questions/<slug>/answers")
@opens_to(Role.VISITOR)
def answers(slug: str) -> ResponseReturnValue:
    """To the answers, for whoever opens the address that the form was sent to."""
    return redirect(f"{by_slug(slug, signed_in(), follow=True).path}#answers", 303)


def _given(form: Form) -> dict[str, Any]:
    """The answer in a form that is in order."""
    return {
        "body": form.data["body"],
        "from_experience": form.data.get("from_experience", False),
        "cites": form.data.get("cites", "").split(),
    }


@blueprint.get("/questions/<slug>/answers/<int:answer_id>")
@opens_to(Role.VISITOR)
def show_answer(slug: str, answer_id: int) -> ResponseReturnValue:
    """One answer with all the comments on it."""
    view = answer_page(signed_in(), slug, answer_id, request.args.get("comments"))
    return page("questions/answer.html", view=view)


@blueprint.post("/answers/<int:answer_id>/comments")
@opens_to(Role.MEMBER)
def comment_on_answer(answer_id: int) -> ResponseReturnValue:
    """Comment on an answer."""
    found = answer_queries.answer_by_id(answer_id, actor())
    return take_comment(found.question, answer_id=answer_id)


@blueprint.get("/answers/<int:answer_id>/comments")
@opens_to(Role.VISITOR)
def comments_of_answer(answer_id: int) -> ResponseReturnValue:
    """To the comments, for whoever opens the address that the form was sent to."""
    return redirect(f"{answer_queries.answer_by_id(answer_id, signed_in()).path}#comments", 303)


@blueprint.route("/answers/<int:answer_id>/edit", methods=["GET", "POST"])
@opens_to(Role.MEMBER)
def edit_answer(answer_id: int) -> ResponseReturnValue:
    """Change one's own answer; whoever was slower sees both versions and loses neither."""
    found = answer_queries.answer_by_id(answer_id, actor())
    if not policy.may_edit_answer(actor(), found, found.question):
        raise Forbidden(_("You can only edit your own answers."))
    cites = "\n".join(answer_queries.cited_addresses(found))
    form = Form.read(
        AnswerShape(), {"body": found.body, "from_experience": found.from_experience, "cites": cites}
    )
    conflict: EditConflict | None = None
    if form.ready():
        limits.spend("write", actor().id)
        try:
            with form.showing_faults():
                opened_at = request.form.get("version", type=int)
                actions.edit_answer(actor(), found, **_given(form), opened_at=opened_at)
                forget_draft(request.path)
                return redirect(answer_queries.answer_address(found), 303)
        except EditConflict as newer:
            conflict = newer
    return (
        page(
            "questions/edit_answer.html",
            form=form,
            answer=found,
            version=form.version(found.version),
            theirs=conflict.current if conflict else None,
        ),
        conflict.status if conflict else form.status,
    )


@blueprint.route("/answers/<int:answer_id>/delete", methods=["GET", "POST"])
@opens_to(Role.MEMBER)
def delete_answer(answer_id: int) -> ResponseReturnValue:
    """Ask once, then take one's own answer away."""
    found = answer_queries.answer_by_id(answer_id, actor())
    if request.method == "POST":
        limits.spend("write", actor().id)
        actions.delete_answer(actor(), found)
        flash(_("Your answer is deleted."))
        return redirect(found.question.path, 303)
    if not policy.may_delete_answer(actor(), found):
        raise Forbidden(_("You can only delete your own answers."))
    return page("questions/delete_answer.html", answer=found)


@blueprint.post("/answers/<int:answer_id>/accept")
@opens_to(Role.MEMBER)
def accept(answer_id: int) -> ResponseReturnValue:
    """Say that this answer helped, or take that back (`mark=no`)."""
    found = answer_queries.answer_by_id(answer_id, actor())
    limits.spend("write", actor().id)
    if request.form.get("mark") == "no":
        actions.unaccept_answer(actor(), found.question)
    else:
        actions.accept_answer(actor(), found.question, found)
    return redirect(answer_queries.answer_address(found), 303)


@blueprint.post("/answers/<int:answer_id>/useful")
@opens_to(Role.MEMBER)
def mark_answer(answer_id: int) -> ResponseReturnValue:
    """Mark an answer useful, or take the mark back (`mark=no`)."""
    found = answer_queries.answer_by_id(answer_id, actor())
    limits.spend("write", actor().id)
    if request.form.get("mark") == "no":
        actions.unmark_answer_useful(actor(), found)
    else:
        actions.mark_answer_useful(actor(), found)
    return redirect(answer_queries.answer_address(found), 303)


@blueprint.post("/questions/<slug>/same-here")
@opens_to(Role.MEMBER)
def same_here(slug: str) -> ResponseReturnValue:
    """Say that one has the same question, or take that back (`mark=no`)."""
    question = by_slug(slug, actor(), follow=request.method == "POST")
    limits.spend("write", actor().id)
    if request.form.get("mark") == "no":
        actions.unsay_same_here(actor(), question)
    else:
        actions.say_same_here(actor(), question)
    return redirect(question.path, 303)


@blueprint.route("/questions/<slug>/decision", methods=["GET", "POST"])
@opens_to(Role.MEMBER)
def decision(slug: str) -> ResponseReturnValue:
    """What the asker decided in the end: the piece that forums usually lose."""
    question = by_slug(slug, actor(), follow=request.method == "POST")
    if not policy.may_decide(actor(), question):
        raise Forbidden(_("Only the asker can tell what was decided."))
    form = Form.read(DecisionShape(), {"decision": question.decision})
    if form.ready():
        limits.spend("write", actor().id)
        actions.decide(actor(), question, form.data.get("decision", ""))
        forget_draft(request.path)
        return redirect(f"{question.path}#decision", 303)
    return page("questions/decision.html", form=form, question=question), form.status
