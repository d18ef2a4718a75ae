"""What happened to questions and answers. That a question was asked is told by `posts.events.PostPublished`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class AnswerPosted:
    """Somebody answered a question."""

    answer_id: int
    question_id: int


@dataclass(frozen=True)
class AnswerEdited:
    """The words of an answer were changed."""

    answer_id: int
    question_id: int


@dataclass(frozen=True)
class AnswerDeleted:
    """Its author took an answer away."""

    answer_id: int
    question_id: int


@dataclass(frozen=True)
class AnswerAccepted:
    """The asker says that this answer helped; None when they took that back."""

    question_id: int
    answer_id: int | None


@dataclass(frozen=True)
class SameHereSaid:
    """One more person has the same question, or one fewer."""

    question_id: int


@dataclass(frozen=True)
class DecisionTold:
    """The asker told what they decided."""

    question_id: int
