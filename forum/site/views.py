"""Home, services, a person, an organisation, about, health."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from forum.core.db import db
from forum.core.roles import Role
from forum.site import queries
from forum.web.access import opens_to, signed_in
from forum.web.render import page

blueprint = Blueprint("site", __name__)


@blueprint.get("/")
@opens_to(Role.VISITOR)
def home() -> ResponseReturnValue:
    """What is new, and where to begin."""
    sort = "useful" if request.args.get("sort") == "useful" else "newest"
    return page("site/home.html", home=queries.home(signed_in(), sort, request.args.get("after")), sort=sort)


@blueprint.get("/healthz")
@opens_to(Role.VISITOR)
def health() -> ResponseReturnValue:
    """Whether the application and its database answer."""
    db.session.execute(text("SELECT 1"))
    return {"status": "ok"}
