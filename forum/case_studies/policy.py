"""Who may change cases. Reading and editing follow the rules of all posts."""

from __future__ import annotations

from collections.abc import Collection

from forum.accounts.models import Person
from forum.case_studies.models import CaseStudy
from forum.freshness.queries import owner_of
from forum.posts.models import Post
from forum.posts.policy import may_edit_post


def may_edit_case(actor: Person | None, case: CaseStudy) -> bool:
    """The author, curators, who answers for it, and members of an organisation that is a party to it."""
    return may_edit_shared(actor, case, {party.organisation_id for party in case.parties})


def may_edit_shared(actor: Person | None, case: Post, bodies: Collection[int | None]) -> bool:
    """The same, for who has read the organisations of its parties already."""
    if may_edit_post(actor, case):
        return True
    if actor is None or case.state == "hidden":
        return False
    if owner_of(case.id) == actor.id:
        return True
    return actor.organisation_id is not None and actor.organisation_id in bodies
