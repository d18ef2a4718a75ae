"""Changing the services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from forum.core.db import write
from forum.core.errors import Invalid
from forum.core.events import publish
from forum.topics.events import ServicesChanged
from forum.topics.models import Service, Synonym


def load_services(records: Sequence[Mapping[str, Any]]) -> int:
    """Make the services equal to `records` ({slug, name, parent, description, synonyms}); returns how many changed.

    None is removed: posts may carry it. Raises Invalid for a parent that is not there.
    """
    changed = 0
    with write() as session:
        known = {s.slug: s for s in session.scalars(select(Service).options(selectinload(Service.synonyms)))}
        # Domains first, so that every parent is there when its children come.
        for position, record in sorted(enumerate(records), key=lambda item: item[1]["parent"] is not None):
            parent = None
            if record["parent"]:
                if record["parent"] not in known:
                    raise Invalid({"parent": f"there is no service {record['parent']!r}"})
                session.flush()
                parent = known[record["parent"]].id
            service = known.get(record["slug"])
            if service is None:
                service = known[record["slug"]] = Service(slug=record["slug"], synonyms=[])
                session.add(service)
            wanted = (record["name"], record["description"], parent, position, list(record["synonyms"]))
            present = (
                service.name,
                service.description,
                service.parent_id,
                service.position,
                [s.term for s in service.synonyms],
            )
            if wanted != present:
                changed += 1
                service.name, service.description, service.parent_id, service.position = wanted[:4]
                service.synonyms = [Synonym(term=term) for term in dict.fromkeys(record["synonyms"])]
        if changed:
            session.flush()
            publish(ServicesChanged())
    return changed
