"""Sharing and enriching cases.

A case is saved whole: judged, written to rows, and kept as a version. A card replaces a part of the record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from forum.accounts.actions import find_or_make_organisation
from forum.accounts.models import ORGANISATION_KINDS, Person
from forum.case_studies import policy
from forum.case_studies.forms import CARDS, CaseShape, named_parties
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
from forum.case_studies.queries.money import CostRow, bill
from forum.case_studies.queries.parts import party_sums
from forum.core import once
from forum.core.db import write
from forum.core.errors import Forbidden, Invalid
from forum.core.i18n import gettext as _
from forum.core.shapes import load
from forum.places import queries as places
from forum.places.models import Place
from forum.posts.actions import (
    Text,
    check_version,
    plain,
    publish_new,
    rendered,
    save_version,
    set_place,
    set_services,
)
from forum.posts.queries import current_record, record_of

MARKDOWN_LESSONS = ("challenges", "what_helped", "would_change")
# What each part is worth of a hundred: schema.md 1.10.
COMPLETENESS = {
    "responsibilities": 20,
    "costs": 20,
    "outcomes": 20,
    "schedule": 10,
    "agreement": 10,
    "lessons": 10,
    "documents": 10,
}
# Volunteers and informal groups are parties, but no bodies that could have a page of their own.
BODIES = tuple(term.key for term in ORGANISATION_KINDS if term.group != "people")


def share_case(actor: Person, record: Mapping[str, Any], *, slug: str = "", key: str = "") -> CaseStudy:
    """Publish a case from a record of CaseShape's fields, once for each `key`. Raises Invalid."""
    texts = _render(record)
    with write() as session:
        if made := once.claim(key):
            return session.get_one(CaseStudy, made)
        case = CaseStudy(kind="case", author_id=actor.id, state="visible", parties=[], services=[])
        _fill(case, record := completed(actor, record), texts)
        _derive(case)
        publish_new(case, record, slug=slug)
        once.note(key, case.id)
    return case


def edit_case(actor: Person, case: CaseStudy, record: Mapping[str, Any], opened_at: int | None) -> CaseStudy:
    """Save a new version of the whole case. Raises Invalid, Forbidden, or EditConflict with the present record."""
    record = _with_party_ids(record)
    texts = _render(record)
    with write():
        if not policy.may_edit_case(actor, case):
            raise Forbidden(_("Only its author, its parties and curators may change this case."))
        check_version(case, opened_at)
        _fill(case, record, texts)
        _derive(case)
        save_version(case, actor, record)
    return case


def save_card(
    actor: Person, case: CaseStudy, card: str, part: Mapping[str, Any], opened_at: int | None
) -> CaseStudy:
    """Put one card's fields in the place of the old ones. Raises as `edit_case` does.

    What somebody saved on other cards since `opened_at` is no conflict: it stays.
    """
    present, version = current_record(case), case.version
    fields = CARDS[card]().fields
    if opened_at is not None and opened_at < version:
        opened = record_of(case, opened_at)
        if all(opened.get(name) == present.get(name) for name in fields):
            opened_at = version
    whole = {name: value for name, value in present.items() if name not in fields}
    whole |= {name: plain(part[name]) for name in fields if part.get(name) not in (None, "", [], {})}
    if card == "basics":
        whole["parties"] = _with_details(whole["parties"], present["parties"])
    if "parties" in fields:
        _refuse_named(
            {p["id"] for p in present["parties"]} - {p.get("id") for p in whole["parties"]}, present
        )
    return edit_case(actor, case, load(CaseShape(), whole), opened_at)


