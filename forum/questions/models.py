"""Questions, their answers, and who else has the same question."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from forum.accounts.models import Person
from forum.core import clock
from forum.core.db import Model
from forum.core.vocabulary import Vocabulary
from forum.posts.models import Hideable, Post, Written

WANTS = Vocabulary.of(
    examples="Examples",
    sample_agreement="A sample agreement",
    cost_split="How to split the cost",
    legal_basis="The legal basis",
    staffing="Staffing",
    negotiation="Negotiation",
    measuring_results="Measuring results",
    exit_or_repair="Leaving or repairing an agreement",
    find_partner="Finding a partner",
    just_advice="Just advice",
)
STAGES = Vocabulary.of(
    exploring="Exploring",
    planning="Planning",
    negotiating="Negotiating",
    running="Running",
    reviewing="Reviewing",
    ending="Ending",
)
QUESTION_STATUSES = Vocabulary.of(
    open="Open",
    answered="Answered",
    summarized="Summarized in a guide",
    closed_duplicate="Asked before",
    archived="Archived",
)


class Question(Post):
    """A question. `accepted_answer_id` is the answer that the asker chose."""

    __tablename__ = "question"
    __table_args__ = (STAGES.check("stage"), QUESTION_STATUSES.check("status"))

    post_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), primary_key=True)
    # Only shown: what would help, in the asker's choice from WANTS.
    wants: Mapped[list[str]] = mapped_column(JSON, default=list)
    stage: Mapped[str | None] = mapped_column(String(12))
    needed_by: Mapped[date | None]
    hide_org: Mapped[bool] = mapped_column(default=False)
    status: Mapped[str] = mapped_column(String(20), default="open")
    duplicate_of_id: Mapped[int | None] = mapped_column(ForeignKey("post.id"))
    accepted_answer_id: Mapped[int | None] = mapped_column(ForeignKey("answer.id", ondelete="SET NULL"))
    decision: Mapped[str] = mapped_column(String(600), default="")
    # A public page on which somebody asked this, for questions compiled from documents.
    source_url: Mapped[str] = mapped_column(String(1000), default="")
    n_answers: Mapped[int] = mapped_column(default=0)
    n_same_here: Mapped[int] = mapped_column(default=0)

    # Said because `duplicate_of_id` points to a post too.
    __mapper_args__ = {"polymorphic_identity": "question", "inherit_condition": post_id == Post.id}

    @property
    def discreet(self) -> bool:
        """Whether the asker wants their organisation left out."""
        return self.hide_org


class Answer(Model, Hideable, Written):
    """An answer to a question. `from_experience`: "we have done this"."""

    __tablename__ = "answer"
    __table_args__ = (
        CheckConstraint("state IN ('visible', 'hidden', 'deleted')", name="state_known"),
        # Most useful first, then oldest: the order on the page after the accepted one.
        Index("ix_answer_order", "question_id", "n_useful", "id"),
        Index("ix_answer_author", "author_id", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"))
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    from_experience: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    edited_at: Mapped[datetime | None]
    n_comments: Mapped[int] = mapped_column(default=0)
    n_useful: Mapped[int] = mapped_column(default=0)

    author: Mapped[Person] = relationship(foreign_keys=author_id)
    # Spelled out because a question also points to the answer that was accepted.
    question: Mapped[Question] = relationship(
        foreign_keys=question_id, primaryjoin=lambda: Answer.question_id == Question.post_id
    )

    @property
    def path(self) -> str:
        """Its permanent address: a page with all the comments on it."""
        return f"{self.question.path}/answers/{self.id}"


class AnswerCite(Model):
    """A case, guide or resource that an answer points to."""

    __tablename__ = "answer_cite"

    answer_id: Mapped[int] = mapped_column(ForeignKey("answer.id", ondelete="CASCADE"), primary_key=True)
    post_id: Mapped[int] = mapped_column(
        ForeignKey("post.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class SameHere(Model):
    """One person has the same question."""

    __tablename__ = "same_here"

    question_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
