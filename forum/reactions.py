"""What follows from what: every consequence that crosses rooms, on this page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from forum.comments import actions as comments
from forum.comments.events import CommentPosted, CommentsCounted
from forum.core import events
from forum.posts import actions as posts
from forum.posts.events import ItemHidden, ItemRestored
from forum.questions import actions as questions

REACTIONS: Mapping[type, Sequence[events.Handler]] = {
    CommentPosted: [questions.refuse_closed_answer],
    CommentsCounted: [questions.count_comments],
    ItemHidden: [posts.recatalogue, comments.count_hidden, questions.count_hidden],
    ItemRestored: [posts.recatalogue, comments.count_restored, questions.count_restored],
}


def connect() -> None:
    """Put the table in force."""
    events.connect(REACTIONS)
