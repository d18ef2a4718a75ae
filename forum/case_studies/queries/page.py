"""The page of one case: everything that it shows, in a number of statements that no row count changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import exists, func, literal, select

from forum.accounts.models import ORGANISATION_KINDS, SETTINGS, Organisation, Person
from forum.accounts.queries import PERSON_COLUMNS, PersonRef, person_ref
from forum.case_studies.forms import CARDS
from forum.case_studies.models import (
    CaseStudy,
    Cost,
    Outcome,
    Paper,
    Party,
    Responsibility,
    ScheduleEntry,
    TaskRole,
)
from forum.case_studies.models import vocabularies as words
from forum.case_studies.queries.lists import like_this
from forum.case_studies.queries.money import Bill, CostRow, PartyRow, bill
from forum.comments.queries import Thread, thread
from forum.core.db import db
from forum.core.errors import NotFound
from forum.core.i18n import gettext as _
from forum.core.i18n import ngettext
from forum.posts import policy
from forum.posts.models import RESOURCE_KINDS, Post, UsefulMark
from forum.posts.queries import moved_or_missing, services_of
from forum.topics.queries import ServiceRef

LEVELS = ((60, _("Full")), (25, _("Useful")), (0, _("Starter")))


@dataclass(frozen=True)
class PartyView:
    """A party as it is shown. `path` leads to its organisation."""

    key: str
    name: str
    kind: str
    kind_label: str
    parts: tuple[str, ...]
    population: int | None
    population_year: int | None
    setting: str
    joined_on: int | None
    left_on: int | None
    path: str | None


@dataclass(frozen=True)
class TaskView:
    """A row of the matrix: party key -> what it does, as words."""

    task: str
    note: str
    cells: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class ScheduleView:
    """A line of the schedule."""

    label: str
    kind: str
    kind_label: str
    when: str
    party: str
    priority: int | None


@dataclass(frozen=True)
class OutcomeView:
    """A result, in words and figures. `money` is in the case's currency; below zero it cost more."""

    type_label: str
    direction: str
    direction_label: str
    statement: str
    measure: str
    before: Decimal | None
    after: Decimal | None
    unit: str
    before_year: int | None
    after_year: int | None
    money: Decimal | None
    one_time: bool
    savings_label: str
    savings_hint: str
    party: str
    basis_label: str
    evidence_url: str


@dataclass(frozen=True)
class PaperView:
    """A document or a source."""

    title: str
    kind_label: str
    publisher: str
    year: int | None
    url: str


@dataclass(frozen=True)
class LikeThis:
    """Another case, and why it is like this one."""

    title: str
    path: str
    why: str


@dataclass(frozen=True)
class CasePage:
    """All that the template may read. `missing` are the cards that an editor may add."""

    case: Any
    path: str
    author: PersonRef
    services: tuple[ServiceRef, ...]
    place: str
    status_label: str
    ended: bool
    arrangement_label: str
    arrangement_hint: str
    instrument_label: str
    source_label: str
    level: str
    end_reasons: tuple[str, ...]
    motives: tuple[str, ...]
    parties: tuple[PartyView, ...]
    tasks: tuple[TaskView, ...]
    bill: Bill
    split_label: str
    split_hint: str
    split_factors: tuple[tuple[str, str, str], ...]
    split_terms: tuple[str, ...]
    schedule: tuple[ScheduleView, ...]
    terms: tuple[tuple[str, str], ...]
    clauses: tuple[tuple[str, str, str], ...]
    outcomes: tuple[OutcomeView, ...]
    obstacles: tuple[str, ...]
    process: tuple[tuple[str, str], ...]
    documents: tuple[PaperView, ...]
    sources: tuple[PaperView, ...]
    similar: tuple[LikeThis, ...]
    comments: Thread
    marked: bool
    may_mark: bool
    may_edit: bool
    missing: tuple[str, ...]


