"""The library over HTTP: the list, and one resource."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from forum.core.roles import Role
from forum.posts.views import list_feed, list_page
from forum.resources import queries
from forum.web.access import opens_to, signed_in
from forum.web.render import page

blueprint = Blueprint("resources", __name__, url_prefix="/library")


@blueprint.get("/")
@opens_to(Role.VISITOR)
def index() -> ResponseReturnValue:
    """The library, filtered, counted and sorted."""
    return list_page("resource", "resources/index.html")


@blueprint.get("/feed")
@opens_to(Role.VISITOR)
def feed() -> ResponseReturnValue:
    """The same list as a feed."""
    return list_feed("resource")


@blueprint.get("/<slug>")
@opens_to(Role.VISITOR)
def show(slug: str) -> ResponseReturnValue:
    """One resource."""
    view = queries.resource_page(signed_in(), slug, request.args.get("comments"))
    return page("resources/show.html", view=view)
