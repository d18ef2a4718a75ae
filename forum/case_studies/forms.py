"""The shape of a case study: the five fields that suffice, the cards that enrich it, and the whole.

`CaseShape` is the whole record, as files hold it and as every save is judged; each card is a part of it with a
form of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError, validates_schema

from forum.accounts.models import ORGANISATION_KINDS, SETTINGS
from forum.case_studies.models import vocabularies as words
from forum.core.i18n import gettext as _
from forum.core.i18n import mark
from forum.core.shapes import (
    Amount,
    Choice,
    Choices,
    Flag,
    Group,
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

# Shares and weights are typed rounded: thirds come to 99.99.
ROUNDING = Decimal("0.1")


class PlaceShape(Shape):
    """Where it happens. `region_code` is ISO 3166-2; `country` ISO 3166-1."""

    name = Line(160)
    region = Line(120)
    region_code = Line(6)
    country = Line(2)
    population = Whole(low=1, high=100_000_000)


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


class ResponsibilityShape(Shape):
    """A task, and what each party does for it: party id -> letters of TASK_ROLES."""

    task = Line(140, low=3, missing=mark("Enter the task."))
    roles = Map(
        Choices(words.TASK_ROLES, least=1), missing=mark("Say what at least one party does for this task.")
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


def _services(**options: Any) -> Choices:
    return Choices(most=3, least=1, missing=mark("Choose at least one service."), **options)


class BasicsCard(Shape):
    """The five fields, and what is known without asking."""

    title = Line(120, low=15, missing=mark("Enter a title that says who shares what."))
    services = _services()
    parties = Rows(PartyShape, least=2, drawn=2, few=mark("Name at least two parties."))
    arrangement = Choice(
        words.ARRANGEMENTS, missing=mark("Choose the kind of arrangement; “not sure” is fine.")
    )
    summary = Lines(1200, low=80, missing=mark("Say in short who does what, for whom, and who pays."))
    place = Group(PlaceShape)


class StatusCard(Shape):
    """How it stands, and why it ended where it did."""

    status = Choice(words.STATUSES)
    end_reason = Choices(words.END_REASONS)
    why_ended = Lines(600)


class StoryCard(Shape):
    """The story, and what it rests on."""

    story = Lines(20_000)
    source_kind = Choice(words.SOURCE_KINDS)
    sources = Rows(SourceShape)


class PartiesCard(Shape):
    """Parties in detail."""

    parties = Rows(PartyShape, least=2, drawn=2, few=mark("Name at least two parties."))


class ResponsibilitiesCard(Shape):
    """Who does what."""

    responsibilities = Rows(ResponsibilityShape, drawn=1)


class CostsCard(Shape):
    """What it costs and who pays."""

    currency = Choice(words.CURRENCIES)
    costs = Rows(CostShape, drawn=1)
    split = Group(SplitShape)


class ScheduleCard(Shape):
    """When."""

    schedule = Rows(ScheduleEntryShape, drawn=1)


class AgreementCard(Shape):
    """How it is set up."""

    agreement = Group(AgreementShape)


class OutcomesCard(Shape):
    """Did it work?"""

    motives = Choices(words.MOTIVES)
    outcomes = Rows(OutcomeShape, drawn=1)


class LessonsCard(Shape):
    """What we learned."""

    lessons = Group(LessonsShape)


class ProcessCard(Shape):
    """How it came about."""

    process = Group(ProcessShape)


class PapersCard(Shape):
    """Papers, and whom to ask."""

    documents = Rows(DocumentShape, drawn=1)
    contact = Group(ContactShape)


# In the order of the page. Each is saved on its own; together they are the whole.
CARDS: Mapping[str, type[Shape]] = {
    "basics": BasicsCard,
    "status": StatusCard,
    "story": StoryCard,
    "parties": PartiesCard,
    "responsibilities": ResponsibilitiesCard,
    "costs": CostsCard,
    "schedule": ScheduleCard,
    "agreement": AgreementCard,
    "outcomes": OutcomesCard,
    "lessons": LessonsCard,
    "process": ProcessCard,
    "papers": PapersCard,
}


class CaseShape(
    BasicsCard,
    StatusCard,
    StoryCard,
    ResponsibilitiesCard,
    CostsCard,
    ScheduleCard,
    AgreementCard,
    OutcomesCard,
    LessonsCard,
    ProcessCard,
    PapersCard,
):
    """The whole record: every card, and the rules between them."""

    @validates_schema
    def _consistent(self, data: Mapping[str, Any], **_kwargs: Any) -> None:
        faults: dict[str, Any] = {}
        for path, sentence in between_cards(data):
            at: dict[Any, Any] = faults
            *parents, last = path.split("-")
            for parent in parents:
                at = at.setdefault(int(parent) if parent.isdigit() else parent, {})
            at.setdefault(last, [sentence])
        if faults:
            raise ValidationError(faults)


def between_cards(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(path, sentence) for each rule that needs more than one field to judge."""
    yield from _parties(data.get("parties", []))
    yield from _references(data)
    yield from _split(data.get("split", {}))
    for n, row in enumerate(data.get("costs", [])):
        if row["period"] == "per_unit" and not row.get("unit"):
            yield f"costs-{n}-unit", _("Say which unit, such as “bed and day”.")
    if data.get("status", "in_effect") not in words.ENDED and (
        data.get("why_ended") or data.get("end_reason")
    ):
        yield "why_ended", _("This says why it ended, but the status says that it goes on.")
    addresses = [row["url"] for row in data.get("sources", [])]
    for n, address in enumerate(addresses):
        if address in addresses[:n]:
            yield f"sources-{n}-url", _("This address is in the list already.")


