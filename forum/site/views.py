"""Home, services, people, organisations, about, health: the pages that gather many rooms."""

from __future__ import annotations

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from forum.core.db import db
from forum.core.roles import Role
from forum.places.views import community_part
from forum.site.queries import home as home_queries
from forum.site.queries import people, places, services
from forum.web.access import opens_to, signed_in
from forum.web.lists import list_address
from forum.web.render import page

blueprint = Blueprint("site", __name__)

# What is for people alone, or different at every call, is of no use to who indexes the site.
ROBOTS = """User-agent: *
Disallow: /sign-in
Disallow: /join
Disallow: /settings
Disallow: /share
Disallow: /cases/share
Disallow: /questions/ask
Disallow: /moderation/
"""


@blueprint.get("/")
@opens_to(Role.VISITOR)
def home() -> ResponseReturnValue:
    """What is new, what helped, and what waits for an example."""
    address = list_address("sort")
    part = community_part(address.to(sort="alike"))
    view = home_queries.home(signed_in(), address.get("sort"), address.after, community=part.current)
    return page("site/home.html", view=view, address=address, part=part)


@blueprint.get("/services/")
@opens_to(Role.VISITOR)
def all_services() -> ResponseReturnValue:
    """Every domain with its services."""
    return page("site/services.html", view=services.all_services())


@blueprint.get("/services/<slug>")
@opens_to(Role.VISITOR)
def service(slug: str) -> ResponseReturnValue:
    """One service: what is here about it."""
    address = list_address("kind", "sort")
    part = community_part(address.to(sort="alike"))
    view = services.service_page(
        signed_in(),
        slug,
        address.get("kind"),
        sort=address.get("sort"),
        cursor=address.after,
        community=part.current,
    )
    return page("site/service.html", view=view, address=address, part=part)


@blueprint.get("/people/<slug>")
@opens_to(Role.VISITOR)
def person(slug: str) -> ResponseReturnValue:
    """One person and what they wrote."""
    address = list_address("show")
    view = people.person_page(signed_in(), slug, address.get("show"), address.after)
    return page("site/person.html", view=view, address=address)


@blueprint.get("/organisations/<slug>")
@opens_to(Role.VISITOR)
def organisation(slug: str) -> ResponseReturnValue:
    """One organisation: its agreements, who works there, what they asked."""
    address = list_address()
    view = people.organisation_page(signed_in(), slug, address.after)
    return page("site/organisation.html", view=view, address=address)


@blueprint.get("/places/<int:place_id>-<slug>")
@opens_to(Role.VISITOR)
def place(place_id: int, slug: str) -> ResponseReturnValue:
    """One place: the agreements there, near it, and of places like it."""
    address = list_address()
    view = places.place_page(signed_in(), place_id, request.path, address.after)
    return page("site/place.html", view=view, address=address, part=community_part(address.path))


@blueprint.get("/share")
@opens_to(Role.MEMBER)
def share() -> ResponseReturnValue:
    """A case or a question: which one is it?"""
    return page("site/share.html")


@blueprint.get("/about")
@opens_to(Role.VISITOR)
def about() -> ResponseReturnValue:
    """What this is, its rules, and how to read it."""
    return page("site/about.html")


@blueprint.get("/robots.txt")
@opens_to(Role.VISITOR)
def robots() -> Response:
    """What search engines need not read."""
    return Response(ROBOTS, mimetype="text/plain")


@blueprint.get("/healthz")
@opens_to(Role.VISITOR)
def health() -> ResponseReturnValue:
    """Whether the application and its database answer."""
    db.session.execute(text("SELECT 1"))
    return {"status": "ok"}
