"""What an agreement costs and who pays: sums that add up, from the lines that people gave.

Nothing is guessed. Lines of different years are not added to each other; a line is laid on a party only when
the case says who pays it, or says everybody's share.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from forum.case_studies.models import vocabularies as words

CENT = Decimal("0.01")
# Bodies that stand for the people of an area: these make up "people served".
AREA_KINDS = ("municipality", "county", "tribal_government", "special_district")
PER_YEAR = {"per_year": 1, "per_month": 12}


@dataclass(frozen=True)
class PartyRow:
    """What the sums need of a party. Shares as percent (0 to 100) or money, either may be None."""

    key: str
    name: str
    kind: str
    population: int | None = None
    share_pct: Decimal | None = None
    share_amount: Decimal | None = None
    share_year: int | None = None


@dataclass(frozen=True)
class CostRow:
    """A cost line. `paid_by`: a party's key, "split", or "" where nobody said."""

    label: str
    category: str
    amount: Decimal
    period: str
    basis: str
    unit: str = ""
    year: int | None = None
    paid_by: str = ""
    note: str = ""

    @property
    def signed(self) -> Decimal:
        """The amount, below zero for income."""
        return -self.amount if self.category == "revenue_offset" else self.amount

    @property
    def category_label(self) -> str:
        """What sort of cost it is."""
        return words.COST_CATEGORIES.label(self.category)

    @property
    def basis_label(self) -> str:
        """What the figure rests on."""
        return words.COST_BASES.label(self.basis)


@dataclass(frozen=True)
class BillLine:
    """A cost line with what each party pays of it; `shared` is what no party is known to pay."""

    cost: CostRow
    amount: Decimal
    by_party: Mapping[str, Decimal]
    shared: Decimal


@dataclass(frozen=True)
class BillYear:
    """The yearly lines of one fiscal year (None: not said which), and their sums. Months are counted twelve times."""

    year: int | None
    lines: tuple[BillLine, ...]
    total: Decimal
    by_party: Mapping[str, Decimal]
    shared: Decimal


@dataclass(frozen=True)
class Share:
    """One party's part of the cost. `amount` (and `per_resident`, where its population is known) is what it pays
    a year: as stated, or from the lines where these do not contradict the stated part."""

    key: str
    name: str
    pct: Decimal
    amount: Decimal | None
    per_resident: Decimal | None
    year: int | None = None


@dataclass(frozen=True)
class Bill:
    """All of it. `headline` is the year that stands for the agreement; `other` are one-time and per-unit lines."""

    years: tuple[BillYear, ...]
    other: tuple[BillLine, ...]
    headline: BillYear | None
    shares: tuple[Share, ...]
    shares_stated: bool
    people: int | None
    per_resident: Decimal | None


