"""What follows from what: every consequence that crosses rooms, at once or later, on this page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from forum.accounts import letters
from forum.accounts.events import OrganisationChanged
from forum.comments import actions as comments
from forum.comments.events import CommentDeleted, CommentEdited, CommentPosted, CommentsCounted
from forum.config import Settings
from forum.core import events, jobs, mail
from forum.digests import sending
from forum.links import actions as links
from forum.links.events import LinkChecked
from forum.posts import actions as posts
from forum.posts.events import ItemHidden, ItemRestored, PostEdited, PostPublished
from forum.questions import actions as questions
from forum.questions.events import (
    AnswerAccepted,
    AnswerDeleted,
    AnswerEdited,
    AnswerPosted,
    DecisionTold,
    SameHereSaid,
)
from forum.resources import actions as resources
from forum.search.actions import index as search
from forum.topics.events import ServicesChanged

REACTIONS: Mapping[type, Sequence[events.Handler]] = {
    PostPublished: [links.record_links, search.post_changed],
    PostEdited: [links.record_links, search.post_changed],
    LinkChecked: [resources.follow_link],
    AnswerPosted: [questions.recatalogue, search.answer_changed],
    AnswerEdited: [search.answer_changed],
    AnswerDeleted: [questions.recatalogue, search.answer_deleted],
    AnswerAccepted: [questions.recatalogue],
    SameHereSaid: [questions.recatalogue],
    DecisionTold: [search.decision_told],
    CommentPosted: [questions.refuse_closed_answer, search.comment_changed],
    CommentEdited: [search.comment_changed],
    CommentDeleted: [search.comment_deleted],
    CommentsCounted: [questions.count_comments],
    ItemHidden: [posts.recatalogue, comments.count_hidden, questions.count_hidden, search.item_hidden],
    ItemRestored: [
        posts.recatalogue,
        comments.count_restored,
        questions.count_restored,
        search.item_restored,
    ],
    OrganisationChanged: [search.organisation_changed],
    ServicesChanged: [search.services_changed],
}

# Who does which kind of job; the handlers are idempotent.
JOBS: Mapping[str, jobs.Handler] = {
    "check_host": links.check_host,
    "check_links": links.check_links,
    "mail": mail.deliver,
    "prune_jobs": jobs.prune,
    "send_digest": sending.send_issue,
}

# The kinds that run by themselves, and how often.
EVERY: Mapping[str, timedelta] = {
    "check_links": timedelta(hours=1),
    "prune_jobs": timedelta(days=1),
    "confirm_address": letters.confirm_address,
    "reset_password": letters.reset_password,
    "password_changed": letters.password_changed,
    "address_changed": letters.address_changed,
}


def connect(settings: Settings) -> None:
    """Put the tables in force."""
    events.connect(REACTIONS)
    jobs.connect(JOBS, EVERY, resting=[mail.hang_up])
    mail.connect(settings)
