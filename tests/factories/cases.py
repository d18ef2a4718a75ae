"""The smallest valid case, and cases in the database."""

from typing import Any

from forum.accounts.models import Person
from forum.case_studies.actions import share_case
from forum.case_studies.forms import CaseShape
from forum.case_studies.models import CaseStudy
from forum.core.shapes import load
from forum.topics.actions import load_services

SERVICES = [
    {"slug": "community-centers-facilities", "name": "Community centers", "parent": None},
    {
        "slug": "community-centers",
        "name": "Community center buildings",
        "parent": "community-centers-facilities",
    },
    {"slug": "senior-centers", "name": "Senior centers", "parent": "community-centers-facilities"},
]


def add_services() -> None:
    """A domain with two services."""
    load_services([{"description": "", "synonyms": []} | record for record in SERVICES])


def case_record(**changes: Any) -> dict[str, Any]:
    """What the five-field form takes, and what is changed or added."""
    return {
        "title": "Two towns and a nonprofit run one community center",
        "services": ["community-centers"],
        "parties": [
            {"id": "p1", "name": "Town of Alder", "kind": "municipality"},
            {"id": "p2", "name": "Town of Birch", "kind": "municipality"},
        ],
        "arrangement": "public_nonprofit",
        "summary": "The society runs the center day to day. Alder owns the building. Both towns cover the gap "
        "after fees, split by population.",
    } | changes


def add_case(author: Person, **changes: Any) -> CaseStudy:
    """A published case. Needs the services (`add_services`)."""
    return share_case(author, load(CaseShape(), case_record(**changes)))
