"""The cards, each saved on its own, and the whole record that they make together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, validates_schema

from forum.case_studies.forms.rows import (
    AgreementShape,
    ContactShape,
    CostShape,
    DocumentShape,
    LessonsShape,
    OutcomeShape,
    PartyShape,
    ProcessShape,
    ResponsibilityShape,
    ScheduleEntryShape,
    SourceShape,
    SplitShape,
)
from forum.case_studies.forms.rules import between_cards
from forum.case_studies.models import vocabularies as words
from forum.core.i18n import mark
from forum.core.shapes import Choice, Choices, Group, Line, Lines, Rows, Shape
from forum.places.forms import PlaceShape


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
