"""What cases are filtered and sorted by."""

from __future__ import annotations

from forum.accounts.models import ORGANISATION_KINDS
from forum.case_studies.models import CaseStudy
from forum.case_studies.models import vocabularies as words
from forum.core.catalogue import Entry
from forum.core.i18n import gettext as _
from forum.core.i18n import mark
from forum.core.vocabulary import Vocabulary
from forum.places.models import POPULATION_BANDS, population_band
from forum.posts.queries.catalogue import (
    FACET_SOURCES,
    SPINE_ORDERS,
    Facet,
    FacetSource,
    place_facet,
    service_facet,
)

HAS = Vocabulary.of(costs="Costs", agreement="The agreement itself", measured="Results that were measured")
# "Since" answers "in effect since that year or later".
SINCE = ("2020", "2015", "2010", "2000", "1990")


def _facet(name: str, label: str, vocabulary: Vocabulary, *, ordered: bool = False) -> Facet:
    return Facet(name, label, vocabulary.label, vocabulary.keys if ordered else ())


def _since(year: str) -> str:
    return _("%(year)s or later") % {"year": year}


FACETS = (
    service_facet(),
    _facet("kind", mark("Arrangement"), words.ARRANGEMENTS),
    _facet("party", mark("Who takes part"), ORGANISATION_KINDS),
    place_facet(),
    _facet("smallest", mark("Smallest party"), POPULATION_BANDS, ordered=True),
    _facet("largest", mark("Largest party"), POPULATION_BANDS, ordered=True),
    _facet("split", mark("Cost shared by"), words.SPLIT_METHODS),
    _facet("instrument", mark("On paper"), words.INSTRUMENTS),
    _facet("outcome", mark("Result about"), words.OUTCOME_TYPES),
    _facet("direction", mark("Result"), words.DIRECTIONS, ordered=True),
    _facet("savings", mark("Kind of savings"), words.SAVINGS_KINDS),
    _facet("status", mark("Status"), words.STATUSES),
    _facet("has", mark("Has"), HAS, ordered=True),
    Facet("since", mark("Since"), _since, SINCE),
)
ORDERS = SPINE_ORDERS | {
    "people": mark("People served"),
    "cost": mark("Yearly cost"),
    "cost_per_resident": mark("Cost per resident"),
    "savings": mark("Savings"),
}


def entry(case: CaseStudy) -> Entry:
    """A case for the catalogue, read off the case and its rows."""
    outcomes = case.outcomes
    has = {
        "costs": bool(case.costs),
        "agreement": any(paper.role == "document" for paper in case.papers),
        "measured": any(outcome.basis in words.MEASURED for outcome in outcomes),
    }
    facets: dict[str, list[str | None]] = {
        "kind": [case.arrangement],
        "party": [party.kind for party in case.parties],
        "smallest": [population_band(case.smallest_population)],
        "largest": [population_band(case.largest_population)],
        "split": [case.split_method],
        "instrument": [case.instrument],
        "outcome": [outcome.type for outcome in outcomes],
        "direction": [outcome.direction for outcome in outcomes],
        "savings": [outcome.savings_kind for outcome in outcomes],
        "status": [case.status],
        "has": [name for name, there in has.items() if there],
        "since": [year for year in SINCE if case.since_year and case.since_year >= int(year)],
    }
    numbers = {
        "people": case.people_served,
        "cost": case.yearly_cost,
        "cost_per_resident": case.cost_per_resident,
        "savings": case.yearly_savings,
    }
    return Entry(
        {name: sorted({value for value in values if value}) for name, values in facets.items()},
        {name: float(number) for name, number in numbers.items() if number is not None},
    )


FACET_SOURCES["case"] = FacetSource(FACETS, ORDERS, entry)
