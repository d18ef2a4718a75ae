"""Who may do what with digests; each rule beside the SQL that says the same."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, false, true

from forum.accounts.models import Person
from forum.core.i18n import gettext as _
from forum.digests.models import PUBLIC, Issue
from forum.posts.policy import may_curate


def may_see_issue(actor: Person | None, issue: Issue) -> bool:
    """Everybody reads what is published; curators also what is not yet."""
    return issue.public or may_curate(actor)


def seen_by(actor: Person | None) -> ColumnElement[bool]:
    """The twin of `may_see_issue`."""
    return true() if may_curate(actor) else Issue.state.in_(PUBLIC)


def may_edit_issue(actor: Person | None, issue: Issue) -> bool:
    """Any curator, as long as it is a draft: what is in review stays as its reviewer reads it."""
    return may_curate(actor) and issue.state == "draft"


def may_send_back(actor: Person | None, issue: Issue) -> bool:
    """Any curator, whoever's it is: an author may take it back."""
    return may_curate(actor) and issue.state == "in_review"


def approval_fault(actor: Person | None, issue: Issue) -> str:
    """Why this person may not approve and publish this issue, as a sentence; "" where they may.

    Two people stand behind what goes to everybody's mailbox: whoever began it, or changed it last, does not
    approve it, whatever their role.
    """
    if actor is None or not may_curate(actor):
        return _("Curators approve the digest.")
    if issue.state != "in_review":
        return _("Only an issue that is in review can be approved.")
    if actor.id in (issue.author_id, issue.editor_id):
        return _("You worked on this issue, so another curator has to approve it.")
    return ""


def approvable_by(actor: Person | None) -> ColumnElement[bool]:
    """The twin of `approval_fault`: the issues with which nothing is the matter."""
    if actor is None or not may_curate(actor):
        return false()
    return and_(Issue.state == "in_review", Issue.author_id != actor.id, Issue.editor_id != actor.id)
