"""Keeping the library."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from forum.accounts.models import Person
from forum.core.db import db, write
from forum.core.errors import Forbidden, Invalid
from forum.core.i18n import gettext as _
from forum.links.addresses import key_of, normalize
from forum.links.events import LinkChecked
from forum.links.models import Link, LinkUse
from forum.places.models import region_name
from forum.places.queries import countries
from forum.posts import actions as posts
from forum.posts.policy import may_curate, may_see_post
from forum.resources import queries
from forum.resources.models import Resource


def add_resource(actor: Person, record: Mapping[str, Any], *, slug: str = "") -> Resource:
    """Put a link into the library (ResourceShape). Raises Forbidden, and Invalid for one that is there already."""
    with write():
        _ask(actor)
        resource = Resource(author_id=actor.id)
        _put(resource, record, actor)
        posts.publish_new(resource, record, slug=slug)
    return resource


def edit_resource(
    actor: Person, resource: Resource, record: Mapping[str, Any], opened_at: int | None
) -> None:
    """Save a new version. Raises Forbidden, Invalid, and EditConflict with the record that now stands."""
    with write():
        _ask(actor)
        posts.check_version(resource, opened_at)
        _put(resource, record, actor)
        posts.save_version(resource, actor, record)


def _ask(actor: Person) -> None:
    if not may_curate(actor):
        raise Forbidden(_("Curators keep the library. Suggest the link in a comment."))


def _put(resource: Resource, record: Mapping[str, Any], actor: Person) -> None:
    """Make the resource what the record says."""
    try:
        address = normalize(record["url"])
    except ValueError:
        raise Invalid({"url": _("Enter a web address, such as https://example.org/page.")}) from None
    there = queries.at_address(address)
    if there and there is not resource:
        raise Invalid({"url": _already_at(there, actor)})
    if address != resource.url:
        resource.link_state, resource.checked_on = "unchecked", None
    resource.url, resource.address_key = address, key_of(address)
    resource.title = record["title"]
    resource.resource_kind = record["kind"]
    resource.summary = record["annotation"]
    resource.publisher = record.get("publisher", "")
    resource.written_by = record.get("author", "")
    resource.year = record.get("year")
    resource.stage = record.get("stage", [])
    resource.themes = record.get("themes", [])
    resource.audience = record.get("audience", [])
    resource.access = record.get("access")
    resource.effort = record.get("effort", "")
    resource.reuse = record.get("reuse", "link_only")
    resource.reach = record.get("reach", "")
    resource.country, resource.region_code, resource.region = _area(resource.reach)
    posts.set_services(resource, record.get("services", []))


def _already_at(there: Resource, actor: Person) -> str:
    if not may_see_post(actor, there):
        return _("This link was in the library and a moderator has hidden it.")
    return _("This link is in the library already: “%(title)s”, at %(path)s.") % {
        "title": there.title,
        "path": there.path,
    }


def _area(reach: str) -> tuple[str, str, str]:
    """Country, region code and region that a reach stands for; blank for a reach in words."""
    if name := region_name(reach):
        return reach[:2], reach, name
    return (reach, "", "") if reach in countries() else ("", "", "")


def follow_link(event: LinkChecked) -> None:
    """A link was visited: the resource that it is the address of shows and is filtered by its state."""
    found = db.session.execute(
        select(Resource, Link.checked_at)
        .join(LinkUse, LinkUse.post_id == Resource.id)
        .join(Link, Link.id == LinkUse.link_id)
        .where(Link.id == event.link_id, LinkUse.place == "url")
    )
    for resource, checked_at in found:
        changed = resource.link_state != event.state
        resource.link_state, resource.checked_on = event.state, checked_at
        if changed:
            db.session.flush()
            posts.catalogue(resource)