def allot(amount: Decimal, weights: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Divide money by weights to the cent; leftover cents go to the largest remainders, ties in listed order.

    The parts always come to `amount` exactly. Raises ValueError when the weights come to nothing.
    """
    total = sum(weights.values(), Decimal(0))
    if total <= 0:
        raise ValueError("the weights come to nothing")
    sign = -1 if amount < 0 else 1
    exact = {key: abs(amount) * weight / total for key, weight in weights.items()}
    parts = {key: value.quantize(CENT, ROUND_DOWN) for key, value in exact.items()}
    left = int((abs(amount) - sum(parts.values(), Decimal(0))) / CENT)
    order = sorted(exact, key=lambda key: -(exact[key] - parts[key]))
    for key in order[:left]:
        parts[key] += CENT
    return {key: sign * part for key, part in parts.items()}


def people_served(parties: Sequence[PartyRow]) -> int | None:
    """People of all parties that stand for an area; None unless every one of their populations is known."""
    populations = [party.population for party in parties if party.kind in AREA_KINDS]
    if not populations or any(n is None for n in populations):
        return None
    return sum(n for n in populations if n)


def _weights(parties: Sequence[PartyRow]) -> dict[str, Decimal]:
    """Everybody's stated share as weights; empty when it is not known for all that have one."""
    stated = [party for party in parties if party.share_pct is not None or party.share_amount is not None]
    by_pct = {party.key: party.share_pct for party in stated if party.share_pct is not None}
    by_amount = {party.key: party.share_amount for party in stated if party.share_amount is not None}
    for weights in (by_pct, by_amount):
        if stated and len(weights) == len(stated) and sum(weights.values(), Decimal(0)) > 0:
            return weights
    return {}


def _line(cost: CostRow, weights: Mapping[str, Decimal]) -> BillLine:
    amount = cost.signed * PER_YEAR.get(cost.period, 1)
    if cost.paid_by == "split" and weights:
        return BillLine(cost, amount, allot(amount, weights), Decimal(0))
    if cost.paid_by and cost.paid_by != "split":
        return BillLine(cost, amount, {cost.paid_by: amount}, Decimal(0))
    return BillLine(cost, amount, {}, amount)


def _year(year: int | None, lines: Sequence[BillLine]) -> BillYear:
    by_party: dict[str, Decimal] = {}
    for line in lines:
        for key, amount in line.by_party.items():
            by_party[key] = by_party.get(key, Decimal(0)) + amount
    total = sum((line.amount for line in lines), Decimal(0))
    return BillYear(year, tuple(lines), total, by_party, sum((line.shared for line in lines), Decimal(0)))


def bill(parties: Sequence[PartyRow], costs: Sequence[CostRow]) -> Bill:
    """Everything that can be said about the money, from the parties and the cost lines."""
    weights = _weights(parties)
    lines = [_line(cost, weights) for cost in costs]
    yearly = [line for line in lines if line.cost.period in PER_YEAR]
    dated = sorted({line.cost.year for line in yearly if line.cost.year}, reverse=True)
    # Lines without a year belong to the only year that is named; with several years nobody can tell.
    groups: list[int | None] = [*dated] if len(dated) == 1 else [*dated, None]
    years = []
    for year in groups:
        members = [
            line for line in yearly if line.cost.year == year or (len(dated) == 1 and not line.cost.year)
        ]
        if members:
            years.append(_year(year, members))
    headline = _headline(years)
    people = people_served(parties)
    return Bill(
        years=tuple(years),
        other=tuple(line for line in lines if line.cost.period not in PER_YEAR),
        headline=headline,
        shares=_shares(parties, weights, headline),
        shares_stated=bool(weights),
        people=people,
        per_resident=(headline.total / people).quantize(CENT) if headline and people else None,
    )


def _headline(years: Sequence[BillYear]) -> BillYear | None:
    """The newest year that comes to at least half of the dearest: one with a single fee known does not stand for
    an agreement of millions."""
    most = max((year.total for year in years), default=Decimal(0))
    return next((year for year in years if year.total > 0 and year.total * 2 >= most), None)


def _shares(
    parties: Sequence[PartyRow], weights: Mapping[str, Decimal], headline: BillYear | None
) -> tuple[Share, ...]:
    """Each payer's part: as stated, or else from the headline year when every line of it has a payer."""
    paid = headline.by_party if headline and not headline.shared else {}
    amounts: Mapping[str, Decimal]
    if weights:
        stated = {party.key: party.share_amount for party in parties if party.share_amount is not None}
        amounts = stated if stated.keys() == weights.keys() else paid if _agree(paid, weights) else {}
    else:
        weights = amounts = paid
        # Somebody who pays next to nothing makes no bar, and neither do payments in both directions.
        if len(paid) < 2 or min(paid.values()) * 200 < sum(paid.values()):
            return ()
    # In tenths of a percent, so that they are seen to come to 100.
    tenths = allot(Decimal(10), weights)
    return tuple(
        Share(
            party.key,
            party.name,
            tenths[party.key] * 10,
            amounts.get(party.key),
            (amounts[party.key] / party.population).quantize(CENT)
            if party.key in amounts and party.population
            else None,
            party.share_year,
        )
        for party in parties
        if party.key in weights
    )


def _agree(paid: Mapping[str, Decimal], weights: Mapping[str, Decimal]) -> bool:
    """Whether what is paid is what was stated, to a hundredth of the whole."""
    if paid.keys() != weights.keys() or sum(paid.values()) <= 0:
        return False
    whole, total = sum(weights.values(), Decimal(0)), sum(paid.values(), Decimal(0))
    return all(abs(paid[key] / total - weights[key] / whole) <= CENT for key in weights)
