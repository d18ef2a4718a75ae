"""Keeping the library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from forum.accounts.models import Person
from forum.core import clock, once
from forum.core.db import db, lock, write
from forum.core.errors import Forbidden, Invalid
from forum.core.events import publish
from forum.core.http import fetch
from forum.core.i18n import gettext as _
from forum.core.rows import insert_once
from forum.links import actions as links
from forum.links.addresses import key_of, normalize, unwrapped
from forum.links.events import LinkChecked
from forum.links.models import Link, LinkUse
from forum.links.pages import PageFacts, read_page
from forum.links.queries import why
from forum.places.models import region_name
from forum.places.queries import countries
from forum.posts import actions as posts
from forum.posts.events import PostPublished
from forum.posts.policy import may_curate, may_see_post
from forum.resources import queries
from forum.resources.models import Resource, Suggestion


def add_resource(
    actor: Person, record: Mapping[str, Any], *, slug: str = "", draft: bool = False, key: str = ""
) -> Resource:
    """Put a link into the library (ResourceShape), or only prepare it (DraftShape, seen by curators).

    Once for each `key`. Raises Forbidden, and Invalid for one that is there already.
    """
    with write() as session:
        if made := once.claim(key):
            return session.get_one(Resource, made)
        _ask(actor)
        resource = Resource(author_id=actor.id, state="draft" if draft else "visible")
        _put(resource, record, actor)
        posts.publish_new(resource, record, slug=slug)
        if draft:
            # Drafts are not announced, but their links are looked after.
            links.record_links_of(resource.id)
        once.note(key, resource.id)
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


def publish_resource(actor: Person, resource: Resource) -> None:
    """Show a draft to everybody. Raises Forbidden."""
    with write():
        _ask(actor)
        lock(resource)
        if resource.state == "draft":
            resource.state, resource.created_at = "visible", clock.now()
            db.session.flush()
            posts.catalogue(resource)
            publish(PostPublished(resource.id, resource.kind))


def _ask(actor: Person) -> None:
    if not may_curate(actor):
        raise Forbidden(_("Curators keep the library. Suggest the link to them."))


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
    resource.resource_kind = record.get("kind", "article_or_blog")
    resource.summary = record.get("annotation", "")
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


# --- Suggestions


@dataclass(frozen=True)
class LookedUp:
    """An address, what its page says of itself, and the resource that is there already; `problem`: a sentence."""

    url: str
    facts: PageFacts = field(default_factory=PageFacts)
    existing: Resource | None = None
    problem: str = ""


def look_up(url: str) -> LookedUp:
    """Visit a page and tell what it offers. Takes up to ten seconds, so it is asked for, and limited."""
    try:
        address = normalize(unwrapped(url))
    except ValueError:
        return LookedUp(url, problem=_("This is not a web address. One looks like https://example.org/page."))
    if existing := queries.at_address(address):
        return LookedUp(address, existing=existing)
    db.session.rollback()  # nothing is held open while we wait for somebody else's server
    page = fetch(address)
    if page.error or page.status >= 400:
        return LookedUp(
            address,
            problem=_("The page did not open from here (%(why)s). You can still fill in the rest yourself.")
            % {"why": why(page.status, page.error)},
        )
    try:
        end = normalize(page.url)
    except ValueError:
        end = address
    return LookedUp(address, read_page(page), existing=queries.at_address(end))


def suggest_link(actor: Person, record: Mapping[str, Any], *, key: str = "") -> Suggestion:
    """Suggest a link (SuggestionShape), once for each `key`.

    Raises Invalid for one that is in the library or waits already.
    """
    try:
        url = normalize(unwrapped(record["url"]))
    except ValueError:
        raise Invalid({"url": _("Enter a web address, such as https://example.org/page.")}) from None
    with write() as session:
        if made := once.claim(key):
            return session.get_one(Suggestion, made)
        if there := queries.at_address(url):
            raise Invalid({"url": _already_at(there, actor)})
        is_new = insert_once(
            Suggestion,
            url=url,
            address_key=key_of(url),
            record=posts.plain({**record, "url": url}),
            state="suggested",
            reason="",
            person_id=actor.id,
            created_at=clock.now(),
        )
        suggestion = queries.suggestion_at(url)
        if suggestion is None or not is_new:
            raise Invalid({"url": _("Somebody has suggested this link already. A curator will look at it.")})
        once.note(key, suggestion.id)
    return suggestion


def approve_suggestion(actor: Person, suggestion: Suggestion, record: Mapping[str, Any]) -> Resource:
    """Put a suggested link into the library, as the curator describes it (ResourceShape)."""
    with write():
        _decide(actor, suggestion, "approved")
        resource = add_resource(actor, record)
        suggestion.resource_id = resource.id
    return resource


def decline_suggestion(actor: Person, suggestion: Suggestion, reason: str) -> None:
    """Leave a suggested link out of the library, and say why."""
    with write():
        _decide(actor, suggestion, "declined")
        suggestion.reason = reason


def _decide(actor: Person, suggestion: Suggestion, state: str) -> None:
    _ask(actor)
    lock(suggestion)
    if suggestion.state != "suggested":
        raise Invalid({"": _("Somebody has decided about this suggestion meanwhile.")})
    suggestion.state, suggestion.decided_by_id, suggestion.decided_at = state, actor.id, clock.now()
