"""The smallest valid case, and cases in the database."""

from typing import Any

from forum.accounts.models import Person
from forum.case_studies.actions import share_case
from forum.case_studies.forms import CaseShape
from forum.case_studies.models import CaseStudy
from forum.core.shapes import load
from forum.topics.actions import load_services

SERVICES = [
    {"slug": "community-centers-facilities", "name": "Community centers", "parent": None},
    {
        "slug": "community-centers",
        "name": "Community center buildings",
        "parent": "community-centers-facilities",
    },
    {"slug": "senior-centers", "name": "Senior centers", "parent": "community-centers-facilities"},
]


def add_services() -> None:
    """A domain with two services."""
    load_services([{"description": "", "synonyms": []} | record for record in SERVICES])


def case_record(**changes: Any) -> dict[str, Any]:
    """What the five-field form takes, and what is changed or added."""
    return {
        "title": "Two towns and a nonprofit run one community center",
        "services": ["community-centers"],
        "parties": [
            {"id": "p1", "name": "Town of Alder", "kind": "municipality"},
            {"id": "p2", "name": "Town of Birch", "kind": "municipality"},
        ],
        "arrangement": "public_nonprofit",
        "summary": "The society runs the center day to day. Alder owns the building. Both towns cover the gap "
        "after fees, split by population.",
    } | changes


def add_case(author: Person, **changes: Any) -> CaseStudy:
    """A published case. Needs the services (`add_services`)."""
    return share_case(author, load(CaseShape(), case_record(**changes)))


def full_record(rows: int = 2, **changes: Any) -> dict[str, Any]:
    """A case with every field of every card filled in, `rows` of each kind of row (parties: two at least)."""
    numbers = range(rows)
    parties = [
        {
            "id": f"p{n + 1}",
            "name": f"Town {n + 1}",
            "kind": "municipality",
            "part": ["funder"],
            "population": 1000,
        }
        | {"population_year": 2020, "setting": "rural", "joined_on": 2015, "left_on": 2024}
        for n in range(max(rows, 2))
    ]
    record = {
        "parties": parties,
        "place": {"name": "Alder", "region": "Minnesota", "region_code": "US-MN", "country": "US"},
        "status": "ended_by_a_party",
        "why_ended": "One of the towns built a center of its own.",
        "end_reason": ["better_option"],
        "source_kind": "first_hand",
        "story": "It **began** with a leaking roof.",
        "sources": [
            {"title": f"Minutes {n}", "publisher": "Alder", "year": 2020, "url": f"https://example.org/{n}"}
            for n in numbers
        ],
        "responsibilities": [
            {"task": f"Task {n}", "roles": {"p1": ["D", "$"], "p2": ["P"]}, "note": "As agreed."}
            for n in numbers
        ],
        "currency": "USD",
        "costs": [
            {"label": f"Cost {n}", "category": "operating", "amount": 300, "period": "per_year"}
            | {"fiscal_year": 2024, "basis": "actual", "paid_by": "split", "note": "Paid in July."}
            for n in numbers
        ],
        "split": {
            "method": "weighted_formula",
            "factors": [{"factor": "per_capita", "weight": 60}, {"factor": "usage", "weight": 40}],
            "shares": [{"party": "p1", "pct": 66.67, "year": 2024}, {"party": "p2", "pct": 33.33}],
            "overhead": "flat_pct",
            "overhead_pct": 5,
            "adjust": ["annual_true_up"],
            "fees": "shared",
            "note": "Mostly by population.",
        },
        "schedule": [
            {"label": f"Hours {n}", "kind": "hours_or_use_window", "when_text": "weekdays", "party": "p1"}
            | {"priority": n % 9 + 1}
            for n in numbers
        ],
        "agreement": {
            "instrument": "operating_agreement",
            "authority": "Minn. Stat. 471.59",
            "signed_on": "2014-06-01",
            "starts_on": "2014-07-01",
            "ends_on": "2024",
            "term_years": 10,
            "renewal": "by_vote",
            "exit_notice_days": 180,
            "oversight": "joint_board",
            "voting": "one_each",
            "employer": "provider",
            "clauses": {"authority": "yes", "exit_termination": "no"},
        },
        "motives": ["save_money"],
        "outcomes": [
            {"type": "cost", "direction": "better", "basis": "measured", "statement": f"Result {n}."}
            | {"measure": "Cost an hour", "before": 9.5, "after": 7, "unit": "USD", "before_year": 2013}
            | {"after_year": 2023, "money": 62000, "savings_kind": "cash_reduction", "party": "all"}
            | {"evidence_url": "https://example.org/audit"}
            for n in numbers
        ],
        "lessons": {
            "challenges": "The roof.",
            "what_helped": "A short text.",
            "would_change": "The notice.",
            "advice": "Write down who pays for the roof.",
            "obstacles": ["cost_formula"],
        },
        "process": {
            "initiated_by": "manager",
            "months_to_sign": 14,
            "study_done": "internal",
            "approvals": ["council_vote"],
            "timeline": [{"date": "2013", "event": f"Step {n}"} for n in numbers],
        },
        "documents": [
            {
                "title": f"Agreement {n}",
                "kind": "sample_agreement",
                "year": 2014,
                "url": f"https://example.com/{n}",
            }
            for n in numbers
        ],
        "contact": {"contact_role": "Recreation director", "contact_via": "public_email"},
    }
    return case_record(**record | changes)
