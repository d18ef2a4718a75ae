"""Cases over HTTP: the list, one case, the five-field form, and a form for each card."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue

from forum.accounts.models import ORGANISATION_KINDS, SETTINGS
from forum.case_studies import actions, policy
from forum.case_studies.forms import CARDS, BasicsCard, CaseShape
from forum.case_studies.models import CaseStudy
from forum.case_studies.models import vocabularies as words
from forum.case_studies.queries import facets, lists  # noqa: F401  # they tell the lists about cases
from forum.case_studies.queries.map import case_map
from forum.case_studies.queries.page import case_page
from forum.core.errors import EditConflict, Forbidden, NotFound
from forum.core.i18n import gettext as _
from forum.core.roles import Role
from forum.core.shapes import load
from forum.places.queries import countries
from forum.posts.models import RESOURCE_KINDS
from forum.posts.queries import by_slug, current_record, saying_the_same
from forum.posts.queries.catalogue import Filtered
from forum.posts.views import list_feed, list_page
from forum.topics.queries import service_choices
from forum.web import limits
from forum.web.access import actor, opens_to, signed_in
from forum.web.forms import Form, forget_draft
from forum.web.lists import ListAddress
from forum.web.render import page

blueprint = Blueprint("case_studies", __name__)


@blueprint.get("/cases/")
@opens_to(Role.VISITOR)
def index() -> ResponseReturnValue:
    """All cases, filtered, counted and sorted by what they are about and what they cost."""
    return list_page("case", "case_studies/index.html", _map)


def _map(here: ListAddress, found: Filtered) -> dict[str, Any]:
    """Where the cases are that were found; on the first page of the list alone."""
    if not found.posts.first:
        return {"map": None}
    return {"map": case_map(found.every, lambda box: here.to(box=box), height=300)}


@blueprint.get("/cases/feed")
@opens_to(Role.VISITOR)
def feed() -> ResponseReturnValue:
    """The same list as a feed."""
    return list_feed("case")


@blueprint.get("/cases/<slug>")
@opens_to(Role.VISITOR)
def show(slug: str) -> ResponseReturnValue:
    """One case, drawn as an agreement."""
    return page("case_studies/show.html", view=case_page(signed_in(), slug, request.args.get("comments")))


@blueprint.route("/cases/share", methods=["GET", "POST"])
@opens_to(Role.MEMBER)
def share() -> ResponseReturnValue:
    """The five fields on one page."""
    form = Form.read(BasicsCard(), _suggested())
    before: list[Any] = []
    if form.ready():
        before = [] if form.seen else saying_the_same(actor(), form.data["title"])
        limits.spend("write", actor().id)
        if not before:
            with form.showing_faults():
                case = actions.share_case(actor(), load(CaseShape(), form.typed), key=form.once)
                forget_draft(request.path)
                flash(_("Your case is published. Add what you know below; each part is saved on its own."))
                return redirect(case.path, 303)
    return page("case_studies/share.html", form=form, before=before, words=vocabularies()), form.status


def _suggested() -> dict[str, Any]:
    """What a new case starts with: where the author works as the first party, and a service that a link named."""
    record: dict[str, Any] = {
        "services": [slug for slug in request.args.getlist("service") if len(slug) < 80]
    }
    if body := actor().organisation:
        record["parties"] = [{"name": body.name, "kind": body.kind, "population": body.population}, {}]
        record["place"] = {"name": body.place_name, "region": body.region, "region_code": body.region_code}
        record["place"] |= {"country": body.country}
    return record


@blueprint.route("/cases/<slug>/edit/<card>", methods=["GET", "POST"])
@opens_to(Role.MEMBER)
def edit(slug: str, card: str) -> ResponseReturnValue:
    """One card of a case. It carries the version that it was opened at."""
    if card not in CARDS:
        raise NotFound
    case = by_slug(CaseStudy, "case", slug, actor())
    if not policy.may_edit_case(actor(), case):
        raise Forbidden(_("Only its author, its parties and curators may change this case."))
    record = current_record(case)
    form = Form.read(CARDS[card](), record)
    version = request.form.get("version", str(case.version))
    conflict: EditConflict | None = None
    if form.ready():
        limits.spend("write", actor().id)
        try:
            with form.showing_faults():
                # A version that makes no sense is older than any.
                opened_at = int(version) if version.isdecimal() else 0
                saved = actions.save_card(actor(), case, card, form.data, opened_at)
                forget_draft(request.path)
                flash(_("Saved."))
                return redirect(saved.path, 303)
        except EditConflict as newer:
            # Both texts are shown: theirs beside the form that still holds mine, which now builds on theirs.
            conflict, version = newer, str(case.version)
            record = newer.current
    status = 409 if conflict else form.status
    return (
        page(
            "case_studies/edit.html",
            form=form,
            case=case,
            card=card,
            version=version,
            parties=[(party["id"], party["name"]) for party in record["parties"]],
            theirs=Form(CARDS[card](), record) if conflict else None,
            editor_name=conflict.editor_name if conflict else "",
            words=vocabularies(),
        ),
        status,
    )


def vocabularies() -> dict[str, Any]:
    """Choices for the fields of the forms, as (key, label), (key, label, hint) or grouped."""
    arrangements = [
        (
            words.ARRANGEMENT_LEVELS.label(level.key),
            [
                (term.key, _(term.label), _(term.hint))
                for term in words.ARRANGEMENTS
                if term.group == level.key
            ],
        )
        for level in words.ARRANGEMENT_LEVELS
    ]
    return {
        "services": service_choices(),
        "arrangements": arrangements,
        "countries": list(countries().items()),
        "kinds": ORGANISATION_KINDS.choices(),
        "settings": SETTINGS.choices(),
        "parts": words.PARTS.choices(),
        "statuses": words.STATUSES.choices(),
        "end_reasons": words.END_REASONS.choices(),
        "source_kinds": words.SOURCE_KINDS.choices(),
        "task_roles": words.TASK_ROLES.choices(),
        "categories": words.COST_CATEGORIES.choices(),
        "periods": words.PERIODS.choices(),
        "cost_bases": words.COST_BASES.choices(),
        "currencies": [(code, code) for code in words.CURRENCIES],
        "methods": [(term.key, _(term.label)) for term in words.SPLIT_METHODS],
        "overheads": words.OVERHEADS.choices(),
        "adjustments": words.ADJUSTMENTS.choices(),
        "fee_keepers": words.FEE_KEEPERS.choices(),
        "schedule_kinds": words.SCHEDULE_KINDS.choices(),
        "instruments": words.INSTRUMENTS.choices(),
        "renewals": words.RENEWALS.choices(),
        "oversights": words.OVERSIGHTS.choices(),
        "votings": words.VOTINGS.choices(),
        "employers": words.EMPLOYERS.choices(),
        "clauses": words.CLAUSES.choices(),
        "covered": words.COVERED.choices(),
        "motives": words.MOTIVES.choices(),
        "outcome_types": words.OUTCOME_TYPES.choices(),
        "directions": words.DIRECTIONS.choices(),
        "outcome_bases": words.OUTCOME_BASES.choices(),
        "savings_kinds": [(term.key, _(term.label)) for term in words.SAVINGS_KINDS],
        "obstacles": words.OBSTACLES.choices(),
        "initiators": words.INITIATORS.choices(),
        "studies": words.STUDIES.choices(),
        "approvals": words.APPROVALS.choices(),
        "document_kinds": RESOURCE_KINDS.choices(),
        "contact_ways": words.CONTACT_WAYS.choices(),
    }
