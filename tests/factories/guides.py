"""The smallest valid guide, and guides in the database."""

from typing import Any

from forum.accounts.models import Person
from forum.core.shapes import load
from forum.guides.actions import write_guide
from forum.guides.forms import GuideShape
from forum.guides.models import Guide


def guide_record(*refs: str, **changes: Any) -> dict[str, Any]:
    """A guide to these posts, filled up to three items with steps of text alone, and what is changed or added."""
    items: list[dict[str, str]] = [{"ref": ref, "note": "Read it for the **costs**."} for ref in refs]
    while len(items) < 3:
        items.append({"title": f"Think, step {len(items) + 1}", "note": "Ask who pays for a breakdown."})
    return {
        "title": "Sharing a service for the first time",
        "answers": "Where does a busy manager start?",
        "intro": "Most deals settle three things in advance: the cost, the duties and the schedule.",
        "items": items,
    } | changes


def add_guide(curator: Person, *refs: str, reviewer: Person | None = None, **changes: Any) -> Guide:
    """A guide: published where somebody reviewed it, otherwise a draft."""
    record = load(GuideShape(), guide_record(*refs, **changes))
    return write_guide(curator, record, publish=reviewer is not None, reviewer=reviewer)
