"""Reading an answer as a case: what its words say of title, parties and arrangement. A person judges the guess."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from forum.accounts.models import Organisation
from forum.core.i18n import gettext as _
from forum.core.markdown import excerpt
from forum.topics.queries import ServiceRef

MOST_PARTIES = 6
LONGEST_TITLE = 120
LONGEST_SUMMARY = 700
SHORTEST_SUMMARY = 80

_NAME = r"[A-Z][\w’'-]+(?: [A-Z][\w’'-]+){0,2}"
# What bodies are called, and what kind they then are.
_BODIES = (
    (re.compile(rf"\b(?:City|Town|Village|Borough|Township) of {_NAME}"), "municipality"),
    (re.compile(rf"\b{_NAME} Township\b"), "municipality"),
    (re.compile(rf"\b{_NAME} (?:School District|Public Schools)\b"), "school_district"),
    (re.compile(rf"\b{_NAME} (?:Fire|Water|Sewer|Library|Park|Hospital) District\b"), "special_district"),
    (re.compile(rf"\b(?:{_NAME} County|County of {_NAME})\b"), "county"),
    (re.compile(rf"\b(?:University of {_NAME}|{_NAME} (?:University|College))\b"), "college_university"),
)  # fmt: skip
# Begins a sentence, not a name.
_NOT_A_NAME = re.compile(r"^(?:The|Our|We|In|At|And|But|When|With|For|So|If|As) ")
# The first that the words speak of; what is not said is not guessed.
_PERSON = "inspector|manager|clerk|engineer|planner|officer|director|employee|position"
_MACHINE = "truck|sweeper|grader|plow|machine|vehicle|equipment"
_GOVERNMENT = "county|city|town|village|sheriff"
_ARRANGEMENTS = (
    (r"mutual aid|automatic aid", "mutual_aid"),
    (r"joint powers|\bJPA\b|regional authority", "joint_powers_entity"),
    (r"merged|consolidated (?:our|the|two|three|department)", "consolidated_department"),
    (r"non-?profit|society runs|friends of", "public_nonprofit"),
    (r"volunteers", "volunteer_coproduction"),
    (r"cooperative purchas|joint purchas|buy together|piggyback", "joint_purchasing"),
    (rf"share (?:a|an|one|the) (?:\w+ )?(?:{_PERSON})", "shared_position"),
    (rf"share (?:a|an|one|the) (?:\w+ )?(?:{_MACHINE})|equipment pool", "equipment_sharing"),
    (r"joint use|shared use|use (?:of )?(?:the|our|their) (?:gym|building|facility|school)", "facility_sharing"),
    (rf"contract(?:s|ed)? with (?:the )?(?:{_GOVERNMENT})|pays? the (?:{_GOVERNMENT})", "intergovernmental_contract"),
    (r"contractor|private (?:company|firm|hauler)|vendor", "public_private_contract"),
)  # fmt: skip


def case_record(
    *,
    question: str,
    body: str,
    body_html: str,
    services: Sequence[ServiceRef],
    organisation: Organisation | None,
    is_first_hand: bool,
) -> dict[str, Any]:
    """The five fields and the story of a case, as far as an answer tells them."""
    text = excerpt(body_html, 20_000)
    parties = _parties(text, organisation)
    summary = excerpt(body_html, LONGEST_SUMMARY)
    record: dict[str, Any] = {
        "title": _title(question, services, [party["name"] for party in parties]),
        "services": [service.slug for service in services],
        "parties": [*parties, *({} for _missing in range(2 - len(parties)))],
        "arrangement": arrangement_in(text),
        "summary": summary if len(summary) >= SHORTEST_SUMMARY else "",
        "story": body,
        "source_kind": "first_hand" if is_first_hand else "compiled_interview",
    }
    if organisation and organisation.country:
        record["place"] = {
            "name": organisation.place_name,
            "region": organisation.region,
            "region_code": organisation.region_code,
            "country": organisation.country,
        }
    return record


def bodies_in(text: str) -> list[tuple[str, str]]:
    """(name, kind) of the public bodies that a text names, in its order, each once."""
    found: dict[str, tuple[int, str]] = {}
    for pattern, kind in _BODIES:
        for match in pattern.finditer(text):
            name = _NOT_A_NAME.sub("", match[0])
            if " " in name:
                found.setdefault(name, (match.start(), kind))
    return [(name, kind) for name, (_at, kind) in sorted(found.items(), key=lambda item: item[1][0])]


def arrangement_in(text: str) -> str:
    """The kind of arrangement that a text speaks of; "" where it names none."""
    return next((key for pattern, key in _ARRANGEMENTS if re.search(pattern, text, re.IGNORECASE)), "")


def _parties(text: str, organisation: Organisation | None) -> list[dict[str, Any]]:
    own = [{"name": organisation.name, "kind": organisation.kind}] if organisation else []
    if organisation and organisation.population:
        own[0]["population"] = str(organisation.population)
    named = {party["name"].casefold() for party in own}
    others = [{"name": name, "kind": kind} for name, kind in bodies_in(text) if name.casefold() not in named]
    return (own + others)[:MOST_PARTIES]


def _title(question: str, services: Sequence[ServiceRef], names: Sequence[str]) -> str:
    """ "Alder and Birch share building inspection", or else what was asked."""
    about = services[0].name[0].lower() + services[0].name[1:] if services else ""
    short = [re.sub(r"^(?:City|Town|Village|Borough|Township) of ", "", name) for name in names[:2]]
    if about and len(short) == 2:
        title = _("%(one)s and %(other)s share %(service)s") % {
            "one": short[0], "other": short[1], "service": about,
        }  # fmt: skip
    elif names:
        title = f"{short[0]}: {question.rstrip('?')}"
    else:
        title = question.rstrip("?")
    return title if len(title) <= LONGEST_TITLE else title[:LONGEST_TITLE].rpartition(" ")[0]
