"""The smallest valid question, and questions and answers in the database."""

from typing import Any

from forum.accounts.models import Person
from forum.core.shapes import load
from forum.questions.actions import answer_question, ask_question
from forum.questions.forms import QuestionShape
from forum.questions.models import Answer, Question


def question_record(**changes: Any) -> dict[str, Any]:
    """What the form takes, and what is changed or added."""
    return {
        "title": "Should we split dispatch costs by calls or by population?",
        "body": "Our city hosts the center for the whole county, and the agreement is about to be renewed.",
    } | changes


def add_question(author: Person, **changes: Any) -> Question:
    """A published question."""
    return ask_question(author, load(QuestionShape(), question_record(**changes)))


def add_answer(
    author: Person, question: Question, body: str = "We use a three-year average.", **options: Any
) -> Answer:
    """An answer to it."""
    return answer_question(author, question, body, **options)
