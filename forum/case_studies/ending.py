"""A case ends when whoever answers for it says so."""

from __future__ import annotations

from forum.accounts.models import Person
from forum.case_studies.actions import edit_case
from forum.case_studies.forms import CaseShape
from forum.case_studies.models import CaseStudy
from forum.case_studies.models.vocabularies import ENDED
from forum.core.db import db
from forum.core.shapes import load
from forum.freshness.events import RecordEnded
from forum.posts.queries import current_record


def record_ended(event: RecordEnded) -> None:
    """Whoever answers for a case says that the agreement has ended: so says its status. How, they may tell later."""
    if event.kind == "case":
        case = db.session.get_one(CaseStudy, event.post_id)
        if case.status not in ENDED:
            record = current_record(case) | {"status": "expired"}
            edit_case(db.session.get_one(Person, event.person_id), case, load(CaseShape(), record), None)
