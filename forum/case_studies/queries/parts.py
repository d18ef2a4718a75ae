"""The rows of one case, read and put into words. One statement for each kind of row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, bindparam, select

from forum.accounts.models import ORGANISATION_KINDS, SETTINGS, Organisation
from forum.case_studies.models import Cost, Outcome, Paper, Party, Responsibility, ScheduleEntry, TaskRole
from forum.case_studies.models import vocabularies as words
from forum.case_studies.queries.money import CostRow, PartyRow
from forum.core.format import day, money, number
from forum.core.i18n import gettext as _
from forum.core.rows import Prepared
from forum.links.queries import Badge, badges
from forum.posts.models import RESOURCE_KINDS

PERCENT = ("percent", "per cent", "%")


@dataclass(frozen=True)
class PartyView:
    """A party as it is shown. `href` leads to its organisation; `line` tells its part, kind and size."""

    key: str
    name: str
    kind: str
    line: str
    href: str | None
    organisation_id: int | None


@dataclass(frozen=True)
class TaskView:
    """A task: for each party in order what it does ("Decides, Pays" or ""); and the same told the other way
    round, (words, names of the parties), for who has more parties than a page has columns."""

    task: str
    note: str
    cells: tuple[str, ...]
    groups: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class ScheduleView:
    """A line of the schedule. `priority` is who books first, for hours of use."""

    label: str
    kind: str
    when: str
    who: str
    priority: int | None


@dataclass(frozen=True)
class OutcomeView:
    """A result, in words and figures; what is not known is ""."""

    type_label: str
    direction: str
    direction_label: str
    statement: str
    measure: str
    before: str
    after: str
    unit: str
    years: str
    money: str
    money_label: str
    money_hint: str
    party: str
    basis_label: str
    evidence_url: str


@dataclass(frozen=True)
class PaperView:
    """A document or a source. `line` is its kind, publisher and year; `link` how its address is."""

    title: str
    line: str
    url: str
    link: Badge | None


def dotted(*parts: str) -> str:
    """Parts that are known, with a dot between them."""
    return " · ".join(part for part in parts if part)


def _rows_of(model: Any) -> Prepared:
    """All columns of a case's rows of one kind, in their order."""
    return Prepared(
        lambda: select(model.__table__).where(model.case_id == bindparam("case_id")).order_by(model.position)
    )


_costs, _schedule, _outcomes, _papers = map(_rows_of, (Cost, ScheduleEntry, Outcome, Paper))


def read_parties(case_id: int) -> Sequence[Any]:
    """The parties in order, each with the slug of its organisation."""
    return _parties(case_id=case_id)


@Prepared
def _parties() -> Select[*tuple[Any, ...]]:
    return (
        select(Party.__table__, Organisation.slug.label("organisation_slug"))
        .outerjoin(Organisation, Organisation.id == Party.organisation_id)
        .where(Party.case_id == bindparam("case_id"))
        .order_by(Party.position)
    )


def party_views(rows: Sequence[Any]) -> tuple[PartyView, ...]:
    """The parties in words."""
    return tuple(
        PartyView(
            key=row.key,
            name=row.name,
            kind=row.kind,
            line=dotted(
                ", ".join(words.PARTS.label(part) for part in row.part),
                ORGANISATION_KINDS.label(row.kind),
                SETTINGS.label(row.setting),
                _people(row),
                _("joined in %(year)s") % {"year": row.joined_on} if row.joined_on else "",
                _("left in %(year)s") % {"year": row.left_on} if row.left_on else "",
            ),
            href=f"/organisations/{row.organisation_slug}" if row.organisation_slug else None,
            organisation_id=row.organisation_id,
        )
        for row in rows
    )


def _people(row: Any) -> str:
    if not row.population:
        return ""
    year = f" ({row.population_year})" if row.population_year else ""
    return _("pop. %(n)s") % {"n": number(row.population)} + year


def party_sums(rows: Sequence[Any]) -> list[PartyRow]:
    """The parties as the sums take them; rows of the table or objects."""
    return [
        PartyRow(row.key, row.name, row.kind, row.population, row.share_pct, row.share_amount, row.share_year)
        for row in rows
    ]


def tasks(case_id: int, parties: Sequence[Any]) -> tuple[TaskView, ...]:
    """Who does what, in the order that was given."""
    order = words.TASK_ROLES.keys
    told: dict[int, tuple[str, str]] = {}
    roles: dict[tuple[int, int], list[str]] = {}
    for id_, task, note, party_id, role in _tasks(case_id=case_id):
        told[id_] = (task, note)
        if party_id is not None:
            roles.setdefault((id_, party_id), []).append(role)
    for letters in roles.values():
        letters.sort(key=order.index)

    def view(id_: int) -> TaskView:
        groups: dict[tuple[str, ...], list[str]] = {}
        for party in parties:
            if letters := roles.get((id_, party.id)):
                groups.setdefault(tuple(letters), []).append(party.name)
        ranked = sorted(groups, key=lambda letters: [order.index(letter) for letter in letters])
        return TaskView(
            *told[id_],
            cells=tuple(_role_words(roles.get((id_, party.id), ())) for party in parties),
            groups=tuple((_role_words(letters), tuple(groups[letters])) for letters in ranked),
        )

    return tuple(view(id_) for id_ in told)


