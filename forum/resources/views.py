"""The library over HTTP: the list, one resource, keeping it, and suggesting links for it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, request
from flask.typing import ResponseReturnValue

from forum.core.errors import EditConflict
from forum.core.i18n import gettext as _
from forum.core.roles import Role
from forum.core.shapes import as_typed
from forum.core.text import fold, slugify
from forum.posts.models import READING_STAGES, RESOURCE_KINDS, THEMES
from forum.posts.queries import current_record
from forum.posts.queries.versions import what_differs
from forum.posts.views import list_feed, list_page
from forum.resources import actions, queries
from forum.resources.actions import LookedUp
from forum.resources.forms import DeclineShape, DraftShape, ResourceShape, SuggestionShape
from forum.resources.models import ACCESS, AUDIENCES, REUSE, SUGGESTION_STATES, Resource, Suggestion
from forum.topics.queries import service_choices
from forum.web import limits
from forum.web.access import actor, opens_to, signed_in
from forum.web.forms import Form, forget_draft
from forum.web.render import page

blueprint = Blueprint("resources", __name__)

# How many suggestions a curator sees at once.
QUEUE = 100


@blueprint.get("/library/")
@opens_to(Role.VISITOR)
def index() -> ResponseReturnValue:
    """The library, filtered, counted and sorted."""
    return list_page("resource", "resources/index.html")


@blueprint.get("/library/feed")
@opens_to(Role.VISITOR)
def feed() -> ResponseReturnValue:
    """The same list as a feed."""
    return list_feed("resource")


@blueprint.get("/library/<slug>")
@opens_to(Role.VISITOR)
def show(slug: str) -> ResponseReturnValue:
    """One resource."""
    view = queries.resource_page(signed_in(), slug, request.args.get("comments"))
    return page("resources/show.html", view=view)


# --- Suggesting a link


@blueprint.route("/library/suggest", methods=["GET", "POST"])
@opens_to(Role.MEMBER)
def suggest() -> ResponseReturnValue:
    """Suggest a link: the address, and why it helps; the rest is offered from the page."""
    offered = {
        "url": fold(request.args.get("url", ""))[:1000],
        "services": request.args.getlist("services")[:3],
    }
    form = Form.read(SuggestionShape(), offered)
    # The guide that it was missed in, to go back to.
    guide = slugify(request.values["guide"], 100) if request.values.get("guide") else ""
    looked = None
    if "look" in request.form:
        looked = _fill_in(form)
    elif form.ready():
        limits.spend("write", actor().id)
        with form.showing_faults():
            actions.suggest_link(actor(), form.data, key=form.once)
            forget_draft(request.path)
            flash(_("Thank you. A curator will look at it; your suggestions show what becomes of it."))
            return redirect(f"/guides/{guide}" if guide else "/library/suggestions", 303)
    kinds = RESOURCE_KINDS.choices()
    return page("resources/suggest.html", form=form, looked=looked, kinds=kinds, guide=guide), form.status


@blueprint.post("/library/look-up")
@opens_to(Role.MEMBER)
def look_up() -> ResponseReturnValue:
    """What a page says of itself, for the script that fills in the form."""
    found = _look(request.form.get("url", "")[:1000])
    existing = found.existing
    return jsonify(
        asdict(found.facts)
        | {
            "problem": found.problem,
            "existing": {"title": existing.title, "href": existing.path} if existing else None,
        }
    )


def _look(url: str) -> LookedUp:
    limits.spend("look-up", actor().id)
    return actions.look_up(fold(url))


def _fill_in(form: Form) -> LookedUp:
    """Look an address up, and put what was found into the fields that are empty."""
    looked = _look(form.value("url"))
    found = {name: value for name, value in asdict(looked.facts).items() if value}
    form.typed |= {
        name: as_typed(value)
        for name, value in found.items()
        if name in form.schema.fields and not form.value(name)
    }
    if looked.problem or found:
        form.typed["url"] = looked.url
    return looked


@blueprint.get("/library/suggestions")
@opens_to(Role.MEMBER)
def suggestions() -> ResponseReturnValue:
    """What one has suggested, and what became of it."""
    mine = queries.suggestions_of(actor())
    return page(
        "resources/suggestions.html", mine=mine, paths=queries.paths_of(mine), states=SUGGESTION_STATES
    )


# --- Keeping the library


@blueprint.route("/library/add", methods=["GET", "POST"])
@opens_to(Role.CURATOR)
def add() -> ResponseReturnValue:
    """Put a link into the library without a suggestion."""
    form = Form.read(_shape(), {"reuse": "link_only", "url": fold(request.args.get("url", ""))[:1000]})
    looked = _fill_in(form) if "look" in request.form else None
    if looked is None and form.ready():
        limits.spend("write", actor().id)
        with form.showing_faults():
            resource = actions.add_resource(actor(), form.data, draft=_keeps_draft(), key=form.once)
            forget_draft(request.path)
            flash(_("The draft is kept.") if _keeps_draft() else _("The link is in the library."))
            return redirect(resource.path, 303)
    return _form_page(form, looked=looked)


@blueprint.route("/library/<slug>/edit", methods=["GET", "POST"])
@opens_to(Role.CURATOR)
def edit(slug: str) -> ResponseReturnValue:
    """Edit a resource; a draft can be published from here."""
    resource = queries.by_slug(actor(), slug)
    form = Form.read(_shape(), current_record(resource))
    conflict: EditConflict | None = None
    looked = _fill_in(form) if "look" in request.form else None
    if looked is None and form.ready():
        limits.spend("write", actor().id)
        try:
            with form.showing_faults():
                opened_at = request.form.get("version", type=int)
                actions.edit_resource(actor(), resource, form.data, opened_at)
                if resource.state == "draft" and not _keeps_draft():
                    actions.publish_resource(actor(), resource)
                forget_draft(request.path)
                flash(_("Saved."))
                return redirect(resource.path, 303)
        except EditConflict as newer:
            conflict = newer
    return _form_page(form, looked=looked, resource=resource, conflict=conflict)


def _keeps_draft() -> bool:
    return "keep" in request.form


def _shape() -> ResourceShape:
    return DraftShape() if _keeps_draft() else ResourceShape()


def _form_page(
    form: Form,
    *,
    looked: LookedUp | None = None,
    resource: Resource | None = None,
    conflict: EditConflict | None = None,
    suggestion: Suggestion | None = None,
    decline: Form | None = None,
) -> ResponseReturnValue:
    status = 422 if form.faults or (decline and decline.faults) else 200
    drawn = page(
        "resources/edit.html",
        action=f"/curate/suggestions/{suggestion.id}" if suggestion else request.path,
        form=form,
        looked=looked,
        resource=resource,
        theirs=what_differs("resource", form.typed, as_typed(conflict.current)) if conflict else None,
        editor_name=conflict.editor_name if conflict else "",
        version=form.version(resource.version) if resource else 0,
        suggestion=suggestion,
        decline=decline,
        services=service_choices(),
        kinds=RESOURCE_KINDS.choices(),
        stages=READING_STAGES.choices(),
        themes=THEMES.choices(),
        audiences=AUDIENCES.choices(),
        accesses=ACCESS.choices(),
        reuses=REUSE.choices(),
    )
    return drawn, conflict.status if conflict else status


@blueprint.get("/curate/suggestions")
@opens_to(Role.CURATOR)
def suggestion_queue() -> ResponseReturnValue:
    """Suggestions that wait, the oldest first."""
    return page("resources/queue.html", waiting=queries.queue(QUEUE), n=queries.count(), kinds=RESOURCE_KINDS)


@blueprint.route("/curate/suggestions/<int:suggestion_id>", methods=["GET", "POST"])
@opens_to(Role.CURATOR)
def review(suggestion_id: int) -> ResponseReturnValue:
    """One suggestion: describe it and put it into the library."""
    suggestion = queries.suggestion_by_id(suggestion_id)
    form = Form.read(ResourceShape(), _offered(suggestion))
    looked = _fill_in(form) if "look" in request.form else None
    if looked is None and form.ready():
        limits.spend("write", actor().id)
        with form.showing_faults():
            resource = actions.approve_suggestion(actor(), suggestion, form.data)
            flash(_("The link is in the library."))
            return redirect(resource.path, 303)
    return _form_page(form, looked=looked, suggestion=suggestion, decline=Form(DeclineShape()))


@blueprint.post("/curate/suggestions/<int:suggestion_id>/decline")
@opens_to(Role.CURATOR)
def decline(suggestion_id: int) -> ResponseReturnValue:
    """Leave it out, and say why."""
    suggestion = queries.suggestion_by_id(suggestion_id)
    form = Form.read(DeclineShape())
    if form.ready():
        limits.spend("write", actor().id)
        with form.showing_faults():
            actions.decline_suggestion(actor(), suggestion, form.data["reason"])
            flash(_("Declined. The person who suggested it sees why."))
            return redirect("/curate/suggestions", 303)
    described = Form(ResourceShape(), _offered(suggestion))
    return _form_page(described, suggestion=suggestion, decline=form)


def _offered(suggestion: Suggestion) -> dict[str, Any]:
    """What a suggestion says, as a resource; the curator starts from the member's words."""
    offered = {name: value for name, value in suggestion.record.items() if name != "why"}
    return {"reuse": "link_only", "annotation": suggestion.record.get("why", "")} | offered
