"""The pages of the services: all of them, and one with what is there about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from forum.accounts.models import Person
from forum.case_studies.queries.map import CaseMap, case_map
from forum.core.changes import kept, note
from forum.core.db import db
from forum.core.listing import Listing
from forum.places.likeness import Community
from forum.posts.models import KINDS, POSTS, Post, PostService
from forum.posts.queries import PostRow, about_service, counts_by_kind
from forum.posts.queries.alike import alike_first
from forum.posts.queries.catalogue import matching
from forum.posts.queries.lists import Filters, listing
from forum.topics import queries as topics
from forum.topics.models import SERVICES
from forum.topics.queries import Domain, ServiceRef


@dataclass(frozen=True)
class AllServices:
    """Every domain with its services. `counts`: service id -> number of posts about it that everybody sees."""

    domains: Sequence[Domain]
    counts: dict[int, int]


def all_services() -> AllServices:
    """The page of all services. Two statements; none where it is read again."""
    return kept("all services", _all_services)


def _all_services() -> AllServices:
    note(POSTS, SERVICES)
    rows = db.session.execute(
        select(PostService.service_id, func.count().label("n"))
        .join(Post, Post.id == PostService.post_id)
        .where(Post.state == "visible")
        .group_by(PostService.service_id)
    )
    return AllServices(topics.domains(), {row.service_id: row.n for row in rows})


@dataclass(frozen=True)
class ServiceRecord:
    """What there is to say of a service. `around`: the services below a domain, or those beside a service.

    `counts`: kind -> number of posts about it, or about what is below it.
    """

    slug: str
    name: str
    description: str
    synonyms: tuple[str, ...]
    domain: ServiceRef | None
    around: tuple[ServiceRef, ...]
    counts: dict[str, int]


@dataclass(frozen=True)
class ServicePage:
    """One service with its posts and where they are."""

    service: ServiceRecord
    posts: Listing[PostRow]
    map: CaseMap


def service_page(
    actor: Person | None,
    slug: str,
    kind: str,
    *,
    sort: str,
    cursor: str | None,
    community: Community | None = None,
) -> ServicePage:
    """One service with its posts, of one kind or of all; sorted "alike", those of places like this community first.

    Raises NotFound.
    """
    service = kept(("service", slug), lambda: _record(slug))
    kinds = (kind,) if kind in KINDS else KINDS.keys
    if sort == "alike" and community:
        posts = alike_first(kinds, community, service=slug, cursor=cursor)
    else:
        posts = listing(actor, kinds, Filters(service=slug), sort=sort, cursor=cursor)
    return ServicePage(
        service=service,
        posts=posts,
        map=case_map(matching("case", {"service": [slug]}), lambda box: f"/cases/?service={slug}&box={box}"),
    )


def _record(slug: str) -> ServiceRecord:
    note(POSTS, SERVICES)
    service = topics.by_slug(slug)
    top = service.parent_id or service.id
    family = topics.family(top)
    return ServiceRecord(
        slug=service.slug,
        name=service.name,
        description=service.description,
        synonyms=tuple(synonym.term for synonym in service.synonyms),
        domain=next((ref for ref in family if ref.id == top), None) if service.parent_id else None,
        around=tuple(ref for ref in family if ref.parent_slug and ref.id != service.id),
        counts=counts_by_kind(about_service(slug)),
    )
