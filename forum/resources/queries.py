"""Reading the library."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from forum.accounts.models import Person
from forum.accounts.queries import PersonRef, ref_of
from forum.comments.queries import Thread, thread
from forum.core.catalogue import Entry
from forum.core.db import db
from forum.core.errors import NotFound
from forum.core.format import day
from forum.core.i18n import gettext as _
from forum.core.i18n import mark
from forum.links.addresses import key_of
from forum.links.models import DEAD, LINK_STATES, WELL, Link, LinkUse
from forum.links.queries import Badge, Check, badge_of, history, uses
from forum.places.queries import country_name, region_name
from forum.posts import policy
from forum.posts import queries as posts
from forum.posts.models import READING_STAGES, RESOURCE_KINDS, THEMES, Post
from forum.posts.queries import PostLink, RowSource, targets
from forum.posts.queries.catalogue import (
    FACET_SOURCES,
    SPINE_ORDERS,
    Facet,
    FacetSource,
    place_facet,
    service_facet,
)
from forum.posts.queries.versions import FIELD_LABELS
from forum.resources.models import ACCESS, AUDIENCES, REUSE, Resource, Suggestion
from forum.topics.queries import ServiceRef

TABLE: Any = Resource.__table__


# What an edit conflict and the comparison of versions call the fields.
FIELD_LABELS["resource"] = {
    "url": mark("Address"),
    "kind": mark("What it is"),
    "annotation": mark("Why it helps"),
    "effort": mark("Length"),
    "reach": mark("Where it holds"),
    "reuse": mark("Use terms"),
}


def _facts(row: Any) -> list[tuple[str, str]]:
    """Kind, publisher and year; what it takes to read it, where that is not simply a click."""
    checked = day(row.resource_checked_on)
    facts = [("file-text", RESOURCE_KINDS.label(row.resource_kind))]
    if row.resource_publisher:
        facts.append(("building-2", row.resource_publisher))
    if row.resource_year:
        facts.append(("calendar", str(row.resource_year)))
    if row.resource_access not in (None, "free"):
        facts.append(("lock", ACCESS.label(row.resource_access)))
    if row.resource_link_state in DEAD:
        facts.append(
            ("triangle-alert", ", ".join(filter(None, (LINK_STATES.label(row.resource_link_state), checked))))
        )
    elif row.resource_link_state in WELL and checked:
        facts.append(("check", _("Checked %(day)s") % {"day": checked}))
    return facts


posts.ROW_SOURCES["resource"] = RowSource(
    table=TABLE,
    columns=(
        TABLE.c.resource_kind,
        *(
            TABLE.c[name].label(f"resource_{name}")
            for name in ("publisher", "year", "access", "link_state", "checked_on")
        ),
    ),
    facts=_facts,
    count=lambda row: (row.n_useful, _("found useful")),
)


def _keys_of(urls: Iterable[str]) -> dict[str, str]:
    """url -> key, for those that are web addresses."""
    keys = {}
    for url in urls:
        with suppress(ValueError):
            keys[url] = key_of(url)
    return keys


def _ids_of_addresses(urls: Sequence[str]) -> dict[str, int]:
    """url -> id of the resource there. What is no web address is simply not found."""
    keys = _keys_of(urls)
    found = db.session.execute(
        select(Resource.address_key, Resource.post_id).where(Resource.address_key.in_(keys.values()))
    )
    ids = {row.address_key: row.post_id for row in found}
    return {url: ids[key] for url, key in keys.items() if key in ids}


# References name a resource by its address: "resource:https://example.org/page".
targets.NAMED["resource"] = _ids_of_addresses


def at_address(url: str) -> Resource | None:
    """The resource at an address, however that is spelled."""
    key = _keys_of([url]).get(url)
    query = select(Resource).where(Resource.address_key == key).order_by(Resource.id)
    return db.session.scalars(query).first() if key else None


def resources_at(urls: Sequence[str]) -> dict[str, PostLink]:
    """url -> the resource there, for those of these addresses that have one. One statement."""
    keys = _keys_of(urls)
    found = db.session.execute(
        select(Resource.address_key, Resource.slug, Resource.title).where(
            Resource.address_key.in_(keys.values())
        )
    )
    there = {row.address_key: PostLink("resource", row.slug, row.title) for row in found}
    return {url: there[key] for url, key in keys.items() if key in there}


def _entry(resource: Resource) -> Entry:
    """A resource for the catalogue. A year that is not known stands last."""
    return Entry(
        {
            "kind": [resource.resource_kind],
            "theme": resource.themes,
            "stage": resource.stage,
            "audience": resource.audience,
            "access": [resource.access] if resource.access else [],
            "link": [resource.link_state],
        },
        {"year": float(resource.year)} if resource.year else {},
    )


FACET_SOURCES["resource"] = FacetSource(
    (
        service_facet(),
        Facet("kind", mark("Kind"), RESOURCE_KINDS.label),
        Facet("theme", mark("Theme"), THEMES.label),
        Facet("stage", mark("Stage"), READING_STAGES.label, READING_STAGES.keys),
        Facet("audience", mark("For"), AUDIENCES.label),
        place_facet(),
        Facet("access", mark("Access"), ACCESS.label, ACCESS.keys),
        Facet("link", mark("Link"), LINK_STATES.label, LINK_STATES.keys),
    ),
    SPINE_ORDERS | {"year": mark("Latest year")},
    _entry,
)


@dataclass(frozen=True)
class ResourcePage:
    """One resource. `reach`: where what it says holds; `history`: the last visits to the link, for curators."""

    post: Resource
    author: PersonRef
    services: tuple[ServiceRef, ...]
    host: str
    citation: tuple[str, ...]
    reach: str
    details: tuple[tuple[str, str], ...]
    link: Badge | None
    link_id: int | None
    history: Sequence[Check]
    suggested_by: PersonRef | None
    cited_by: Sequence[PostLink]
    comments: Thread
    marked: bool
    may_mark: bool


WITH_AUTHOR = joinedload(Resource.author).joinedload(Person.organisation)


def resource_page(actor: Person | None, slug: str, comments_after: str | None = None) -> ResourcePage:
    """One resource. Raises Moved for a former slug, NotFound for what is not there or not theirs to see."""
    resource = posts.by_slug(Resource, "resource", slug, actor, WITH_AUTHOR)
    curates = policy.may_curate(actor)
    link = _link_of(resource)
    return ResourcePage(
        post=resource,
        author=ref_of(resource.author),
        services=posts.services_of([resource.id]).get(resource.id, ()),
        host=(urlsplit(resource.url).hostname or "").removeprefix("www."),
        citation=tuple(
            str(part) for part in (resource.written_by, resource.publisher, resource.year) if part
        ),
        reach=_area(resource.reach),
        details=_details(resource),
        link=badge_of(link) if link else None,
        link_id=link.id if link and curates else None,
        history=history([link.id]).get(link.id, ()) if link and curates else (),
        suggested_by=suggested_by(resource.id),
        cited_by=_used_in(actor, resource, link),
        comments=thread(actor, resource, after=comments_after),
        marked=posts.marked_by(actor, resource.id),
        may_mark=policy.may_mark_useful(actor, resource),
    )


def _used_in(actor: Person | None, resource: Resource, link: Link | None) -> list[PostLink]:
    """Posts that point to a resource, and those that have its address among their sources. Two statements."""
    found = {each.href: each for each in posts.citing(actor, resource.id)}
    for use in uses(actor, [link.id]).get(link.id, ()) if link else ():
        if use.post_id != resource.id:
            found.setdefault(use.href, PostLink(use.kind, use.href.rpartition("/")[2], use.title))
    return list(found.values())


def _link_of(resource: Resource) -> Link | None:
    used = select(LinkUse.link_id).where(LinkUse.post_id == resource.id, LinkUse.place == "url")
    return db.session.scalars(select(Link).where(Link.id.in_(used))).first()


def by_slug(actor: Person | None, slug: str) -> Resource:
    """One resource that this person may see. Raises Moved and NotFound."""
    return posts.by_slug(Resource, "resource", slug, actor)


def _area(reach: str) -> str:
    return "" if reach == "general" else region_name(reach) or country_name(reach)


def _details(resource: Resource) -> tuple[tuple[str, str], ...]:
    """What the curator noted of it, as (label, text), without what is not known."""
    pairs = (
        (_("Kind"), RESOURCE_KINDS.label(resource.resource_kind)),
        (_("Length"), resource.effort),
        (_("Access"), ACCESS.label(resource.access)),
        (_("Helps when you are"), ", ".join(READING_STAGES.label(key) for key in resource.stage)),
        (_("About"), ", ".join(THEMES.label(key) for key in resource.themes)),
        (_("Written for"), ", ".join(AUDIENCES.label(key) for key in resource.audience)),
        (_("Holds for"), _area(resource.reach)),
        (
            _("Use terms"),
            REUSE.label(resource.reuse) if resource.reuse in ("public_domain", "open_license") else "",
        ),
    )
    return tuple((label, text) for label, text in pairs if text)


# --- Suggestions


def suggestion_at(url: str) -> Suggestion | None:
    """The suggestion of this address that waits for a curator."""
    key = _keys_of([url]).get(url)
    query = select(Suggestion).where(Suggestion.address_key == key, Suggestion.state == "suggested")
    return db.session.scalars(query.order_by(Suggestion.id)).first() if key else None


def suggestions_of(actor: Person) -> Sequence[Suggestion]:
    """What this person has suggested, the newest first. One statement."""
    query = (
        select(Suggestion).where(Suggestion.person_id == actor.id).order_by(Suggestion.id.desc()).limit(100)
    )
    return db.session.scalars(query).all()


def paths_of(suggestions: Iterable[Suggestion]) -> dict[int, str]:
    """resource id -> its address, for what became of these. One statement."""
    ids = [suggestion.resource_id for suggestion in suggestions if suggestion.resource_id]
    rows = db.session.execute(select(Post.id, Post.slug).where(Post.id.in_(ids)))
    return {row.id: f"/library/{row.slug}" for row in rows}


def queue(limit: int) -> Sequence[Suggestion]:
    """Suggestions that wait for a curator, the oldest first. One statement."""
    query = select(Suggestion).where(Suggestion.state == "suggested").options(joinedload(Suggestion.person))
    return db.session.scalars(query.order_by(Suggestion.id).limit(limit)).all()


def count() -> int:
    """How many suggestions wait. One statement."""
    query = select(func.count()).select_from(Suggestion).where(Suggestion.state == "suggested")
    return db.session.scalar(query) or 0


def suggestion_by_id(suggestion_id: int) -> Suggestion:
    """One suggestion. Raises NotFound."""
    suggestion = db.session.get(Suggestion, suggestion_id)
    if suggestion is None:
        raise NotFound
    return suggestion


def suggested_by(resource_id: int) -> PersonRef | None:
    """Who suggested a resource, where somebody did."""
    query = select(Suggestion).where(Suggestion.resource_id == resource_id, Suggestion.state == "approved")
    found = db.session.scalars(query.options(joinedload(Suggestion.person).joinedload(Person.organisation)))
    suggestion = found.first()
    return ref_of(suggestion.person) if suggestion else None
