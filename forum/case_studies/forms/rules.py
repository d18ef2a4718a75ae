"""The rules between the parts of a case."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from forum.case_studies.models import vocabularies as words
from forum.core.i18n import gettext as _

# Shares and weights are typed rounded: thirds come to 99.99.
ROUNDING = Decimal("0.1")


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
        if ids[n] and not re.fullmatch(r"p\d{1,3}", str(ids[n])):
            yield f"parties-{n}-id", _("The id of a party is one like “p1”.")
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
