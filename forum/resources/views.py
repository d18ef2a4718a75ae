"""The library over HTTP: the list, and one resource."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from forum.core.roles import Role
from forum.posts.queries import Filters
from forum.resources import queries
from forum.topics.queries import service_filter
from forum.web.access import opens_to, signed_in
from forum.web.lists import counted, list_address
from forum.web.render import page

blueprint = Blueprint("resources", __name__, url_prefix="/library")


@blueprint.get("/")
@opens_to(Role.VISITOR)
def index() -> ResponseReturnValue:
    """The library, newest or most useful first, by service, place and kind."""
    here = list_address("service", "place", "kind", "sort")
    filters = Filters(here.get("service"), here.get("place"), here.get("kind"))
    library = queries.library(signed_in(), filters, sort=here.get("sort"), cursor=here.after)
    return page(
        "resources/index.html",
        address=here,
        posts=library.posts,
        services=service_filter(),
        kinds=counted(library.kinds),
        places=counted(library.places),
    )


@blueprint.get("/<slug>")
@opens_to(Role.VISITOR)
def show(slug: str) -> ResponseReturnValue:
    """One resource."""
    view = queries.resource_page(signed_in(), slug, request.args.get("comments"))
    return page("resources/show.html", view=view)