def named_parties(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(path, party id) of every place in a record that names a party."""
    for n, row in enumerate(data.get("responsibilities", [])):
        yield from ((f"responsibilities-{n}-roles", key) for key in row["roles"])
    for name, field in (("costs", "paid_by"), ("schedule", "party"), ("outcomes", "party")):
        for n, row in enumerate(data.get(name, [])):
            if row.get(field) and row[field] not in ("split", "all"):
                yield f"{name}-{n}-{field}", row[field]
    for n, row in enumerate(data.get("split", {}).get("shares", [])):
        yield f"split-shares-{n}-party", row["party"]


def _references(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    known = {party.get("id") for party in data.get("parties", [])}
    for path, key in named_parties(data):
        if key not in known:
            yield path, _("There is no party “%(id)s”.") % {"id": key}


def _parties(parties: list[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    names = [party["name"].casefold() for party in parties]
    ids = [party.get("id") for party in parties]
    for n, party in enumerate(parties):
        if names[n] in names[:n]:
            yield f"parties-{n}-name", _("This party is in the list already.")
        if ids[n] and ids[n] in ids[:n]:
            yield f"parties-{n}-id", _("Two parties have the id “%(id)s”.") % {"id": ids[n]}
        if party.get("left_on") and party.get("joined_on") and party["left_on"] < party["joined_on"]:
            yield f"parties-{n}-left_on", _("It cannot leave before it joins.")


def _split(split: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    weights = [row["weight"] for row in split.get("factors", [])]
    if weights and abs(sum(weights) - 100) > ROUNDING:
        yield "split-factors", _("The weights come to %(n)s; they must come to 100.") % {"n": sum(weights)}
    shares = split.get("shares", [])
    percentages = [row["pct"] for row in shares if row.get("pct") is not None]
    if percentages and len(percentages) == len(shares) and abs(sum(percentages) - 100) > ROUNDING:
        yield (
            "split-shares",
            _("The shares come to %(n)s percent; they must come to 100.") % {"n": sum(percentages)},
        )
    for n, row in enumerate(shares):
        if row["party"] in [other["party"] for other in shares[:n]]:
            yield f"split-shares-{n}-party", _("This party has a share already.")
