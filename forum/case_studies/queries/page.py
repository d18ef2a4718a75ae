"""The page of one case: everything that it shows, in a number of statements that no row count changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, select

from forum.accounts.models import PEOPLE, Person
from forum.accounts.queries import PersonRef
from forum.case_studies import policy
from forum.case_studies.forms import CARDS
from forum.case_studies.models import CaseOrigin, CaseStudy
from forum.case_studies.models import vocabularies as words
from forum.case_studies.queries import parts
from forum.case_studies.queries.lists import LikeThis, like_this
from forum.case_studies.queries.money import Bill, bill
from forum.case_studies.queries.parts import OutcomeView, PaperView, PartyView, ScheduleView, TaskView, dotted
from forum.comments.queries import Thread, thread
from forum.core.changes import kept, note, note_posts
from forum.core.db import db
from forum.core.format import day, money, number
from forum.core.i18n import gettext as _
from forum.core.i18n import mark, ngettext
from forum.core.rows import Prepared
from forum.freshness.queries import Fresh, of_post
from forum.posts.models import Post
from forum.posts.policy import may_mark_useful
from forum.posts.queries import marked_by, read, services_of
from forum.topics.models import SERVICES
from forum.topics.queries import ServiceRef

# What a completeness of at least so many hundredths is called.
LEVELS = ((60, mark("Full")), (25, mark("Useful")), (0, mark("Starter")))


# The columns that are drawn as they are.
DRAWN = (
    "path status arrangement source_kind why_ended body_html currency split_note advice what_helped_html "
    "challenges_html would_change_html timeline contact_role"
).split()
# A figure that comes with one of these is not to be read as a result.
UNSURE = ("mixed", "too_early")


class Fact(NamedTuple):
    """One fact of the panel. `note` says what it rests on; a figure is drawn big."""

    label: str
    text: str
    note: str = ""
    big: bool = False


@dataclass(frozen=True, eq=False)
class CaseRecord:
    """What a case records, in words: the same for all who read it. It is kept until it changes, and drawn once.

    `case` has the columns that are drawn as they are. `missing` are the cards without data, for whoever `may_edit`.
    """

    case: SimpleNamespace
    author: PersonRef
    services: tuple[ServiceRef, ...]
    place: str
    status_label: str
    ended: bool
    source_label: str
    level: str
    glance: tuple[Fact, ...]
    end_reasons: tuple[str, ...]
    motives: tuple[str, ...]
    parties: tuple[PartyView, ...]
    tasks: tuple[TaskView, ...]
    bill: Bill
    split_label: str
    split_factors: tuple[tuple[str, str, str], ...]
    split_terms: tuple[str, ...]
    schedule: tuple[ScheduleView, ...]
    priorities: tuple[ScheduleView, ...]
    terms: tuple[tuple[str, str], ...]
    clauses: tuple[tuple[str, str], ...]
    outcomes: tuple[OutcomeView, ...]
    obstacles: tuple[str, ...]
    process: tuple[tuple[str, str], ...]
    documents: tuple[PaperView, ...]
    sources: tuple[PaperView, ...]
    credit: Credit | None
    empty: tuple[str, ...]
    may_edit: bool = False

    @property
    def missing(self) -> tuple[str, ...]:
        """The cards that whoever may edit is invited to fill."""
        return self.empty if self.may_edit else ()


@dataclass(frozen=True)
class CasePage:
    """All that the template may read: what the case records, and what is told of it and to this reader."""

    case: Post
    record: CaseRecord
    similar: tuple[LikeThis, ...]
    comments: Thread
    marked: bool
    may_mark: bool
    fresh: Fresh | None


def case_page(actor: Person | None, slug: str, comments_after: str | None = None) -> CasePage:
    """One case. Raises Moved for a former slug, NotFound for what is not there or not theirs to see."""
    case, author = read(Post, "case", slug, actor)
    record = kept(("case", case.id), lambda: _record(case.id, author))
    if policy.may_edit_shared(actor, case, {party.organisation_id for party in record.parties}):
        record = kept(("case to edit", case.id), lambda: replace(_record(case.id, author), may_edit=True))
    service_ids = [service.id for service in record.services]
    return CasePage(
        case=case,
        record=record,
        similar=kept(
            ("cases like", case.id, *service_ids, record.case.arrangement, case.region_code),
            lambda: like_this(case.id, service_ids, record.case.arrangement, case.region_code),
        ),
        comments=thread(actor, case, after=comments_after),
        marked=marked_by(actor, case.id),
        may_mark=may_mark_useful(actor, case),
        fresh=of_post(actor, case.id),
    )


def _record(case_id: int, author: PersonRef) -> CaseRecord:
    case = db.session.get_one(CaseStudy, case_id)
    note(f"post:{case.id}", PEOPLE, SERVICES)
    parties = parts.read_parties(case.id)
    names = {party.id: party.name for party in parties}
    tasks = parts.tasks(case.id, parties)
    costs = parts.costs(case.id, {party.id: party.key for party in parties})
    schedule = parts.schedule(case.id, names)
    results, outcomes = parts.outcomes(case.id, names, case.currency)
    documents, sources = parts.papers(case.id)
    sums = bill(parts.party_sums(parties), costs)
    terms, process = _terms(case), _process(case)
    filled = {
        "story": case.body_html,
        "responsibilities": tasks,
        "costs": costs or case.split_method,
        "schedule": schedule,
        "agreement": terms or case.clauses,
        "outcomes": outcomes,
        "lessons": case.challenges_html or case.what_helped_html or case.would_change_html or case.advice,
        "process": process or case.timeline,
        "papers": documents,
    }
    return CaseRecord(
        case=SimpleNamespace(**{name: getattr(case, name) for name in DRAWN}),
        author=author,
        services=services_of([case.id]).get(case.id, ()),
        place=place_line(case.place_name, case.region, case.country),
        status_label=words.STATUSES.label(case.status),
        ended=case.status in words.ENDED,
        source_label=words.SOURCE_KINDS.label(case.source_kind),
        level=next(_(label) for least, label in LEVELS if case.completeness >= least),
        glance=tuple(fact for fact in _glance(case, sums, results, names) if fact.text),
        end_reasons=_labels(words.END_REASONS, case.end_reason),
        motives=_labels(words.MOTIVES, case.motives),
        parties=parts.party_views(parties),
        tasks=tasks,
        bill=sums,
        split_label=words.SPLIT_METHODS.label(case.split_method),
        split_factors=tuple(
            (words.SPLIT_METHODS.label(row["factor"]), str(row["weight"]), row.get("source", ""))
            for row in case.split_factors
        ),
        split_terms=_split_terms(case),
        schedule=tuple(row for row in schedule if row.priority is None),
        priorities=tuple(
            sorted((row for row in schedule if row.priority), key=lambda row: row.priority or 0)
        ),
        terms=terms,
        clauses=tuple(
            (words.CLAUSES.label(term.key), case.clauses.get(term.key, "unknown"))
            for term in words.CLAUSES
            if case.clauses
        ),
        outcomes=tuple(outcomes),
        obstacles=_labels(words.OBSTACLES, case.obstacles),
        process=process,
        documents=documents,
        sources=sources,
        credit=_credit(case.id),
        empty=tuple(card for card in CARDS if card in filled and not filled[card]),
    )


@dataclass(frozen=True)
class Credit:
    """Whose account a case is that was written up from an answer, and where that answer is."""

    person_id: int
    name: str
    path: str
    question: str
    href: str


def _credit(case_id: int) -> Credit | None:
    """None for a case that its author wrote. One statement."""
    row = next(iter(_origin(case_id=case_id)), None)
    if row is None:
        return None
    note_posts([row.question_id] if row.question_id else ())
    href = f"/questions/{row.question}" if row.question else ""
    if href and row.answer_id:
        href += f"/answers/{row.answer_id}"
    return Credit(row.id, row.name, f"/people/{row.slug}", row.title or "", href)


@Prepared
def _origin() -> Select[*tuple[Any, ...]]:
    return (
        select(
            CaseOrigin.answer_id,
            Person.id,
            Person.name,
            Person.slug,
            Post.id.label("question_id"),
            Post.title,
            Post.slug.label("question"),
        )
        .join(Person, Person.id == CaseOrigin.credited_id)
        .outerjoin(Post, (Post.id == CaseOrigin.question_id) & (Post.state == "visible"))
        .where(CaseOrigin.case_id == bindparam("case_id"))
    )


def place_line(name: str, region: str, country: str) -> str:
    """ "Northfield, Minnesota, US", without what is not known and without saying a name twice."""
    known = [name, region if region != name else "", country]
    return ", ".join(part for part in known if part)


def _labels(vocabulary: Any, keys: Sequence[str]) -> tuple[str, ...]:
    return tuple(vocabulary.label(key) for key in keys)


def _glance(case: CaseStudy, sums: Bill, results: Sequence[Any], names: dict[int, str]) -> list[Fact]:
    """What a manager looks for before the prose; facts that are not known have no text."""
    unsure = case.arrangement == "other_unsure"
    return [
        _savings(case, results, names),
        _cost(case, sums),
        Fact(
            _("Form"),
            "" if unsure else words.ARRANGEMENTS.label(case.arrangement),
            "" if case.instrument == "unknown" else words.INSTRUMENTS.label(case.instrument),
        ),
        _since(case),
        _people(case, sums),
        Fact(
            _("Cost shared by"),
            "" if case.split_method == "other_unknown" else words.SPLIT_METHODS.label(case.split_method),
        ),
    ]


def _savings(case: CaseStudy, results: Sequence[Any], names: dict[int, str]) -> Fact:
    """The result that `yearly_savings` was taken from."""
    for row in results:
        if row.money is not None and row.money == case.yearly_savings and not row.one_time:
            note = dotted(
                names.get(row.party_id, ""),
                str(row.after_year or ""),
                words.OUTCOME_BASES.label(row.basis).lower(),
                words.DIRECTIONS.label(row.direction).lower() if row.direction in UNSURE else "",
            )
            return Fact(parts.money_label(row), parts.money_effect(row, case.currency), note, big=True)
    return Fact("", "")


def _cost(case: CaseStudy, sums: Bill) -> Fact:
    """The headline year; a single line says which one it is, for it need not be the whole."""
    year = sums.headline
    if year is None:
        return Fact("", "")
    bases = {line.cost.basis_label.lower() for line in year.lines}
    note = dotted(
        year.lines[0].cost.label if len(year.lines) == 1 else "",
        str(year.year or ""),
        bases.pop() if len(bases) == 1 else "",
        _("%(money)s per resident") % {"money": money(sums.per_resident, case.currency)}
        if sums.per_resident
        else "",
    )
    text = _("%(money)s a year") % {"money": _rounded(year.total, case.currency)}
    return Fact(_("Known cost"), text, note, big=True)


def _rounded(amount: Decimal, currency: str) -> str:
    """Without cents from a thousand on: the table has them."""
    return money(round(amount) if amount >= 1000 else amount, currency)


def _people(case: CaseStudy, sums: Bill) -> Fact:
    if sums.people:
        return Fact(_("People served"), number(sums.people), _("all parties together"))
    return Fact(
        _("Population"), number(case.place_population) if case.place_population else "", case.place_name
    )


def _since(case: CaseStudy) -> Fact:
    starts, ends = (case.starts_on or "")[:4], (case.ends_on or "")[:4]
    status = words.STATUSES.label(case.status)
    if case.status in words.ENDED and starts and ends:
        return Fact(_("Ran"), _("%(first)s to %(last)s") % {"first": starts, "last": ends}, status)
    return Fact(_("Since"), starts, status)


def _split_terms(case: CaseStudy) -> tuple[str, ...]:
    overhead = "" if case.split_overhead in (None, "unknown") else words.OVERHEADS.label(case.split_overhead)
    if overhead and case.split_overhead_pct:
        overhead = f"{overhead} ({case.split_overhead_pct.normalize():f}%)"
    terms = [
        overhead,
        *_labels(words.ADJUSTMENTS, case.split_adjust),
        words.FEE_KEEPERS.label(case.split_fees),
    ]
    return tuple(term for term in terms if term)


def _terms(case: CaseStudy) -> tuple[tuple[str, str], ...]:
    """The agreement on paper, as label and text."""
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
        (_("Signed"), day(case.signed_on)),
        (_("Starts"), day(case.starts_on)),
        (_("Ends"), day(case.ends_on)),
        (_("Term"), term),
        (_("Renewal"), "" if case.renewal == "unknown" else words.RENEWALS.label(case.renewal)),
        (_("To leave"), notice),
        (_("Who oversees"), words.OVERSIGHTS.label(case.oversight)),
        (_("Voting"), words.VOTINGS.label(case.voting)),
        (_("Staff employed by"), words.EMPLOYERS.label(case.employer)),
    )
    return tuple((label, text) for label, text in pairs if text)


def _process(case: CaseStudy) -> tuple[tuple[str, str], ...]:
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
