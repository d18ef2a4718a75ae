"""What happened to accounts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PersonJoined:
    """Somebody made an account."""

    person_id: int


@dataclass(frozen=True)
class PersonChanged:
    """What others see of somebody changed: name, job title, organisation, bio."""

    person_id: int


@dataclass(frozen=True)
class OrganisationChanged:
    """An organisation was made or renamed, or its facts changed."""

    organisation_id: int
