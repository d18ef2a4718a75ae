"""What follows from what: every consequence that crosses rooms, on this page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from forum.accounts.events import OrganisationChanged
from forum.comments import actions as comments
from forum.comments.events import CommentDeleted, CommentEdited, CommentPosted, CommentsCounted
from forum.core import events
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
from forum.search.actions import index as search
from forum.topics.events import ServicesChanged

REACTIONS: Mapping[type, Sequence[events.Handler]] = {
    PostPublished: [search.post_changed],
    PostEdited: [search.post_changed],
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


def connect() -> None:
    """Put the table in force."""
    events.connect(REACTIONS)
