"""Reading the services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from forum.core.changes import kept, note
from forum.core.db import db
from forum.core.errors import NotFound
from forum.core.i18n import gettext as _
from forum.core.rows import Prepared
from forum.core.text import compare_key
from forum.topics.models import SERVICES, Service, Synonym


@dataclass(frozen=True)
class ServiceRef:
    """What a chip, a filter or a form needs of a service."""

    id: int
    slug: str
    name: str
    parent_slug: str | None
    parent_name: str | None

    @property
    def path(self) -> str:
        """Its permanent address."""
        return f"/services/{self.slug}"


@dataclass(frozen=True)
class Domain:
    """A first-level service with those below it."""

    id: int
    slug: str
    name: str
    description: str
    services: tuple[ServiceRef, ...]


def domains() -> list[Domain]:
    """All services as a two-level tree, in their curated order. One statement."""
    rows = db.session.execute(
        select(Service.id, Service.slug, Service.name, Service.description, Service.parent_id).order_by(
            Service.position, Service.id
        )
    ).all()
    tops = [row for row in rows if row.parent_id is None]
    return [
        Domain(
            top.id,
            top.slug,
            top.name,
            top.description,
            tuple(
                ServiceRef(row.id, row.slug, row.name, top.slug, top.name)
                for row in rows
                if row.parent_id == top.id
            ),
        )
        for top in tops
    ]


def top_services() -> Sequence[tuple[str, str]]:
    """(slug, name) of the domains, in their curated order. A statement when one has changed."""

    def read() -> tuple[tuple[str, str], ...]:
        note(SERVICES)
        return tuple((row.slug, row.name) for row in _domains())

    return kept("domains", read)


@Prepared
def _domains() -> Select[*tuple[Any, ...]]:
    of_none = select(Service.slug, Service.name).where(Service.parent_id.is_(None))
    return of_none.order_by(Service.position, Service.id)


def family(domain_id: int) -> list[ServiceRef]:
    """A domain and the services below it, in their curated order. One statement."""
    parent = aliased(Service)
    rows = db.session.execute(
        select(Service.id, Service.slug, Service.name, parent.slug, parent.name)
        .outerjoin(parent, parent.id == Service.parent_id)
        .where((Service.id == domain_id) | (Service.parent_id == domain_id))
        .order_by(Service.position, Service.id)
    )
    return [ServiceRef(*row) for row in rows]


def service_choices() -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Services grouped by domain, as (heading, [(slug, name, its synonyms)]) for a form; the domain as a whole
    stands first. Two statements."""
    synonyms: dict[int, list[str]] = {}
    for id_, term in db.session.execute(select(Synonym.service_id, Synonym.term)):
        synonyms.setdefault(id_, []).append(term)
    return [
        (
            domain.name,
            [(domain.slug, _("%(domain)s in general") % {"domain": domain.name}, "")]
            + [
                (service.slug, service.name, " ".join(synonyms.get(service.id, ())))
                for service in domain.services
            ],
        )
        for domain in domains()
    ]


def service_filter() -> list[tuple[str, list[tuple[str, str]]]]:
    """The same for narrowing a list: the first of each group stands for all of its domain."""
    return [
        (
            domain.name,
            [(domain.slug, _("All of %(domain)s") % {"domain": domain.name})]
            + [(service.slug, service.name) for service in domain.services],
        )
        for domain in domains()
    ]


def service_names() -> Mapping[str, str]:
    """slug -> name of every service and domain, not to be changed. A statement when one has changed."""

    def read() -> dict[str, str]:
        note(SERVICES)
        return {row.slug: row.name for row in _names()}

    return kept("service names", read)


@Prepared
def _names() -> Select[*tuple[Any, ...]]:
    return select(Service.slug, Service.name)


def by_slug(slug: str) -> Service:
    """One service. Raises NotFound."""
    service = db.session.execute(select(Service).where(Service.slug == slug)).scalar_one_or_none()
    if service is None:
        raise NotFound
    return service


def ids_of(slugs: Sequence[str]) -> dict[str, int]:
    """slug -> id for those of `slugs` that are there."""
    rows = db.session.execute(select(Service.slug, Service.id).where(Service.slug.in_(slugs)))
    return {row.slug: row.id for row in rows}


def branch(slug: str) -> list[int]:
    """Ids of this service and all below it. Empty for an unknown one."""
    parent = aliased(Service)
    rows = db.session.scalars(
        select(Service.id)
        .outerjoin(parent, parent.id == Service.parent_id)
        .where((Service.slug == slug) | (parent.slug == slug))
    )
    return list(rows)


def suggest(text: str, limit: int = 8) -> list[tuple[ServiceRef, str]]:
    """Services whose name or synonym has a word starting with `text`, with the word that matched."""
    wanted = compare_key(text[:100])
    if not wanted:
        return []
    parent = aliased(Service)
    rows = db.session.execute(
        select(Service.id, Service.slug, Service.name, parent.slug, parent.name, Synonym.term)
        .join(parent, parent.id == Service.parent_id)
        .outerjoin(Synonym, Synonym.service_id == Service.id)
        .order_by(Service.position, Synonym.id)
    ).all()
    found: dict[int, tuple[int, ServiceRef, str]] = {}
    for id_, slug, name, parent_slug, parent_name, term in rows:
        ref = ServiceRef(id_, slug, name, parent_slug, parent_name)
        for rank, word in ((0, name), (1, term or "")):
            key = compare_key(word)
            if key.startswith(wanted) or f" {wanted}" in f" {key}":
                score = rank + (0 if key.startswith(wanted) else 2)
                if id_ not in found or score < found[id_][0]:
                    found[id_] = (score, ref, word if rank else "")
    best = sorted(found.values(), key=lambda item: item[0])
    return [(ref, word) for _score, ref, word in best[:limit]]