@Prepared
def _tasks() -> Select[*tuple[Any, ...]]:
    return (
        select(Responsibility.id, Responsibility.task, Responsibility.note, TaskRole.party_id, TaskRole.role)
        .outerjoin(TaskRole, TaskRole.responsibility_id == Responsibility.id)
        .where(Responsibility.case_id == bindparam("case_id"))
        .order_by(Responsibility.position)
    )


def _role_words(letters: Sequence[str]) -> str:
    return ", ".join(words.TASK_ROLES.label(letter) for letter in letters)


def costs(case_id: int, keys: Mapping[int, str]) -> list[CostRow]:
    """The cost lines as the sums take them; `keys`: party id -> key."""
    rows = _costs(case_id=case_id)
    return [
        CostRow(
            label=row.label,
            category=row.category,
            amount=row.amount,
            period=row.period,
            basis=row.basis,
            unit=row.unit,
            year=row.fiscal_year,
            paid_by="split" if row.paid_by_split else keys.get(row.paid_by_id, ""),
            note=row.note,
        )
        for row in rows
    ]


def schedule(case_id: int, names: Mapping[int, str]) -> tuple[ScheduleView, ...]:
    """What is scheduled. Days and years stand in time order among themselves; what is told in words ("by 15 October
    each year") stays where its author put it."""
    rows = _schedule(case_id=case_id)
    dated = iter(sorted((row for row in rows if row.when_date), key=lambda row: str(row.when_date)))
    return tuple(
        ScheduleView(
            label=row.label,
            kind=row.kind,
            when=row.when_text or day(row.when_date),
            who=names.get(row.party_id, ""),
            priority=row.priority,
        )
        for row in [next(dated) if row.when_date else row for row in rows]
    )


def outcomes(case_id: int, names: Mapping[int, str], currency: str) -> tuple[list[Any], list[OutcomeView]]:
    """The results as rows and in words, in the order that was given."""
    rows = list(_outcomes(case_id=case_id))
    return rows, [_outcome(row, names, currency) for row in rows]


def _outcome(row: Any, names: Mapping[int, str], currency: str) -> OutcomeView:
    years = [str(year) for year in (row.before_year, row.after_year) if year]
    return OutcomeView(
        type_label=words.OUTCOME_TYPES.label(row.type),
        direction=row.direction,
        direction_label=words.DIRECTIONS.label(row.direction),
        statement=row.statement,
        measure=row.measure,
        before=_figure(row.before, row.unit, currency),
        after=_figure(row.after, row.unit, currency),
        unit="" if row.unit in PERCENT else row.unit.removeprefix(currency).strip(),
        years=_("%(first)s to %(last)s") % {"first": years[0], "last": years[1]}
        if len(set(years)) == 2
        else "".join(years[:1]),
        money=money_effect(row, currency),
        money_label=money_label(row),
        money_hint=words.SAVINGS_KINDS.hint(row.savings_kind) if row.savings_kind else "",
        party=_("All parties") if row.for_all else names.get(row.party_id, ""),
        basis_label=words.OUTCOME_BASES.label(row.basis),
        evidence_url=row.evidence_url,
    )


def _figure(value: Decimal | None, unit: str, currency: str) -> str:
    """A measured number; where its unit begins with the currency ("USD a ton"), as money."""
    if value is None:
        return ""
    if unit.startswith(currency):
        return money(value, currency)
    return f"{number(value)}%" if unit in PERCENT else number(value)


def money_effect(row: Any, currency: str) -> str:
    """ "$62,000 a year", without its sign; "" for a result without money."""
    if row.money is None:
        return ""
    amount = money(abs(row.money), currency)
    return (
        _("%(money)s once") % {"money": amount} if row.one_time else _("%(money)s a year") % {"money": amount}
    )


def money_label(row: Any) -> str:
    """What sort of money that is: it says whether it was saved or lost."""
    if row.money is None:
        return ""
    if row.money < 0:
        return _("Extra cost")
    return words.SAVINGS_KINDS.label(row.savings_kind) or _("Savings")


def papers(case_id: int) -> tuple[tuple[PaperView, ...], tuple[PaperView, ...]]:
    """Documents of the agreement, and sources that the account rests on."""
    rows = _papers(case_id=case_id)
    links = badges([case_id])
    documents, sources = (
        tuple(
            PaperView(
                row.title,
                dotted(RESOURCE_KINDS.label(row.kind), row.publisher, str(row.year or "")),
                row.url,
                links.at(row.url),
            )
            for row in rows
            if row.role == role
        )
        for role in ("document", "source")
    )
    return documents, sources