# The case's own columns, without those of its Markdown sources: only the HTML is shown.
_UNREAD = {"body", "challenges", "what_helped", "would_change", "hidden_by_id", "body_renderer"}
_COLUMNS = [column for column in Post.__table__.c if column.key not in _UNREAD] + [
    column for column in CaseStudy.__table__.c if column.key not in _UNREAD | {"post_id"}
]


def case_page(actor: Person | None, slug: str, comments_after: str | None = None) -> CasePage:
    """One case. Raises Moved for a former slug, NotFound for what is not there or not theirs to see."""
    table = CaseStudy.__table__
    mark = (
        exists().where(UsefulMark.post_id == Post.id, UsefulMark.person_id == actor.id)
        if actor
        else literal(False)
    )
    case: Any = db.session.execute(
        select(*_COLUMNS, *PERSON_COLUMNS, mark.label("marked"))
        .select_from(Post)
        .join(table, table.c.post_id == Post.id)
        .join(Person, Person.id == Post.author_id)
        .outerjoin(Organisation, Organisation.id == Person.organisation_id)
        .where(Post.kind == "case", Post.slug == slug)
    ).first()
    if case is None:
        raise moved_or_missing("case", slug)
    if not policy.may_see_post(actor, case):
        raise NotFound
    parties = _parties(case.id)
    mine = bool(
        actor and actor.organisation_id and actor.organisation_id in {row.organisation_id for row in parties}
    )
    may_edit = policy.may_edit_post(actor, case) or (mine and case.state != "hidden")
    names = {row.id: row.name for row in parties}
    costs = _costs(case.id, {row.id: row.key for row in parties})
    schedule, outcomes = _schedule(case.id, names), _outcomes(case.id, names)
    tasks, papers = _tasks(case.id, {row.id: row.key for row in parties}), _papers(case.id)
    services = services_of([case.id]).get(case.id, ())
    money = bill(
        [PartyRow(p.key, p.name, p.kind, p.population, p.share_pct, p.share_amount) for p in parties], costs
    )
    terms = _terms(case)
    filled = {
        "story": bool(case.body_html),
        "responsibilities": bool(tasks),
        "costs": bool(costs or case.split_method),
        "schedule": bool(schedule),
        "agreement": bool(terms or case.clauses),
        "outcomes": bool(outcomes),
        "lessons": bool(
            case.challenges_html or case.what_helped_html or case.would_change_html or case.advice
        ),
        "process": bool(case.initiated_by or case.timeline or case.study_done),
        "papers": any(role == "document" for role, _paper in papers),
    }
    return CasePage(
        case=case,
        path=f"/cases/{case.slug}",
        author=person_ref(case),
        services=services,
        place=place_line(case.place_name, case.region, case.country),
        status_label=words.STATUSES.label(case.status),
        ended=case.status in words.ENDED,
        arrangement_label=words.ARRANGEMENTS.label(case.arrangement),
        arrangement_hint=words.ARRANGEMENTS.hint(case.arrangement),
        instrument_label="" if case.instrument == "unknown" else words.INSTRUMENTS.label(case.instrument),
        source_label=words.SOURCE_KINDS.label(case.source_kind),
        level=next(label for least, label in LEVELS if case.completeness >= least),
        end_reasons=_labels(words.END_REASONS, case.end_reason),
        motives=_labels(words.MOTIVES, case.motives),
        parties=tuple(_party(row) for row in parties),
        tasks=tasks,
        bill=money,
        split_label=words.SPLIT_METHODS.label(case.split_method),
        split_hint=words.SPLIT_METHODS.hint(case.split_method) if case.split_method else "",
        split_factors=tuple(
            (words.SPLIT_METHODS.label(row["factor"]), str(row["weight"]), row.get("source", ""))
            for row in case.split_factors
        ),
        split_terms=_split_terms(case),
        schedule=schedule,
        terms=terms,
        clauses=tuple(
            (term.key, words.CLAUSES.label(term.key), case.clauses.get(term.key, "unknown"))
            for term in words.CLAUSES
            if case.clauses
        ),
        outcomes=outcomes,
        obstacles=_labels(words.OBSTACLES, case.obstacles),
        process=_process(case),
        documents=tuple(paper for role, paper in papers if role == "document"),
        sources=tuple(paper for role, paper in papers if role == "source"),
        similar=tuple(
            LikeThis(title, path, why)
            for title, path, why in like_this(
                case.id, [s.id for s in services], case.arrangement, case.region_code
            )
        ),
        comments=thread(actor, case.id, after=comments_after),
        marked=bool(case.marked),
        may_mark=policy.may_mark_useful(actor, case),
        may_edit=may_edit,
        missing=tuple(card for card in CARDS if card in filled and not filled[card]) if may_edit else (),
    )


