"""Searching over HTTP: the page, the two answers while somebody types, and what curators keep."""

from __future__ import annotations

from dataclasses import asdict

from flask import Blueprint, flash, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import OperationalError

from forum.core.db import db
from forum.core.i18n import gettext as _
from forum.core.roles import Role
from forum.core.text import fold
from forum.places.views import community_part
from forum.posts.models import FOLDERS
from forum.search import queries
from forum.search.actions import curate
from forum.search.actions import saved as keep
from forum.search.forms import SynonymsShape
from forum.search.models import ENTRY_KINDS, POST_KINDS
from forum.search.queries import curate as kept
from forum.search.queries import saved as watching
from forum.search.queries.language import KINDS, LONGEST
from forum.search.queries.results import facet_names, sorts_of
from forum.search.queries.standing import FARTHEST, SORTS
from forum.web import limits
from forum.web.access import actor, opens_to, signed_in
from forum.web.feeds import atom, feed_of
from forum.web.forms import Form
from forum.web.lists import MOST, ListAddress, reads_arguments
from forum.web.render import page
from forum.web.security import safe_next

blueprint = Blueprint("search", __name__)

# Characters of a service or place in the address.
LONGEST_FILTER = 100
# What stands in the address once. What results of one kind are filtered by may stand there several times.
ONCE = ("q", "kind", "service", "place", "sort", "after")


@blueprint.get("/search")
@opens_to(Role.VISITOR)
def search() -> ResponseReturnValue:
    """What was found, how the words were read, and what to do where nothing was found."""
    here = _address()
    kind, after = here.get("kind"), here.get("after")
    part = community_part(here.to())
    found = queries.search_at(
        signed_in(),
        here.args,
        sort=here.get("sort") or SORTS[0],
        start=min(int(after), FARTHEST) if after.isascii() and after.isdigit() else 0,
        community=part.current,
    )
    if found.plan.empty and kind in POST_KINDS:
        # Nothing is looked for: that is the list.
        renamed = {name: facet for facet, name in facet_names(kind).items()}
        args = {renamed.get(name, name): values for name, values in here.args.items() if name != "kind"}
        return redirect(ListAddress(f"/{FOLDERS[kind]}/", args).to())
    if found.plan.query.words and not found.found and not found.start:
        _note_gap(found.plan.query.typed)
    return page(
        "search/results.html",
        here=here,
        # Who narrows all results by what only some kind has gets that kind.
        filters=ListAddress(here.path, {**here.args, "kind": (found.facets_of,)}),
        view=found,
        kinds=_kinds(here, found),
        choices=list(sorts_of(kind, part.current).items()),
        part=part,
        feed=feed_of(here),
    )


def _address() -> ListAddress:
    """The address of this search, with what it does not know left out."""
    kind = request.args.get("kind", "")
    facets = facet_names(kind).values()
    reads_arguments(*ONCE, *(name for each in POST_KINDS for name in facet_names(each).values()))
    given = {name: request.args.getlist(name)[:1] for name in ONCE}
    given |= {name: request.args.getlist(name)[:MOST] for name in facets}
    # One character more than is read, so that it can be told that something was cut off.
    longest = dict.fromkeys(given, LONGEST_FILTER) | {"q": LONGEST + 1}
    args = {
        name: tuple(dict.fromkeys(filter(None, (fold(value[: longest[name]]) for value in values))))
        for name, values in given.items()
    }
    if kind not in KINDS:
        args["kind"] = ()
    if request.args.get("sort") not in (*list(sorts_of(kind))[1:], "alike"):
        args["sort"] = ()
    return ListAddress(request.path, {name: values for name, values in args.items() if values})


def _kinds(here: ListAddress, found: queries.Results) -> list[tuple[str, str, bool]]:
    """(words, address, whether it is this one) of all results and of each kind."""
    chosen = here.get("kind")
    total = sum(n for _kind, n in found.counts)
    # Filters and orders of one kind are of no use to another one.
    kept = ("q", "service", "place", *(("sort",) if here.get("sort") in SORTS else ()))
    every = ListAddress(here.path, {name: here.all(name) for name in kept if here.get(name)})
    tabs = [(_("All %(n)s") % {"n": total}, every.to(), not chosen)]
    tabs += [
        (f"{ENTRY_KINDS.label(kind)} {n}", every.to(kind=kind), kind == chosen)
        for kind, n in found.counts
        if n or kind == chosen
    ]
    return tabs


