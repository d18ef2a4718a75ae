"""The page of a question, and the page of one answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import joinedload

from forum.accounts.models import Person
from forum.accounts.queries import PersonRef, ref_of
from forum.comments.queries import Thread, thread
from forum.core import clock
from forum.core.db import db
from forum.core.errors import Moved
from forum.core.listing import Listing
from forum.posts import queries as posts
from forum.posts.policy import may_edit_post, may_mark_useful, may_see_organisation
from forum.questions import policy
from forum.questions.models import STAGES, WANTS, Question, SameHere
from forum.questions.queries.answers import AnswerRow, answers, one_answer
from forum.questions.queries.lists import place_line
from forum.topics.queries import ServiceRef


@dataclass(frozen=True)
class QuestionPage:
    """One question with a page of its answers, and the comments on the question itself."""

    post: Question
    asker: PersonRef
    services: tuple[ServiceRef, ...]
    place: str
    population: int | None
    wants: tuple[str, ...]
    stage: str
    needed_by: date | None
    days_left: int | None
    answers: Listing[AnswerRow]
    comments: Thread
    same_here: bool
    marked: bool
    may_edit: bool
    may_answer: bool
    may_say_same_here: bool
    may_mark: bool
    may_decide: bool


@dataclass(frozen=True)
class AnswerPage:
    """One answer with all the comments on it."""

    post: Question
    answer: AnswerRow
    comments: Thread


def question_page(
    actor: Person | None, slug: str, *, answers_after: str | None = None, comments_after: str | None = None
) -> QuestionPage:
    """One question. At most nine statements, whatever is on it.

    Raises Moved for a former slug, NotFound for what is not there or not theirs to see.
    """
    question = by_slug(slug, actor)
    named = may_see_organisation(actor, question)
    asker = ref_of(question.author)
    left = (question.needed_by - clock.today()).days if question.needed_by else None
    return QuestionPage(
        post=question,
        asker=asker if named else asker.discreet(),
        services=posts.services_of([question.id]).get(question.id, ()),
        place=place_line(question.place_name if named else "", question.region, question.country),
        population=question.place_population if named else None,
        wants=tuple(WANTS.label(key) for key in question.wants),
        stage=STAGES.label(question.stage),
        needed_by=question.needed_by,
        days_left=left if left is not None and left >= 0 else None,
        answers=answers(actor, question, answers_after),
        comments=thread(actor, question.id, after=comments_after),
        same_here=_said_same(actor, question),
        marked=posts.marked_by(actor, question.id),
        may_edit=may_edit_post(actor, question),
        may_answer=policy.may_answer(actor, question),
        may_say_same_here=policy.may_say_same_here(actor, question),
        may_mark=may_mark_useful(actor, question),
        may_decide=policy.may_decide(actor, question),
    )


def answer_page(
    actor: Person | None, slug: str, answer_id: int, comments_after: str | None = None
) -> AnswerPage:
    """One answer. Raises as `question_page` does; the answer's address follows when the question is renamed."""
    try:
        question = by_slug(slug, actor)
    except Moved as moved:
        raise Moved(f"{moved.path}/answers/{answer_id}") from None
    return AnswerPage(
        question,
        one_answer(actor, question, answer_id),
        thread(actor, question.id, answer_id=answer_id, after=comments_after),
    )


def by_slug(slug: str, actor: Person | None) -> Question:
    """One question with its asker. Raises Moved, NotFound."""
    whole = joinedload(Question.author).joinedload(Person.organisation)
    return posts.by_slug(Question, "question", slug, actor, whole)


def _said_same(actor: Person | None, question: Question) -> bool:
    if actor is None:
        return False
    return db.session.get(SameHere, (question.id, actor.id)) is not None