def place_line(name: str, region: str, country: str) -> str:
    """ "Northfield, Minnesota, US", without what is not known and without saying a name twice."""
    parts = [name, region if region != name else "", country]
    return ", ".join(part for part in parts if part)


def _labels(vocabulary: Any, keys: Sequence[str]) -> tuple[str, ...]:
    return tuple(vocabulary.label(key) for key in keys)


def _parties(case_id: int) -> Sequence[Any]:
    return db.session.execute(
        select(*Party.__table__.c, Organisation.slug.label("organisation_slug"))
        .outerjoin(Organisation, Organisation.id == Party.organisation_id)
        .where(Party.case_id == case_id)
        .order_by(Party.position)
    ).all()


def _party(row: Any) -> PartyView:
    return PartyView(
        key=row.key,
        name=row.name,
        kind=row.kind,
        kind_label=ORGANISATION_KINDS.label(row.kind),
        parts=_labels(words.PARTS, row.part),
        population=row.population,
        population_year=row.population_year,
        setting=SETTINGS.label(row.setting),
        joined_on=row.joined_on,
        left_on=row.left_on,
        path=f"/organisations/{row.organisation_slug}" if row.organisation_slug else None,
    )


def _tasks(case_id: int, keys: dict[int, str]) -> tuple[TaskView, ...]:
    order = list(words.TASK_ROLES.keys)
    found: dict[int, TaskView] = {}
    roles: dict[tuple[int, str], list[str]] = {}
    for id_, task, note, party_id, role in db.session.execute(
        select(Responsibility.id, Responsibility.task, Responsibility.note, TaskRole.party_id, TaskRole.role)
        .outerjoin(TaskRole, TaskRole.responsibility_id == Responsibility.id)
        .where(Responsibility.case_id == case_id)
        .order_by(Responsibility.position)
    ):
        found.setdefault(id_, TaskView(task, note, {}))
        if party_id is not None:
            roles.setdefault((id_, keys[party_id]), []).append(role)
    for (id_, key), letters in roles.items():
        found[id_].cells[key] = tuple(
            words.TASK_ROLES.label(letter) for letter in sorted(letters, key=order.index)
        )
    return tuple(found.values())


def _costs(case_id: int, keys: dict[int, str]) -> list[CostRow]:
    rows = db.session.execute(
        select(*Cost.__table__.c).where(Cost.case_id == case_id).order_by(Cost.position)
    )
    return [
        CostRow(
            row.label,
            row.category,
            row.amount,
            row.period,
            words.COST_BASES.label(row.basis),
            row.unit,
            row.fiscal_year,
            "split" if row.paid_by_split else keys.get(row.paid_by_id, ""),
            row.note,
        )
        for row in rows
    ]


def _schedule(case_id: int, names: dict[int, str]) -> tuple[ScheduleView, ...]:
    rows = db.session.execute(
        select(*ScheduleEntry.__table__.c)
        .where(ScheduleEntry.case_id == case_id)
        .order_by(func.coalesce(ScheduleEntry.priority, 10), ScheduleEntry.when_date, ScheduleEntry.position)
    )
    return tuple(
        ScheduleView(
            label=row.label,
            kind=row.kind,
            kind_label=words.SCHEDULE_KINDS.label(row.kind),
            when=row.when_text or row.when_date or "",
            party=names.get(row.party_id, ""),
            priority=row.priority,
        )
        for row in rows
    )


