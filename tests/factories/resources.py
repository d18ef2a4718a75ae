"""The smallest valid resource, and resources in the database."""

from itertools import count
from typing import Any

from forum.accounts.models import Person
from forum.core.shapes import load
from forum.resources.actions import add_resource
from forum.resources.forms import ResourceShape
from forum.resources.models import Resource

_numbers = count(1)


def resource_record(**changes: Any) -> dict[str, Any]:
    """What a curator notes of a link at the least, and what is changed or added."""
    return {
        "url": f"https://example.org/handbook/{next(_numbers)}",
        "title": "Handbook of shared services",
        "kind": "toolkit_or_handbook",
        "annotation": "A handbook with worksheets for the first talks between neighbors. It leaves out taxes.",
    } | changes


def add_link(curator: Person, **changes: Any) -> Resource:
    """A resource in the library."""
    return add_resource(curator, load(ResourceShape(), resource_record(**changes)))
