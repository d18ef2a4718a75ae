"""Guides over HTTP: the list, one guide, and the curators' list of those that wait for somebody."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from forum.core.roles import Role
from forum.guides.queries.lists import waiting_guides
from forum.guides.queries.page import guide_page
from forum.posts.views import list_feed, list_page
from forum.web.access import opens_to, signed_in
from forum.web.render import page

blueprint = Blueprint("guides", __name__, url_prefix="/guides")


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


@blueprint.get("/<slug>")
@opens_to(Role.VISITOR)
def show(slug: str) -> ResponseReturnValue:
    """One guide."""
    return page("guides/show.html", view=guide_page(signed_in(), slug, request.args.get("comments")))