def _with_details(new: Sequence[Mapping[str, Any]], old: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The basics ask for a party's name, kind and population alone: what else was known of it stays."""
    known = {party["id"]: party for party in old}
    asked = ("name", "kind", "population")
    parties = []
    for party in new:
        details = {k: v for k, v in known.get(party.get("id"), {}).items() if k not in asked}
        if not party.get("population"):
            details.pop("population_year", None)
        parties.append({**details, **party})
    return parties


def _refuse_named(gone: set[str], record: Mapping[str, Any]) -> None:
    """A party that other cards still name cannot just go: what they say of it would be lost."""
    names = {party["id"]: party["name"] for party in record["parties"]}
    cards = {
        "responsibilities": _("who does what"),
        "costs": _("the costs"),
        "split": _("the shares"),
        "schedule": _("the schedule"),
        "outcomes": _("the results"),
    }
    for path, key in named_parties(record):
        if key in gone:
            named = {"name": names[key], "where": cards[path.partition("-")[0]]}
            sentence = _("“%(name)s” is still named under %(where)s. Change that first.") % named
            raise Invalid({"parties": sentence})


def completed(actor: Person, record: Mapping[str, Any]) -> dict[str, Any]:
    """The record as `share_case` stores it: with what goes without saying, and an id for each party."""
    return {**_assumed(actor), **_with_party_ids(record)}


def _with_party_ids(record: Mapping[str, Any]) -> dict[str, Any]:
    """Give new parties an id that no other has."""
    taken = {party.get("id") for party in record["parties"]}
    free = (f"p{n}" for n in range(1, 100) if f"p{n}" not in taken)
    parties = [{**party, "id": party.get("id") or next(free)} for party in record["parties"]]
    return {**record, "parties": parties}


def _assumed(actor: Person) -> dict[str, Any]:
    """What is known without asking: who writes, how it stands, where the author works."""
    body = actor.organisation
    assumed: dict[str, Any] = {
        "status": "in_effect",
        "source_kind": "compiled_documents" if actor.admits("curator") else "first_hand",
        "currency": "USD",
    }
    if body and body.country:
        assumed["currency"] = CURRENCY_OF.get(body.country, "USD")
        assumed["place"] = {
            key: value
            for key, value in {
                "name": body.place_name,
                "region": body.region,
                "region_code": body.region_code,
                "country": body.country,
                "population": body.population,
            }.items()
            if value
        }
    return assumed


CURRENCY_OF = {"CA": "CAD", "GB": "GBP", "AU": "AUD", "NZ": "NZD", "IE": "EUR", "DE": "EUR", "FR": "EUR"}


def _render(record: Mapping[str, Any]) -> dict[str, Text]:
    """Every Markdown text of the record, rendered; before the write begins."""
    lessons = record.get("lessons", {})
    texts = {"story": rendered(record.get("story", ""), "story")}
    for name in MARKDOWN_LESSONS:
        texts[name] = rendered(lessons.get(name, ""), f"lessons-{name}", scope=name.replace("_", ""))
    return texts


def _fill(case: CaseStudy, record: Mapping[str, Any], texts: Mapping[str, Text]) -> None:
    """Write a record's fields and rows onto a case."""
    case.title, case.summary = record["title"], record["summary"]
    texts["story"].put_on(case)
    set_services(case, record["services"])
    set_place(case, record.get("place", {}))
    for name, default in (
        ("arrangement", None),
        ("status", "in_effect"),
        ("source_kind", "first_hand"),
        ("currency", "USD"),
        ("why_ended", ""),
        ("end_reason", []),
        ("motives", []),
    ):
        setattr(case, name, record.get(name, default))
    agreement = record.get("agreement", {})
    for name in (
        "instrument",
        "signed_on",
        "starts_on",
        "ends_on",
        "term_years",
        "renewal",
        "exit_notice_days",
    ):
        setattr(case, name, agreement.get(name))
    for name in ("oversight", "voting", "employer"):
        setattr(case, name, agreement.get(name))
    case.authority, case.clauses = agreement.get("authority", ""), agreement.get("clauses", {})
    split = record.get("split", {})
    case.split_method, case.split_overhead = split.get("method"), split.get("overhead")
    case.split_overhead_pct, case.split_fees = split.get("overhead_pct"), split.get("fees")
    case.split_adjust, case.split_note = split.get("adjust", []), split.get("note", "")
    case.split_factors = plain(split.get("factors", []))
    lessons = record.get("lessons", {})
    for name in MARKDOWN_LESSONS:
        setattr(case, name, texts[name].source)
        setattr(case, f"{name}_html", texts[name].html)
    case.advice, case.obstacles = lessons.get("advice", ""), lessons.get("obstacles", [])
    process = record.get("process", {})
    for name in ("initiated_by", "months_to_sign", "study_done"):
        setattr(case, name, process.get(name))
    case.approvals, case.timeline = process.get("approvals", []), process.get("timeline", [])
    contact = record.get("contact", {})
    case.contact_role = contact.get("contact_role", "")
    case.contact_via = contact.get("contact_via", "site_message")
    case.completeness = sum(
        worth
        for part, worth in COMPLETENESS.items()
        if record.get(part) or (part == "costs" and split) or (part == "documents" and record.get("sources"))
    )
    _fill_rows(case, record)


def _located(case: CaseStudy, parties: Sequence[Mapping[str, Any]]) -> dict[str, Place]:
    """party id -> place, of the towns and counties that the gazetteer knows."""
    rows = [row for row in parties if row["kind"] in ("municipality", "county")]
    found = places.match_many([(row["name"], case.region_code or case.region, case.country) for row in rows])
    return {row["id"]: place for row, place in zip(rows, found, strict=True) if place}


def _fill_rows(case: CaseStudy, record: Mapping[str, Any]) -> None:
    """Make the rows anew: they are few, and nothing outside the case refers to them."""
    split_shares = {row["party"]: row for row in record.get("split", {}).get("shares", [])}
    before = {party.key: party for party in case.parties}
    located = _located(case, record["parties"])
    parties: dict[str, Party] = {}
    sizes: list[int] = []
    for position, row in enumerate(record["parties"]):
        party = parties[row["id"]] = before.get(row["id"]) or Party(key=row["id"])
        party.position, party.name, party.kind = position, row["name"], row["kind"]
        party.part = row.get("part", [])
        for name in ("population", "population_year", "setting", "joined_on", "left_on"):
            setattr(party, name, row.get(name))
        share = split_shares.get(row["id"], {})
        party.share_pct, party.share_amount = share.get("pct"), share.get("amount")
        party.share_year = share.get("year")
        party.organisation_id = None
        place = located.get(row["id"])
        if party.kind in BODIES:
            # Where it happens says where the body is, so that two towns of one name do not become one.
            party.organisation_id = find_or_make_organisation(
                party.name,
                party.kind,
                country=case.country,
                region_code=case.region_code,
                region=case.region,
                population=party.population,
                **({"place_name": place.name, "place_id": place.id} if place else {}),
            ).id
        # To be found by its size, what the gazetteer says will do: for sums it is of the wrong year.
        if people := party.population or (place.population if place else 0):
            sizes.append(people)
    case.parties = list(parties.values())
    case.smallest_population = min(sizes, default=case.place_population)
    case.largest_population = max(sizes, default=case.place_population)
    # "The Neponset River watershed" is on no map; the first town in it is.
    case.place_id = case.place_id or next((place.id for place in located.values()), None)
    case.responsibilities = [
        Responsibility(
            position=position,
            task=row["task"],
            note=row.get("note", ""),
            roles=[
                TaskRole(party=parties[key], role=role)
                for key, roles in row["roles"].items()
                for role in roles
            ],
        )
        for position, row in enumerate(record.get("responsibilities", []))
    ]
    case.costs = [
        Cost(
            position=position,
            label=row["label"],
            category=row["category"],
            amount=row["amount"],
            period=row["period"],
            unit=row.get("unit", ""),
            fiscal_year=row.get("fiscal_year"),
            basis=row["basis"],
            paid_by=parties.get(row.get("paid_by", "")),
            paid_by_split=row.get("paid_by") == "split",
            note=row.get("note", ""),
        )
        for position, row in enumerate(record.get("costs", []))
    ]
    case.schedule = [
        ScheduleEntry(
            position=position,
            label=row["label"],
            kind=row["kind"],
            when_date=row.get("when_date"),
            when_text=row.get("when_text", ""),
            party=parties.get(row.get("party", "")),
            priority=row.get("priority"),
        )
        for position, row in enumerate(record.get("schedule", []))
    ]
    case.outcomes = [
        Outcome(
            position=position,
            **{name: row.get(name) for name in OUTCOME_FIELDS},
            **{name: row.get(name, "") for name in ("statement", "measure", "unit", "evidence_url")},
            one_time=row.get("one_time", False),
            party=parties.get(row.get("party", "")),
            for_all=row.get("party") == "all",
        )
        for position, row in enumerate(record.get("outcomes", []))
    ]
    papers = [("document", row) for row in record.get("documents", [])]
    papers += [("source", row) for row in record.get("sources", [])]
    case.papers = [
        Paper(
            position=position,
            role=role,
            title=row["title"],
            kind=row.get("kind", ""),
            publisher=row.get("publisher", ""),
            year=row.get("year"),
            url=row["url"],
        )
        for position, (role, row) in enumerate(papers)
    ]


OUTCOME_FIELDS = (
    "type", "direction", "basis", "before", "after", "before_year", "after_year", "money", "savings_kind",
)  # fmt: skip


def _derive(case: CaseStudy) -> None:
    """Write the columns that lists filter and sort by, from the rows."""
    money = bill(party_sums(case.parties), cost_rows(case.costs))
    case.n_parties = len(case.parties)
    case.since_year = int(case.starts_on[:4]) if case.starts_on else None
    case.people_served = money.people or case.place_population
    case.yearly_cost = money.headline.total if money.headline else None
    case.cost_per_resident = money.per_resident
    # The largest single figure and not their sum: two parties often tell the same saving.
    yearly = [row.money for row in case.outcomes if row.money is not None and not row.one_time]
    case.yearly_savings = max(yearly, key=abs, default=None)


def cost_rows(costs: Sequence[Cost]) -> list[CostRow]:
    """Cost lines as the sums take them."""
    return [
        CostRow(
            cost.label,
            cost.category,
            Decimal(cost.amount),
            cost.period,
            cost.basis,
            cost.unit,
            cost.fiscal_year,
            "split" if cost.paid_by_split else cost.paid_by.key if cost.paid_by else "",
            cost.note,
        )
        for cost in costs
    ]
