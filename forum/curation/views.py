"""The curators' desk for links over HTTP: the repair queue, and pages that are pasted."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue

from forum.core.errors import Invalid
from forum.core.i18n import gettext as _
from forum.core.i18n import ngettext
from forum.core.roles import Role
from forum.curation import actions, pastes, queries
from forum.curation.actions import Mended
from forum.curation.forms import AddressShape, ArchiveShape, PasteShape, TakeShape
from forum.links import actions as links
from forum.links.queries import link_by_id
from forum.posts.models import RESOURCE_KINDS
from forum.resources.queries import resources_at
from forum.web import limits
from forum.web.access import actor, opens_to
from forum.web.forms import Form, forget_draft
from forum.web.lists import list_address
from forum.web.render import page
from forum.web.security import safe_next

blueprint = Blueprint("curation", __name__, url_prefix="/curate")


# --- Links


@blueprint.get("/links")
@opens_to(Role.CURATOR)
def all_links() -> ResponseReturnValue:
    """Links by their state, the neediest first."""
    here = list_address("state")
    return page(
        "curation/links.html", here=here, view=queries.links_page(actor(), here.get("state"), here.after)
    )


@blueprint.get("/links/<int:link_id>")
@opens_to(Role.CURATOR)
def link(link_id: int) -> ResponseReturnValue:
    """One link: its history, where it is used, and what can be done."""
    return _link_page(link_id)


def _link_page(link_id: int, **forms: Form) -> ResponseReturnValue:
    view = queries.link_page(actor(), link_id)
    given: dict[str, Form] = {
        "repair": Form(AddressShape(), {"url": view.link.proposed_url}),
        "replace": Form(AddressShape()),
        "archive": Form(ArchiveShape(), {"archive": view.link.archive_url}),
    } | forms
    status = 422 if any(form.faults for form in given.values()) else 200
    return page("curation/link.html", view=view, forms=given), status


@blueprint.post("/links/<int:link_id>/repair")
@opens_to(Role.CURATOR)
def repair(link_id: int) -> ResponseReturnValue:
    """The page has another address now."""
    form = Form.read(AddressShape())
    if form.ready():
        limits.spend("write", actor().id)
        with form.showing_faults():
            return _mended(actions.repair_link(actor(), link_by_id(link_id), form.data["url"]))
    return _link_page(link_id, repair=form)


@blueprint.post("/links/<int:link_id>/replace")
@opens_to(Role.CURATOR)
def replace(link_id: int) -> ResponseReturnValue:
    """Point to another page instead."""
    form = Form.read(AddressShape())
    if form.ready():
        limits.spend("write", actor().id)
        with form.showing_faults():
            return _mended(actions.replace_link(actor(), link_by_id(link_id), form.data["url"]))
    return _link_page(link_id, replace=form)


def _mended(mended: Mended) -> ResponseReturnValue:
    if mended.n:
        sentence = ngettext(
            "The new address is in %(n)d post.", "The new address is in %(n)d posts.", mended.n
        )
        flash(sentence % {"n": mended.n})
    for title, why in mended.left:
        flash(_("“%(title)s” could not be saved: %(why)s") % {"title": title, "why": why}, "warn")
    return redirect("/curate/links", 303)


@blueprint.post("/links/<int:link_id>/archive")
@opens_to(Role.CURATOR)
def archive(link_id: int) -> ResponseReturnValue:
    """Choose the copy that readers are offered."""
    form = Form.read(ArchiveShape())
    if form.ready():
        with form.showing_faults():
            links.set_archive(actor(), link_by_id(link_id), form.data.get("archive", ""))
            flash(_("Readers are offered this copy while the link is dead."))
            return redirect(f"/curate/links/{link_id}", 303)
    return _link_page(link_id, archive=form)


@blueprint.post("/links/<int:link_id>/act")
@opens_to(Role.CURATOR)
def act(link_id: int) -> ResponseReturnValue:
    """What takes one step: check it again, accept the page as it is, retire it."""
    found = link_by_id(link_id)
    limits.spend("write", actor().id)
    match request.form.get("do"):
        case "check":
            links.check_again(actor(), found)
            flash(_("It will be visited within a minute or two."))
        case "accept":
            links.accept_page(actor(), found)
            flash(_("Taken as it is."))
        case "retire":
            links.retire(actor(), found)
            flash(_("Retired. Readers see that, with an archived copy where there is one."))
        case _other:
            raise Invalid({"": _("There is nothing of this name to do.")})
    state = request.form.get("state", "")
    here = f"/curate/links?state={state}" if state.isalpha() else f"/curate/links/{link_id}"
    return redirect(safe_next(request.form.get("back"), here), 303)


# --- A pasted page


@blueprint.route("/paste", methods=["GET", "POST"])
@opens_to(Role.CURATOR)
def paste() -> ResponseReturnValue:
    """Paste a page with links, and see what is found in it."""
    form = Form.read(PasteShape())
    if form.ready():
        limits.spend("preview", actor().id)
        try:
            pasted = pastes.read_paste(form.data["page"])
        except ValueError:
            form.blame(
                Invalid({"page": _("This page is built too deeply to be read. Paste its text instead.")})
            )
        else:
            if pasted.links:
                return _choose(_offered(pasted))
            form.blame(
                Invalid(
                    {
                        "page": _(
                            "There is no link in this. Paste the HTML of the page, or its text with addresses."
                        )
                    }
                )
            )
    return page("curation/paste.html", form=form), form.status


def _offered(pasted: pastes.Pasted) -> Form:
    rows = [
        {
            "keep": not link.frame,
            "url": link.url,
            "title": link.title,
            "note": link.note,
            "section": link.section,
        }
        for link in pasted.links
    ]
    return Form(TakeShape(), {"title": pasted.title, "intro": pasted.intro, "links": rows})


def _choose(form: Form) -> ResponseReturnValue:
    urls = [str(row.get("url", "")) for row in form.typed.get("links", [])]
    return page(
        "curation/choose.html",
        form=form,
        there=resources_at(urls),
        kinds=RESOURCE_KINDS.choices(),
    ), form.status


@blueprint.post("/paste/take")
@opens_to(Role.CURATOR)
def take() -> ResponseReturnValue:
    """Make a draft of a guide of what is kept."""
    form = Form.read(TakeShape())
    if form.ready():
        limits.spend("write", actor().id)
        with form.showing_faults():
            guide = actions.take_paste(actor(), form.data, key=form.once)
            forget_draft("/curate/paste")
            flash(_("The draft is made. New links are drafts too, and are published with the guide."))
            return redirect(guide.path, 303)
    return _choose(form)
