"""The figures: medians, ratios, a table to read and JSON to keep."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import groupby
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from forum.core import clock
from tests.bench.measure import Load, Target
from tests.bench.serve import Server

# From this share of a processor on it was the generator that held the rate down.
GENERATOR_LIMIT = 0.9


@dataclass(frozen=True)
class Page:
    """A page that is measured. `statements`: how many it takes from nothing; `main`: measured on every server."""

    name: str
    path: str
    statements: int
    main: bool = False


@dataclass
class Contest:
    """Something measured beside what limits it: on which server, what is asked, and the rounds."""

    group: str
    name: str
    ours: tuple[Server, Target]
    limit: tuple[Server, Target]
    loads: list[Load] = field(default_factory=list)
    limits: list[Load] = field(default_factory=list)


def results(
    pages: Sequence[Page],
    contests: Sequence[Contest],
    rates: Mapping[str, float],
    options: Mapping[str, Any],
) -> dict[str, Any]:
    """All that was found, as JSON holds it: medians in milliseconds, and each round in seconds."""
    return {
        "at": clock.now().isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "options": dict(options),
        "filled_per_second": rates,
        "pages": [asdict(page) for page in pages],
        "contests": [
            {
                "group": contest.group,
                "name": contest.name,
                "bytes": contest.ours[1].size,
                "ours": _summary(contest.loads),
                "limit": _summary(contest.limits),
                "ratio": _ratios(contest.loads, contest.limits),
                "rounds": {
                    "ours": [asdict(taken) for taken in contest.loads],
                    "limit": [asdict(taken) for taken in contest.limits],
                },
            }
            for contest in contests
        ],
    }


# Group -> what it is measured beside.
LIMITS = {
    "kept": "a bare application that sends the same bytes",
    "made anew": "a Flask view with one SELECT and twenty comments",
    "made from nothing": "a Flask view with one SELECT and twenty comments",
    "signed in": "a Flask view that says hello",
    "taking part": "a Flask view that says hello",
}


def show(result: Mapping[str, Any], console: Console) -> None:
    """Print a table for each group, and what has to be known to read them."""
    options = result["options"]
    statements = {page["name"]: page["statements"] for page in result["pages"]}
    console.print(
        f"{options['rounds']} rounds of {options['seconds']:g} s, {options['connections']} connections, medians. "
        "req/s*: held down by the generator, not by the server.",
        highlight=False,
    )
    for group, contests in groupby(result["contests"], lambda contest: contest["group"]):
        limit = LIMITS[group.partition(",")[0]]
        table = Table(title=f"{group[0].upper()}{group[1:]}: beside {limit}")
        table.add_column("Page")
        for (
            heading
        ) in "Bytes,SQL,req/s,p50 ms,p99 ms,CPU ms,limit req/s,limit CPU,CPU ratio,rate ratio".split(","):
            table.add_column(heading, justify="right")
        for contest in contests:
            ours, limited = contest["ours"], contest["limit"]
            table.add_row(
                contest["name"],
                f"{contest['bytes']:,}",
                str(statements[contest["name"]]) if group == "made from nothing" else "",
                _rate(ours),
                _number(ours["p50_ms"]),
                _number(ours["p99_ms"]),
                _number(ours["cpu_ms"], 3),
                _rate(limited),
                _number(limited["cpu_ms"], 3),
                _number(contest["ratio"]["cpu"], 2),
                _number(contest["ratio"]["requests_per_second"], 2),
            )
        console.print(table)
    rates = ", ".join(f"{rate:,.0f} {what}" for what, rate in result["filled_per_second"].items())
    console.print(f"Filled, in a second: {rates}.", highlight=False)


def _summary(loads: Sequence[Load]) -> dict[str, float | None]:
    """The medians over the rounds."""
    return {
        "requests_per_second": median(taken.rate for taken in loads),
        "p50_ms": 1000 * median(taken.p50 for taken in loads),
        "p99_ms": 1000 * median(taken.p99 for taken in loads),
        "cpu_ms": _middle([taken.cpu_each and 1000 * taken.cpu_each for taken in loads]),
        "generator": median(taken.generator for taken in loads),
    }


def _ratios(site: Sequence[Load], bare: Sequence[Load]) -> dict[str, float | None]:
    """Medians over the rounds of the site's figure divided by the bare application's in the same round."""
    pairs = list(zip(site, bare, strict=True))
    return {
        "cpu": _middle([s.cpu_each / b.cpu_each if s.cpu_each and b.cpu_each else None for s, b in pairs]),
        "requests_per_second": median(s.rate / b.rate for s, b in pairs),
    }


def _middle(values: Sequence[float | None]) -> float | None:
    """The median; None where something is unknown."""
    known = [value for value in values if value is not None]
    return median(known) if len(known) == len(values) else None


def _rate(figures: Mapping[str, float]) -> str:
    return f"{figures['requests_per_second']:,.0f}" + ("*" if figures["generator"] > GENERATOR_LIMIT else "")


def _number(value: float | None, places: int = 1) -> str:
    return "n/a" if value is None else f"{value:,.{places}f}"
