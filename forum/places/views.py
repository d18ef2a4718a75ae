"""Suggestions for whoever types the name of a place."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from forum.core.i18n import ngettext
from forum.core.roles import Role
from forum.places import queries
from forum.places.queries import LONGEST, PlaceOption
from forum.web.access import opens_to

blueprint = Blueprint("places", __name__, url_prefix="/places")

# Seconds that anybody may keep an answer: the gazetteer changes with a release, not in between.
KEEP = 3600


@blueprint.get("/suggest")
@opens_to(Role.VISITOR)
def suggest() -> Response:
    """Places for ?q= (and ?country=, ISO alpha-2), as what a combobox shows and what it fills in."""
    found = queries.suggest(
        request.args.get("q", "")[:LONGEST], country=request.args.get("country", "")[:2].upper() or None
    )
    answer = jsonify([_suggestion(option) for option in found])
    answer.cache_control.public = True
    answer.cache_control.max_age = KEEP
    return answer


def _suggestion(option: PlaceOption) -> dict[str, object]:
    people = ngettext("%(n)s person", "%(n)s people", option.population) % {"n": f"{option.population:,}"}
    return {
        "value": option.name,
        "label": option.label,
        "hint": people if option.population else "",
        "fields": {
            "region": option.region,
            "region_code": option.region_code or "",
            "country": option.country,
            "population": option.population or "",
            "place_id": option.id,
        },
    }
