"""Guides over HTTP: the list, one guide, writing one, and its way to its readers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, request
from flask.typing import ResponseReturnValue

from forum.core.errors import EditConflict, Invalid
from forum.core.i18n import gettext as _
from forum.core.roles import Role
from forum.core.shapes import Shape, as_typed, load
from forum.core.text import fold
from forum.guides import actions
from forum.guides.forms import MOST_ITEMS, DraftShape, GuideShape, ReasonShape, RemarkShape
from forum.guides.models import Guide, GuideProposal
from forum.guides.policy import may_change_at_once
from forum.guides.queries.lists import waiting_guides
from forum.guides.queries.page import by_slug, guide_page, proposal_of
from forum.posts.models import READING_STAGES, THEMES
from forum.posts.queries import current_record
from forum.posts.queries.targets import Target, find_targets, targets_of
from forum.posts.queries.versions import what_differs, with_titles
from forum.posts.views import list_feed, list_page
from forum.topics.queries import service_choices
from forum.web import limits
from forum.web.access import actor, opens_to, signed_in
from forum.web.forms import Form, forget_draft
from forum.web.render import page

blueprint = Blueprint("guides", __name__, url_prefix="/guides")

# Letters before anything is looked for, and the most that is read.
FEWEST, LONGEST = 2, 200


@blueprint.get("/")
@opens_to(Role.VISITOR)
def index() -> ResponseReturnValue:
    """All published guides, filtered, counted and sorted."""
    return list_page("guide", "guides/index.html")


@blueprint.get("/feed")
@opens_to(Role.VISITOR)
def feed() -> ResponseReturnValue:
    """The same list as a feed."""
    return list_feed("guide")


@blueprint.get("/drafts")
@opens_to(Role.CURATOR)
def drafts() -> ResponseReturnValue:
    """Drafts, and guides that wait for a review or a refresh."""
    return page("guides/drafts.html", waiting=waiting_guides())


@blueprint.get("/find")
@opens_to(Role.CURATOR)
def find() -> ResponseReturnValue:
    """Posts and answers for the field of the editor that suggests while somebody types."""
    typed = fold(request.args.get("q", ""))[:LONGEST]
    found = find_targets(actor(), typed) if len(typed) >= FEWEST else []
    return jsonify(
        [
            {
                "label": target.title,
                "hint": target.kind_label,
                "kind": target.kind,
                "ref": target.ref,
                "href": target.href,
            }
            for target in found
        ]
    )


@blueprint.route("/write", methods=["GET", "POST"])
@opens_to(Role.CURATOR)
def write() -> ResponseReturnValue:
    """Begin a guide: a title is enough to keep it."""
    editor = _Editor(DraftShape(), {"services": request.args.getlist("service")[:3]})
    if editor.ready():
        limits.spend("write", actor().id)
        with editor.form.showing_faults():
            guide = actions.write_guide(actor(), editor.form.data, key=editor.form.once)
            forget_draft(request.path)
            return _kept(guide)
    return editor.drawn()


@blueprint.route("/<slug>/edit", methods=["GET", "POST"])
@opens_to(Role.CURATOR)
def edit(slug: str) -> ResponseReturnValue:
    """Change a guide. What is published stays whole; a draft may be half written."""
    guide = by_slug(slug, actor(), follow=request.method == "POST")
    shape = GuideShape() if guide.state == "visible" else DraftShape()
    pending = proposal_of(guide)
    editor = _Editor(shape, pending.record if pending else current_record(guide))
    conflict: EditConflict | None = None
    if editor.ready():
        limits.spend("write", actor().id)
        try:
            with editor.form.showing_faults():
                live = actions.change_guide(
                    actor(), guide, editor.form.data, request.form.get("version", type=int),
                    request.form.get("proposed", 0, type=int),
                )  # fmt: skip
                forget_draft(request.path)
                return _kept(guide) if live else _proposed(guide)
        except EditConflict as newer:
            conflict = newer
    return editor.drawn(guide, conflict, pending)


def _kept(guide: Guide) -> ResponseReturnValue:
    """After saving: to the guide, sent for review if that was the button."""
    if request.form.get("then") == "send":
        return _taken(guide, "send", "")
    flash(_("Saved."))
    return redirect(guide.path, 303)


def _proposed(guide: Guide) -> ResponseReturnValue:
    flash(_("Saved. Readers see it when another curator has published it."))
    return redirect(f"{guide.path}#proposed", 303)


class _Editor:
    """The form of a guide, with what was looked for in it to be added."""

    def __init__(self, shape: Shape, record: Mapping[str, Any]) -> None:
        self.form = Form.read(shape, record)
        self.wanted = fold(request.form.get("find", ""))[:LONGEST]
        self.found: list[Target] = []
        self.looked = False
        command = request.form.get("_rows", "")
        items = self.form.typed.setdefault("items", [])
        if command.startswith("take "):
            section = items[-1].get("section", "") if items else ""
            if len(items) < MOST_ITEMS:
                items.append({"ref": command.removeprefix("take "), "section": section})
            self.wanted = ""
        elif self.wanted and (command == "find" or not command):
            self.looked = True
            self.found = find_targets(actor(), self.wanted)

    def ready(self) -> bool:
        """Whether the guide is to be saved and can be. Enter in the field for finding only finds."""
        return not self.looked and self.form.ready()

    def drawn(
        self,
        guide: Guide | None = None,
        conflict: EditConflict | None = None,
        pending: GuideProposal | None = None,
    ) -> ResponseReturnValue:
        """The page with the form."""
        form = self.form
        number = pending.number if pending else 0
        if guide and "check" in request.args and not form.submitted:
            # It was to be sent for review and is not finished: here is what is missing.
            _judge(form, guide)
        refs = [item.get("ref", "") for item in form.typed["items"]]
        drawn = page(
            "guides/edit.html",
            form=form,
            guide=guide,
            # What was proposed before the guide changed meets that change as a conflict when it is saved.
            version=form.version(pending.version if pending and not form.submitted else guide.version)
            if guide
            else 0,
            proposed=request.form.get("proposed", number, type=int) if form.faults else number,
            proposes=guide is not None and not may_change_at_once(actor(), guide),
            targets=targets_of(actor(), (ref for ref in refs if ref)),
            sections=list(dict.fromkeys(item.get("section", "") for item in form.typed["items"])),
            wanted=self.wanted if self.looked else "",
            found=[target for target in self.found if target.ref not in refs],
            looked=self.looked,
            theirs=what_differs("guide", *with_titles(actor(), form.typed, as_typed(conflict.current)))
            if conflict
            else None,
            editor_name=conflict.editor_name if conflict else "",
            services=service_choices(),
            themes=THEMES.choices(),
            stages=READING_STAGES.choices(),
        )
        return drawn, conflict.status if conflict else form.status


def _judge(form: Form, guide: Guide) -> None:
    """Put on the form what keeps a draft from being published."""
    try:
        load(GuideShape(), as_typed(current_record(guide)))
    except Invalid as invalid:
        form.blame(invalid)


@blueprint.get("/<slug>")
@opens_to(Role.VISITOR)
def show(slug: str) -> ResponseReturnValue:
    """One guide."""
    return _guide(slug, Form(RemarkShape()))


def _guide(slug: str, form: Form) -> ResponseReturnValue:
    view = guide_page(signed_in(), slug, request.args.get("comments"))
    return page("guides/show.html", view=view, form=form), form.status


@blueprint.post("/<slug>/change")
@opens_to(Role.CURATOR)
def decide_change(slug: str) -> ResponseReturnValue:
    """Publish the change that is proposed, or drop it, with a note to who proposed it."""
    guide = by_slug(slug, actor(), follow=True)
    form = Form.read(ReasonShape())
    limits.spend("write", actor().id)
    if form.ready():
        note = form.data.get("reason", "")
        with form.showing_faults():
            if request.form.get("do") == "publish":
                actions.publish_change(actor(), guide, request.form.get("proposed", 0, type=int), note)
                flash(_("Published. Readers see the change now."))
            else:
                actions.drop_change(actor(), guide, note)
                flash(_("Dropped."))
            return redirect(guide.path, 303)
    return _guide(guide.slug, form)


@blueprint.post("/<slug>/step")
@opens_to(Role.CURATOR)
def take_step(slug: str) -> ResponseReturnValue:
    """Send it for review, publish it, ask for changes, and so on, with a note to the other."""
    guide = by_slug(slug, actor(), follow=True)
    form = Form.read(RemarkShape())
    limits.spend("write", actor().id)
    if form.ready():
        try:
            return _taken(guide, request.form.get("step", ""), form.data.get("note", ""))
        except Invalid as invalid:
            form.blame(invalid)
    return _guide(guide.slug, form)


def _taken(guide: Guide, key: str, note: str) -> ResponseReturnValue:
    """Take the step. An unfinished guide goes to its form, which says what is missing."""
    try:
        actions.take_step(actor(), guide, key, note)
    except Invalid as invalid:
        if set(invalid.faults) == {"note"}:
            raise
        flash(_("Saved. Something is still missing before others can read it."), "warn")
        return redirect(f"{guide.path}/edit?check=1", 303)
    flash(_("Done."))
    return redirect(guide.path, 303)
