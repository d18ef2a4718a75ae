"""The records that a case is made of: each knows the rules within itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, validate, validates_schema

from forum.accounts.models import ORGANISATION_KINDS, SETTINGS
from forum.case_studies.models import vocabularies as words
from forum.core.i18n import gettext as _
from forum.core.i18n import mark
from forum.core.shapes import (
    Amount,
    Choice,
    Choices,
    Flag,
    Line,
    Lines,
    Map,
    Number,
    PartialDate,
    Percent,
    Rows,
    Shape,
    WebAddress,
    Whole,
    Year,
)
from forum.posts.models import RESOURCE_KINDS


class PartyShape(Shape):
    """One party. `id` ("p1") is what other rows call it; a new row has none yet."""

    id = Line(4)
    name = Line(160, missing=mark("Enter the party's name."))
    kind = Choice(ORGANISATION_KINDS, missing=mark("Choose what kind of body this is."))
    part = Choices(words.PARTS)
    population = Whole(low=1, high=100_000_000)
    population_year = Year()
    setting = Choice(SETTINGS)
    joined_on = Year()
    left_on = Year()


class SourceShape(Shape):
    """What the account rests on."""

    title = Line(300, low=2, missing=mark("Enter the title of the source."))
    publisher = Line(200)
    year = Year(allow_none=True)
    url = WebAddress(missing=mark("Enter the address of the source."))


class DocumentShape(Shape):
    """A paper of the agreement itself."""

    title = Line(300, low=2, missing=mark("Enter the title of the document."))
    kind = Choice(RESOURCE_KINDS)
    year = Year()
    url = WebAddress(missing=mark("Enter the address of the document."))


NO_ROLE = mark("Say what at least one party does for this task.")


class ResponsibilityShape(Shape):
    """A task, and what each party does for it: party id -> letters of TASK_ROLES."""

    task = Line(140, low=3, missing=mark("Enter the task."))
    roles = Map(
        Choices(words.TASK_ROLES, least=1), missing=NO_ROLE, validate=validate.Length(1, error=NO_ROLE)
    )
    note = Line(240)


class CostShape(Shape):
    """A cost line. `paid_by`: a party id, or "split"."""

    label = Line(100, low=3, missing=mark("Say what this cost is for."))
    category = Choice(words.COST_CATEGORIES, missing=mark("Choose a category."))
    amount = Amount(missing=mark("Enter the amount."))
    period = Choice(words.PERIODS, missing=mark("Say for which period."))
    unit = Line(60)
    fiscal_year = Year()
    basis = Choice(words.COST_BASES, missing=mark("Say what the figure rests on."))
    paid_by = Line(5)
    note = Line(300)


class FactorShape(Shape):
    """One factor of a weighted formula."""

    factor = Choice(words.SPLIT_METHODS, missing=mark("Choose a factor."))
    weight = Percent(missing=mark("Enter the weight in percent."))
    source = Line(240)


class ShareShape(Shape):
    """One party's share of the cost, in percent or money."""

    party = Line(4, missing=mark("Choose the party."))
    pct = Percent()
    amount = Amount()
    year = Year()

    @validates_schema
    def _something(self, data: Mapping[str, Any], **_kwargs: Any) -> None:
        if data.get("pct") is None and data.get("amount") is None:
            raise ValidationError({"pct": [_("Enter a percentage or an amount.")]})


class SplitShape(Shape):
    """How the cost is shared."""

    method = Choice(words.SPLIT_METHODS)
    factors = Rows(FactorShape)
    shares = Rows(ShareShape)
    overhead = Choice(words.OVERHEADS)
    overhead_pct = Percent()
    adjust = Choices(words.ADJUSTMENTS)
    fees = Choice(words.FEE_KEEPERS)
    note = Line(600)


class ScheduleEntryShape(Shape):
    """What happens when."""

    label = Line(120, low=3, missing=mark("Say what is scheduled."))
    kind = Choice(words.SCHEDULE_KINDS, missing=mark("Choose a kind."))
    when_date = PartialDate()
    when_text = Line(80)
    party = Line(4)
    priority = Whole(low=1, high=9)

    @validates_schema
    def _timely(self, data: Mapping[str, Any], **_kwargs: Any) -> None:
        if not data.get("when_date") and not data.get("when_text"):
            raise ValidationError({"when_text": [_("Say when, such as “weekdays 4–9 pm”.")]})
        if data.get("priority") and data.get("kind") != "hours_or_use_window":
            raise ValidationError({"priority": [_("A priority is only for hours of use.")]})


class AgreementShape(Shape):
    """The agreement on paper."""

    instrument = Choice(words.INSTRUMENTS)
    authority = Line(160)
    signed_on = PartialDate()
    starts_on = PartialDate()
    ends_on = PartialDate()
    term_years = Number(low=0, high=999, places=1)
    renewal = Choice(words.RENEWALS)
    exit_notice_days = Whole(low=0, high=36_500)
    oversight = Choice(words.OVERSIGHTS)
    voting = Choice(words.VOTINGS)
    employer = Choice(words.EMPLOYERS)
    clauses = Map(Choice(words.COVERED), names=words.CLAUSES)

    @validates_schema
    def _ordered(self, data: Mapping[str, Any], **_kwargs: Any) -> None:
        starts, ends = data.get("starts_on"), data.get("ends_on")
        if starts and ends and ends[:4] < starts[:4]:
            raise ValidationError({"ends_on": [_("It cannot end before it starts.")]})


class OutcomeShape(Shape):
    """What came of it. `party`: a party id, or "all"."""

    type = Choice(words.OUTCOME_TYPES, missing=mark("Choose what it is about."))
    direction = Choice(words.DIRECTIONS, missing=mark("Say whether it got better."))
    basis = Choice(words.OUTCOME_BASES, missing=mark("Say what this rests on."))
    statement = Line(400)
    measure = Line(100)
    before = Number(low=-1e11, high=1e11, places=4)
    after = Number(low=-1e11, high=1e11, places=4)
    unit = Line(30)
    before_year = Year()
    after_year = Year()
    money = Amount(low=-999_999_999_999)
    one_time = Flag()
    savings_kind = Choice(words.SAVINGS_KINDS)
    party = Line(4)
    evidence_url = WebAddress()

    @validates_schema
    def _told(self, data: Mapping[str, Any], **_kwargs: Any) -> None:
        figures = data.get("before") is not None or data.get("after") is not None
        if figures and not data.get("measure"):
            raise ValidationError({"measure": [_("Say what was measured.")]})
        if figures and not data.get("unit"):
            raise ValidationError({"unit": [_("Enter the unit, such as minutes.")]})
        if not figures and not data.get("statement") and data.get("money") is None:
            raise ValidationError({"statement": [_("Say what happened, in a sentence or in figures.")]})


class LessonsShape(Shape):
    """What they learned."""

    challenges = Lines(1500)
    what_helped = Lines(1500)
    would_change = Lines(1500)
    advice = Line(400)
    obstacles = Choices(words.OBSTACLES)


class TimelineShape(Shape):
    """One step on the way to the agreement."""

    date = PartialDate(missing=mark("Enter the year or the day."))
    event = Line(160, missing=mark("Say what happened."))


class ProcessShape(Shape):
    """How it came about."""

    initiated_by = Choice(words.INITIATORS)
    months_to_sign = Whole(low=0, high=600)
    study_done = Choice(words.STUDIES)
    approvals = Choices(words.APPROVALS)
    timeline = Rows(TimelineShape)


class ContactShape(Shape):
    """Whom to ask: a job title, not a name."""

    contact_role = Line(80)
    contact_via = Choice(words.CONTACT_WAYS)
