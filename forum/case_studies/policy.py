"""Who may change cases. Reading and editing follow the rules of all posts."""

from __future__ import annotations

from forum.accounts.models import Person
from forum.case_studies.models import CaseStudy
from forum.posts.policy import may_edit_post


def may_edit_case(actor: Person | None, case: CaseStudy) -> bool:
    """The author, curators, and members of an organisation that is a party to it."""
    if may_edit_post(actor, case):
        return True
    if actor is None or actor.organisation_id is None or case.state == "hidden":
        return False
    return any(party.organisation_id == actor.organisation_id for party in case.parties)
