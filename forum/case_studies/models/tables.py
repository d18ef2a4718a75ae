"""The tables of a case study. What people filter, sort or compare by is columns and rows; lists of keys
that are only shown are JSON."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Numeric, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from forum.accounts.models import ORGANISATION_KINDS, SETTINGS, Organisation
from forum.case_studies.models import vocabularies as words
from forum.core.db import Model
from forum.posts.models import Post

Money = Numeric(14, 2)


class CaseStudy(Post):
    """An agreement and what came of it. The story is the post's body.

    Partial dates ("2014" or "2014-07-01") are text of 4 or 10 characters. The columns under "Derived" are
    written by the action that saves the rows they come from; money in them is in `currency`.
    """

    __tablename__ = "case_study"
    __table_args__: tuple[Any, ...] = (
        words.ARRANGEMENTS.check("arrangement"),
        words.STATUSES.check("status"),
        words.SOURCE_KINDS.check("source_kind"),
        words.SPLIT_METHODS.check("split_method"),
        words.OVERHEADS.check("split_overhead"),
        words.FEE_KEEPERS.check("split_fees"),
        words.INSTRUMENTS.check("instrument"),
        words.RENEWALS.check("renewal"),
        words.OVERSIGHTS.check("oversight"),
        words.VOTINGS.check("voting"),
        words.EMPLOYERS.check("employer"),
        words.INITIATORS.check("initiated_by"),
        words.STUDIES.check("study_done"),
        words.CONTACT_WAYS.check("contact_via"),
        CheckConstraint("length(currency) = 3", name="currency_iso"),
        CheckConstraint("completeness BETWEEN 0 AND 100", name="completeness_percent"),
        CheckConstraint("term_years >= 0", name="term_not_negative"),
        CheckConstraint("exit_notice_days >= 0", name="notice_not_negative"),
        CheckConstraint("split_overhead_pct BETWEEN 0 AND 100", name="overhead_percent"),
        Index("ix_case_study_arrangement", "arrangement"),
        Index("ix_case_study_split_method", "split_method"),
        Index("ix_case_study_status", "status"),
        Index("ix_case_study_populations", "smallest_population", "largest_population"),
    )
    __mapper_args__ = {"polymorphic_identity": "case"}

    post_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), primary_key=True)
    arrangement: Mapped[str] = mapped_column(String(30))
    status: Mapped[str] = mapped_column(String(25), default="in_effect")
    source_kind: Mapped[str] = mapped_column(String(20), default="first_hand")
    currency: Mapped[str] = mapped_column(String(3), default="USD")
    why_ended: Mapped[str] = mapped_column(String(600), default="")
    end_reason: Mapped[list[str]] = mapped_column(JSON, default=list)
    motives: Mapped[list[str]] = mapped_column(JSON, default=list)

    # The agreement on paper
    instrument: Mapped[str | None] = mapped_column(String(30), index=True)
    authority: Mapped[str] = mapped_column(String(160), default="")
    signed_on: Mapped[str | None] = mapped_column(String(10))
    starts_on: Mapped[str | None] = mapped_column(String(10))
    ends_on: Mapped[str | None] = mapped_column(String(10))
    term_years: Mapped[Decimal | None] = mapped_column(Numeric(4, 1))
    renewal: Mapped[str | None] = mapped_column(String(20))
    exit_notice_days: Mapped[int | None]
    oversight: Mapped[str | None] = mapped_column(String(20))
    voting: Mapped[str | None] = mapped_column(String(20))
    employer: Mapped[str | None] = mapped_column(String(20))
    clauses: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)

    # How the cost is shared; each party's share stands in its own row.
    split_method: Mapped[str | None] = mapped_column(String(30))
    split_factors: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    split_overhead: Mapped[str | None] = mapped_column(String(20))
    split_overhead_pct: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    split_adjust: Mapped[list[str]] = mapped_column(JSON, default=list)
    split_fees: Mapped[str | None] = mapped_column(String(20))
    split_note: Mapped[str] = mapped_column(String(600), default="")

    # What they learned: Markdown and what it renders to
    challenges: Mapped[str] = mapped_column(Text, default="")
    challenges_html: Mapped[str] = mapped_column(Text, default="")
    what_helped: Mapped[str] = mapped_column(Text, default="")
    what_helped_html: Mapped[str] = mapped_column(Text, default="")
    would_change: Mapped[str] = mapped_column(Text, default="")
    would_change_html: Mapped[str] = mapped_column(Text, default="")
    advice: Mapped[str] = mapped_column(String(400), default="")
    obstacles: Mapped[list[str]] = mapped_column(JSON, default=list)

    # How it came about
    initiated_by: Mapped[str | None] = mapped_column(String(20))
    months_to_sign: Mapped[int | None]
    study_done: Mapped[str | None] = mapped_column(String(20))
    approvals: Mapped[list[str]] = mapped_column(JSON, default=list)
    timeline: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)

    contact_role: Mapped[str] = mapped_column(String(80), default="")
    contact_via: Mapped[str] = mapped_column(String(20), default="site_message")

    # Derived
    completeness: Mapped[int] = mapped_column(default=0)
    n_parties: Mapped[int] = mapped_column(default=0)
    since_year: Mapped[int | None]
    people_served: Mapped[int | None]
    smallest_population: Mapped[int | None]
    largest_population: Mapped[int | None]
    yearly_cost: Mapped[Decimal | None] = mapped_column(Money)
    cost_per_resident: Mapped[Decimal | None] = mapped_column(Money)
    yearly_savings: Mapped[Decimal | None] = mapped_column(Money)

    parties: Mapped[list[Party]] = relationship(
        order_by="Party.position", cascade="all, delete-orphan", passive_deletes=True
    )
    responsibilities: Mapped[list[Responsibility]] = relationship(
        order_by="Responsibility.position", cascade="all, delete-orphan", passive_deletes=True
    )
    costs: Mapped[list[Cost]] = relationship(
        order_by="Cost.position", cascade="all, delete-orphan", passive_deletes=True
    )
    schedule: Mapped[list[ScheduleEntry]] = relationship(
        order_by="ScheduleEntry.position", cascade="all, delete-orphan", passive_deletes=True
    )
    outcomes: Mapped[list[Outcome]] = relationship(
        order_by="Outcome.position", cascade="all, delete-orphan", passive_deletes=True
    )
    papers: Mapped[list[Paper]] = relationship(
        order_by="Paper.position", cascade="all, delete-orphan", passive_deletes=True
    )


class Party(Model):
    """A party to the agreement, and its share of the cost. `key` ("p1") is what other rows call it."""

    __tablename__ = "case_party"
    __table_args__ = (
        UniqueConstraint("case_id", "key"),
        ORGANISATION_KINDS.check("kind"),
        SETTINGS.check("setting"),
        CheckConstraint("population > 0", name="population_positive"),
        CheckConstraint("share_pct BETWEEN 0 AND 100", name="share_percent"),
        Index("ix_case_party_kind", "kind", "case_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_study.post_id", ondelete="CASCADE"))
    position: Mapped[int]
    key: Mapped[str] = mapped_column(String(4))
    name: Mapped[str] = mapped_column(String(160))
    kind: Mapped[str] = mapped_column(String(30))
    part: Mapped[list[str]] = mapped_column(JSON, default=list)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    population: Mapped[int | None]
    population_year: Mapped[int | None]
    setting: Mapped[str | None] = mapped_column(String(20))
    joined_on: Mapped[int | None]
    left_on: Mapped[int | None]
    share_pct: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    share_amount: Mapped[Decimal | None] = mapped_column(Money)
    share_year: Mapped[int | None]

    organisation: Mapped[Organisation | None] = relationship()


class Responsibility(Model):
    """A task of the agreement; who has which part in it stands in `TaskRole`."""

    __tablename__ = "case_responsibility"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_study.post_id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    task: Mapped[str] = mapped_column(String(140))
    note: Mapped[str] = mapped_column(String(240), default="")

    roles: Mapped[list[TaskRole]] = relationship(cascade="all, delete-orphan", passive_deletes=True)


class TaskRole(Model):
    """What one party does for one task: D decides, P performs, $ pays, O owns, M monitors, U uses."""

    __tablename__ = "case_task_role"
    __table_args__ = (words.TASK_ROLES.check("role"),)

    responsibility_id: Mapped[int] = mapped_column(
        ForeignKey("case_responsibility.id", ondelete="CASCADE"), primary_key=True
    )
    party_id: Mapped[int] = mapped_column(
        ForeignKey("case_party.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    role: Mapped[str] = mapped_column(String(1), primary_key=True)

    party: Mapped[Party] = relationship()


class Cost(Model):
    """A cost line. `paid_by` is a party, or nobody when `paid_by_split`: then all pay by the split."""

    __tablename__ = "case_cost"
    __table_args__ = (
        words.COST_CATEGORIES.check("category"),
        words.PERIODS.check("period"),
        words.COST_BASES.check("basis"),
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        CheckConstraint("NOT (paid_by_split AND paid_by_id IS NOT NULL)", name="one_payer"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_study.post_id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    label: Mapped[str] = mapped_column(String(100))
    category: Mapped[str] = mapped_column(String(20))
    amount: Mapped[Decimal] = mapped_column(Money)
    period: Mapped[str] = mapped_column(String(10))
    unit: Mapped[str] = mapped_column(String(60), default="")
    fiscal_year: Mapped[int | None]
    basis: Mapped[str] = mapped_column(String(12))
    paid_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("case_party.id", ondelete="SET NULL"), index=True
    )
    paid_by_split: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(String(300), default="")

    paid_by: Mapped[Party | None] = relationship()


class ScheduleEntry(Model):
    """What is scheduled, and when: a date or words such as "by 15 October each year"."""

    __tablename__ = "case_schedule"
    __table_args__ = (
        words.SCHEDULE_KINDS.check("kind"),
        CheckConstraint("priority BETWEEN 1 AND 9", name="priority_range"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_study.post_id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    label: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(20))
    when_date: Mapped[str | None] = mapped_column(String(10))
    when_text: Mapped[str] = mapped_column(String(80), default="")
    party_id: Mapped[int | None] = mapped_column(ForeignKey("case_party.id", ondelete="SET NULL"), index=True)
    # Who books first, 1 to 9; only for hours of use.
    priority: Mapped[int | None]

    party: Mapped[Party | None] = relationship()


class Outcome(Model):
    """What came of it, in words and where known in figures. `money` per year unless `one_time`;
    below zero it cost more."""

    __tablename__ = "case_outcome"
    __table_args__ = (
        words.OUTCOME_TYPES.check("type"),
        words.DIRECTIONS.check("direction"),
        words.OUTCOME_BASES.check("basis"),
        words.SAVINGS_KINDS.check("savings_kind"),
        Index("ix_case_outcome_facets", "type", "direction", "basis", "case_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_study.post_id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    type: Mapped[str] = mapped_column(String(30))
    direction: Mapped[str] = mapped_column(String(12))
    statement: Mapped[str] = mapped_column(String(400), default="")
    measure: Mapped[str] = mapped_column(String(100), default="")
    before: Mapped[Decimal | None] = mapped_column(Numeric(16, 4))
    after: Mapped[Decimal | None] = mapped_column(Numeric(16, 4))
    unit: Mapped[str] = mapped_column(String(30), default="")
    before_year: Mapped[int | None]
    after_year: Mapped[int | None]
    money: Mapped[Decimal | None] = mapped_column(Money)
    one_time: Mapped[bool] = mapped_column(default=False)
    savings_kind: Mapped[str | None] = mapped_column(String(30))
    # For whom: one party, or everybody when NULL and `for_all`.
    party_id: Mapped[int | None] = mapped_column(ForeignKey("case_party.id", ondelete="SET NULL"), index=True)
    for_all: Mapped[bool] = mapped_column(default=False)
    basis: Mapped[str] = mapped_column(String(20))
    evidence_url: Mapped[str] = mapped_column(String(1000), default="")

    party: Mapped[Party | None] = relationship()


class Paper(Model):
    """A document of the agreement, or a source that the account rests on."""

    __tablename__ = "case_paper"
    __table_args__ = (CheckConstraint("role IN ('document', 'source')", name="role_known"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_study.post_id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    role: Mapped[str] = mapped_column(String(10))
    title: Mapped[str] = mapped_column(String(300))
    kind: Mapped[str] = mapped_column(String(30), default="")
    publisher: Mapped[str] = mapped_column(String(200), default="")
    year: Mapped[int | None]
    url: Mapped[str] = mapped_column(String(1000), default="")


class CaseOrigin(Model):
    """The answer that a case was written up from, and whose account it is. It stays when the answer is deleted."""

    __tablename__ = "case_origin"

    case_id: Mapped[int] = mapped_column(
        ForeignKey("case_study.post_id", ondelete="CASCADE"), primary_key=True
    )
    question_id: Mapped[int | None] = mapped_column(ForeignKey("post.id", ondelete="SET NULL"), index=True)
    answer_id: Mapped[int | None] = mapped_column(ForeignKey("answer.id", ondelete="SET NULL"), unique=True)
    credited_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
