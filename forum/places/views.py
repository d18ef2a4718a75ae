"""Suggestions for whoever types the name of a place, and the community that somebody reads for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from flask import Blueprint, Response, current_app, g, jsonify, make_response, redirect, request
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeSerializer

from forum.config import Settings
from forum.core.errors import NotFound
from forum.core.i18n import gettext as _
from forum.core.i18n import ngettext
from forum.core.roles import Role
from forum.places import queries
from forum.places.forms import CommunityShape
from forum.places.likeness import Community
from forum.places.models import countries
from forum.places.queries import LONGEST, PlaceOption
from forum.web.access import opens_to, signed_in
from forum.web.forms import Form
from forum.web.render import page
from forum.web.security import YEAR, safe_next, without_token

blueprint = Blueprint("places", __name__)

# Seconds that anybody may keep an answer: the gazetteer changes with a release, not in between.
KEEP = 3600
# Where somebody goes who has named their community.
ALIKE = "/cases/?sort=alike"
# Made once: many pages ask for it, and a shape copies all its fields.
COMMUNITY = CommunityShape()
BLANK = Form(COMMUNITY)


@blueprint.get("/places/suggest")
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
    return {
        "value": option.name,
        "label": option.label,
        "hint": _people(option),
        "fields": {
            "region": option.region,
            "region_code": option.region_code or "",
            "country": option.country,
            "population": option.population or "",
            "place_id": option.id,
        },
    }


def _people(option: PlaceOption) -> str:
    """ "20,790 people"; "" where we do not know."""
    people = ngettext("%(n)s person", "%(n)s people", option.population)
    return people % {"n": f"{option.population:,}"} if option.population else ""


# --- The community that somebody reads for


@dataclass(frozen=True)
class CommunityPart:
    """What the part of a page needs in which a reader names their community: see components/community.html.

    `named` is whether they did so here; otherwise it comes from where they work, or is None.
    """

    current: Community | None
    named: bool
    back_to: str
    typed: Form | None = None

    @cached_property
    def form(self) -> Form:
        """Where they name it. Most lists ask for none."""
        return self.typed or BLANK


@blueprint.get("/community")
@opens_to(Role.VISITOR)
def community() -> ResponseReturnValue:
    """Name the community to compare with, or see which one it is."""
    return _community_page(community_part(request.args.get("next", "")))


@blueprint.post("/community")
@opens_to(Role.VISITOR)
@without_token
def name_community() -> ResponseReturnValue:
    """Remember the reader's community in a cookie of theirs. Of several places of one name they choose."""
    form = Form.read(COMMUNITY)
    part = replace(community_part(request.form.get("next", "")), typed=form)
    if not form.ready():
        return _community_page(part), form.status
    kept, options = _recognised(form.data)
    if kept is None:
        if not options:
            form.faults.append(("community", _("We do not know this place. Tell us more about it.")))
        return _community_page(part, options), 422
    answer = make_response(redirect(safe_next(part.back_to, ALIKE), 303))
    answer.set_cookie(
        _cookie(),
        _serializer().dumps(kept),
        max_age=YEAR,
        httponly=True,
        samesite="Lax",
        secure=_settings().secure,
    )
    return answer


@blueprint.post("/community/forget")
@opens_to(Role.VISITOR)
@without_token
def forget_community() -> ResponseReturnValue:
    """Drop the cookie."""
    answer = make_response(redirect(safe_next(request.form.get("next"), "/cases/"), 303))
    answer.delete_cookie(_cookie(), httponly=True, samesite="Lax", secure=_settings().secure)
    return answer


def current_community() -> Community | None:
    """The community of whoever reads: the one they named, or where they work. A statement, if there is one."""
    return _communities()[0] or _communities()[1]


def community_part(back_to: str) -> CommunityPart:
    """For pages on which a community can be named; they lead back to `back_to`."""
    named, of_profile = _communities()
    return CommunityPart(named or of_profile, named is not None, back_to)


def _communities() -> tuple[Community | None, Community | None]:
    """The one that was named, or else the one of the profile; looked up once for each request."""
    if "communities" not in g:
        named = _named()
        g.communities = (named, None if named else _of_member(signed_in()))
    found: tuple[Community | None, Community | None] = g.communities
    return found


def _community_page(part: CommunityPart, options: list[PlaceOption] | None = None) -> str:
    choices = [(option.id, option.label, _people(option)) for option in options or ()]
    return page("places/community.html", part=part, options=choices, countries=list(countries().items()))


def _recognised(record: dict[str, Any]) -> tuple[dict[str, Any] | None, list[PlaceOption]]:
    """What the cookie keeps of this community; or else the places among which to choose, if any."""
    told = {name: record[name] for name in ("region", "country", "population") if record.get(name)}
    known = {"population": told["population"]} if "population" in told else {}
    if "place_id" in record:
        return {"place_id": queries.place(record["place_id"]).id} | known, []
    found, options = queries.recognise(record["community"], told.get("region", ""), told.get("country", ""))
    if found is not None:
        return {"place_id": found.id} | known, []
    if options or not ("country" in told and "population" in told):
        return None, options
    codes = [area.region_code for area in queries.areas(told.get("region", "")) if area.region_code]
    code = next((code for code in codes if code.startswith(told["country"])), "")
    return {"name": record["community"], "region_code": code} | told, []


def _named() -> Community | None:
    """The community in this request's cookie; None for a cookie that we did not make, or a place that is gone."""
    if not (cookie := request.cookies.get(_cookie())):
        return None
    try:
        kept = _serializer().loads(cookie)
    except BadSignature:
        return None
    if "place_id" not in kept:
        return Community(**kept)
    try:
        return Community.of_place(queries.place(kept["place_id"]), population=kept.get("population"))
    except NotFound:
        return None


def _of_member(person: Any | None) -> Community | None:
    """The community that a member works for, by their profile."""
    body = person.organisation if person else None
    if body is None or not (body.country and (body.population or body.place_id)):
        return None
    if body.place_id:
        place = queries.place(body.place_id)
        return Community.of_place(place, population=body.population, setting=body.setting)
    return Community(
        body.place_name or body.name,
        body.region,
        body.region_code,
        body.country,
        body.population,
        body.setting,
    )


def _settings() -> Settings:
    settings: Settings = current_app.extensions["interlocal"]
    return settings


def _cookie() -> str:
    return "__Host-community" if _settings().secure else "interlocal_community"


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(_settings().secret_key, salt="community")