def _note_gap(words: str) -> None:
    """The one thing that reading writes. It is not worth keeping a reader waiting, or failing, for."""
    try:
        curate.note_gap(words)
    except OperationalError:
        db.session.rollback()


@blueprint.get("/search/feed")
@opens_to(Role.VISITOR)
def feed() -> ResponseReturnValue:
    """The newest that a search finds, as a feed."""
    here = _address()
    title = _("Search: %(words)s") % {"words": here.get("q") or _("everything")}
    return atom(title, here, watching.newest_found(None, here.args), "/search")


@blueprint.get("/saved")
@opens_to(Role.MEMBER)
def saved() -> ResponseReturnValue:
    """What one keeps an eye on, and what is new in it."""
    return page("search/saved.html", watched=watching.watched(actor()))


@blueprint.post("/saved")
@opens_to(Role.MEMBER)
def save() -> ResponseReturnValue:
    """Keep an eye on a list or a search."""
    limits.spend("write", actor().id)
    keep.save_search(actor(), request.form.get("path", ""), request.form.get("name", ""))
    flash(_("Kept. Here you see what is new in it."))
    return redirect("/saved", 303)


@blueprint.post("/saved/<int:saved_id>/look")
@opens_to(Role.MEMBER)
def look(saved_id: int) -> ResponseReturnValue:
    """Go there; what is there now is new no more."""
    return redirect(keep.look_at(actor(), saved_id), 303)


@blueprint.post("/saved/<int:saved_id>/remove")
@opens_to(Role.MEMBER)
def forget(saved_id: int) -> ResponseReturnValue:
    """Keep an eye on it no more."""
    keep.forget_search(actor(), saved_id)
    return redirect("/saved", 303)


@blueprint.get("/search/suggest")
@opens_to(Role.VISITOR)
def suggest() -> ResponseReturnValue:
    """Where the words typed so far may lead, as JSON."""
    found = queries.suggest(signed_in(), request.args.get("q", ""))
    return jsonify([asdict(suggestion) for suggestion in found])


@blueprint.get("/search/alike")
@opens_to(Role.VISITOR)
def alike() -> ResponseReturnValue:
    """Posts like one with this title, as a fragment for the page on which it is typed."""
    return page("search/alike.html", posts=queries.alike(signed_in(), request.args.get("title", "")))


@blueprint.route("/curate/synonyms", methods=["GET", "POST"])
@opens_to(Role.CURATOR)
def synonyms() -> ResponseReturnValue:
    """All groups of words that mean the same, and a form for another."""
    form = Form.read(SynonymsShape())
    if form.ready():
        limits.spend("write", actor().id)
        with form.showing_faults():
            curate.add_synonyms(actor(), form.data["terms"])
            flash(_("Added. Searches know these words from now on."))
            return redirect(request.path, 303)
    return page("search/synonyms.html", form=form, groups=kept.synonyms()), form.status


@blueprint.route("/curate/synonyms/<int:group_id>", methods=["GET", "POST"])
@opens_to(Role.CURATOR)
def edit_synonyms(group_id: int) -> ResponseReturnValue:
    """Change one group, or remove it."""
    group = kept.synonyms_by_id(group_id)
    form = Form.read(SynonymsShape(), {"terms": group.terms})
    if form.ready():
        limits.spend("write", actor().id)
        with form.showing_faults():
            curate.change_synonyms(actor(), group, form.data["terms"])
            flash(_("Saved."))
            return redirect("/curate/synonyms", 303)
    return page("search/edit_synonyms.html", form=form, group=group), form.status


@blueprint.post("/curate/synonyms/<int:group_id>/remove")
@opens_to(Role.CURATOR)
def remove_synonyms(group_id: int) -> ResponseReturnValue:
    """They do not mean the same."""
    limits.spend("write", actor().id)
    curate.remove_synonyms(actor(), kept.synonyms_by_id(group_id))
    flash(_("Removed."))
    return redirect("/curate/synonyms", 303)


@blueprint.get("/curate/gaps")
@opens_to(Role.CURATOR)
def gaps() -> ResponseReturnValue:
    """What people looked for and did not find."""
    return page("search/gaps.html", gaps=kept.gaps(request.args.get("after")))


@blueprint.post("/curate/gaps/<int:gap_id>/close")
@opens_to(Role.CURATOR)
def close_gap(gap_id: int) -> ResponseReturnValue:
    """It is filled, or was none."""
    limits.spend("write", actor().id)
    curate.close_gap(actor(), gap_id)
    return redirect(safe_next(request.form.get("back"), "/curate/gaps"), 303)