def _outcomes(case_id: int, names: dict[int, str]) -> tuple[OutcomeView, ...]:
    rows = db.session.execute(
        select(*Outcome.__table__.c).where(Outcome.case_id == case_id).order_by(Outcome.position)
    )
    return tuple(
        OutcomeView(
            type_label=words.OUTCOME_TYPES.label(row.type),
            direction=row.direction,
            direction_label=words.DIRECTIONS.label(row.direction),
            statement=row.statement,
            measure=row.measure,
            before=row.before,
            after=row.after,
            unit=row.unit,
            before_year=row.before_year,
            after_year=row.after_year,
            money=row.money,
            one_time=row.one_time,
            savings_label=words.SAVINGS_KINDS.label(row.savings_kind),
            savings_hint=words.SAVINGS_KINDS.hint(row.savings_kind) if row.savings_kind else "",
            party=_("All parties") if row.for_all else names.get(row.party_id, ""),
            basis_label=words.OUTCOME_BASES.label(row.basis),
            evidence_url=row.evidence_url,
        )
        for row in rows
    )


def _papers(case_id: int) -> list[tuple[str, PaperView]]:
    rows = db.session.execute(
        select(*Paper.__table__.c).where(Paper.case_id == case_id).order_by(Paper.position)
    )
    return [
        (row.role, PaperView(row.title, RESOURCE_KINDS.label(row.kind), row.publisher, row.year, row.url))
        for row in rows
    ]


def _split_terms(case: Any) -> tuple[str, ...]:
    overhead = "" if case.split_overhead in (None, "unknown") else words.OVERHEADS.label(case.split_overhead)
    if overhead and case.split_overhead_pct:
        overhead = f"{overhead} ({case.split_overhead_pct.normalize():f} %)"
    terms = [
        overhead,
        *_labels(words.ADJUSTMENTS, case.split_adjust),
        words.FEE_KEEPERS.label(case.split_fees),
    ]
    return tuple(term for term in terms if term)


def _terms(case: Any) -> tuple[tuple[str, str], ...]:
    """The agreement on paper, as label and text; dates are left for the template to write out."""
    term = ""
    if case.term_years is not None:
        years = case.term_years.normalize()
        term = (
            _("Open-ended")
            if not years
            else ngettext("%(n)s year", "%(n)s years", 1 if years == 1 else 2) % {"n": f"{years:f}"}
        )
    notice = ""
    if case.exit_notice_days is not None:
        notice = ngettext("%(n)d day's notice", "%(n)d days' notice", case.exit_notice_days) % {
            "n": case.exit_notice_days
        }
    pairs = (
        (_("Instrument"), "" if case.instrument == "unknown" else words.INSTRUMENTS.label(case.instrument)),
        (_("Law relied on"), case.authority),
        (_("Signed"), case.signed_on),
        (_("Starts"), case.starts_on),
        (_("Ends"), case.ends_on),
        (_("Term"), term),
        (_("Renewal"), "" if case.renewal == "unknown" else words.RENEWALS.label(case.renewal)),
        (_("To leave"), notice),
        (_("Who oversees"), words.OVERSIGHTS.label(case.oversight)),
        (_("Voting"), words.VOTINGS.label(case.voting)),
        (_("Staff employed by"), words.EMPLOYERS.label(case.employer)),
    )
    return tuple((label, text) for label, text in pairs if text)


def _process(case: Any) -> tuple[tuple[str, str], ...]:
    months = ""
    if case.months_to_sign is not None:
        months = ngettext("%(n)d month", "%(n)d months", case.months_to_sign) % {"n": case.months_to_sign}
    pairs = (
        (_("Initiated by"), words.INITIATORS.label(case.initiated_by)),
        (_("Time to sign"), months),
        (_("Study"), words.STUDIES.label(case.study_done)),
        (_("Approvals"), ", ".join(_labels(words.APPROVALS, case.approvals))),
    )
    return tuple((label, text) for label, text in pairs if text)
