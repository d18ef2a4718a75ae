"""Who may change cases. Reading and editing follow the rules of all posts."""

from __future__ import annotations

from collections.abc import Collection

from forum.accounts.models import Person
from forum.case_studies.models import CaseStudy
from forum.freshness.queries import owner_of
from forum.posts.policy import may_edit_post


def may_edit_case(
    actor: Person | None, case: CaseStudy, bodies: Collection[int | None] | None = None
) -> bool:
    """The author, curators, who answers for it, and members of an organisation that is a party to it.

    `bodies`: the organisation ids of its parties, for who has read them already.
    """
    if may_edit_post(actor, case):
        return True
    if actor is None or case.state == "hidden":
        return False
    if owner_of(case.id) == actor.id:
        return True
    if actor.organisation_id is None:
        return False
    if bodies is None:
        bodies = {party.organisation_id for party in case.parties}
    return actor.organisation_id in bodies
