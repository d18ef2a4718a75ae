"""Each rule about comments says the same in Python and in SQL."""

import pytest
from sqlalchemy import select

from forum.comments import policy
from forum.comments.models import Comment
from forum.core import clock
from forum.core.db import write
from forum.posts.models import Post
from tests.factories.comments import add_comment
from tests.factories.questions import add_question
from tests.support.people import add_person


@pytest.fixture
def world(session):
    """People of every role, and comments by two of them in every state on posts open, locked and hidden."""
    people = {role: add_person(role) for role in ("member", "curator", "moderator", "admin")}
    comments = []
    for fate in ("open", "locked", "hidden"):
        post = add_question(people["curator"])
        for author in (people["member"], people["moderator"]):
            for state in ("visible", "hidden", "deleted"):
                comment = add_comment(author, post)
                comments.append(comment)
                with write():
                    comment.state = state
        with write():
            post.locked_at = clock.now() if fate == "locked" else None
            post.state = "hidden" if fate == "hidden" else "visible"
    return [None, *people.values()], comments


@pytest.mark.parametrize(
    ("rule", "twin"),
    [
        (policy.may_see_comment, policy.seen_by),
        (lambda actor, comment: policy.may_edit_comment(actor, comment, comment.post), policy.editable_by),
        (policy.may_delete_comment, policy.deletable_by),
    ],
    ids=["see", "edit", "delete"],
)
def test_rule_and_twin_agree_for_everybody_on_everything(world, session, rule, twin):
    people, comments = world
    for actor in people:
        allowed = {comment.id for comment in comments if rule(actor, comment)}
        found = set(
            session.scalars(select(Comment.id).join(Post, Post.id == Comment.post_id).where(twin(actor)))
        )
        assert found == allowed, actor and actor.role


def test_nobody_edits_anothers_words(world):
    people, comments = world
    for actor in people:
        for comment in comments:
            if policy.may_edit_comment(actor, comment, comment.post):
                assert actor.id == comment.author_id
