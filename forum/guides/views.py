"""Guides over HTTP: the list, and one guide."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from forum.core.roles import Role
from forum.guides import queries
from forum.posts.queries import Filters
from forum.topics.queries import service_filter
from forum.web.access import opens_to, signed_in
from forum.web.lists import list_address
from forum.web.render import page

blueprint = Blueprint("guides", __name__, url_prefix="/guides")


@blueprint.get("/")
@opens_to(Role.VISITOR)
def index() -> ResponseReturnValue:
    """All guides, newest or most useful first, by service."""
    here = list_address("service", "sort")
    guides = queries.guides(
        signed_in(), Filters(service=here.get("service")), sort=here.get("sort"), cursor=here.after
    )
    return page("guides/index.html", address=here, guides=guides, services=service_filter())


@blueprint.get("/<slug>")
@opens_to(Role.VISITOR)
def show(slug: str) -> ResponseReturnValue:
    """One guide."""
    return page("guides/show.html", view=queries.guide_page(signed_in(), slug, request.args.get("comments")))
