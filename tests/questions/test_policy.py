"""Each rule about questions and answers says the same in Python and in SQL."""

import pytest
from sqlalchemy import select

from forum.core import clock
from forum.core.db import write
from forum.posts.models import Post
from forum.questions import policy
from forum.questions.models import Answer
from tests.factories.questions import add_answer, add_question
from tests.support.people import add_person


@pytest.fixture
def world(session):
    """People of every role, and answers by two of them in every state to questions open, locked and hidden."""
    people = {role: add_person(role) for role in ("member", "curator", "moderator", "admin")}
    questions, answers = [], []
    for fate in ("open", "locked", "hidden"):
        question = add_question(people["member" if fate == "open" else "curator"])
        questions.append(question)
        for author in (people["member"], people["moderator"]):
            for state in ("visible", "hidden", "deleted"):
                answer = add_answer(author, question)
                answers.append(answer)
                with write():
                    answer.state = state
        with write():
            question.locked_at = clock.now() if fate == "locked" else None
            question.state = "hidden" if fate == "hidden" else "visible"
    return [None, *people.values()], questions, answers


@pytest.mark.parametrize(
    ("rule", "twin"),
    [
        (policy.may_see_answer, policy.answers_seen_by),
        (
            lambda actor, answer: policy.may_edit_answer(actor, answer, answer.question),
            policy.answers_editable_by,
        ),
        (policy.may_delete_answer, policy.answers_deletable_by),
    ],
    ids=["see", "edit", "delete"],
)
def test_rule_and_twin_agree_for_everybody_on_every_answer(world, session, rule, twin):
    people, _questions, answers = world
    for actor in people:
        allowed = {answer.id for answer in answers if rule(actor, answer)}
        found = session.scalars(
            select(Answer.id).join(Post, Post.id == Answer.question_id).where(twin(actor))
        )
        assert set(found) == allowed, actor and actor.role


@pytest.mark.parametrize(
    ("rule", "twin"),
    [(policy.may_accept, policy.accepting_by), (policy.may_decide, policy.deciding_by)],
    ids=["accept", "decide"],
)
def test_rule_and_twin_agree_for_everybody_on_every_question(world, session, rule, twin):
    people, questions, _answers = world
    for actor in people:
        allowed = {question.id for question in questions if rule(actor, question)}
        assert set(session.scalars(select(Post.id).where(twin(actor)))) == allowed, actor and actor.role


def test_nobody_edits_anothers_answer(world):
    people, _questions, answers = world
    for actor in people:
        for answer in answers:
            if policy.may_edit_answer(actor, answer, answer.question):
                assert actor.id == answer.author_id
