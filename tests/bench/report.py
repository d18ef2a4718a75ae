"""The figures: medians, ratios, a table to read and JSON to keep."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from forum.core import clock
from tests.bench.measure import Load, Target

# From this share of a processor on it was the generator that held the rate down.
GENERATOR_LIMIT = 0.9


@dataclass(frozen=True)
class Page:
    """A page that is measured. `statements`: how many SQL statements it takes."""

    name: str
    path: str
    statements: int


# Page -> server ("site", "bare") -> its rounds.
Rounds = Mapping[str, Mapping[str, Sequence[Load]]]


def results(
    pages: Sequence[Page],
    targets: Mapping[str, Target],
    rounds: Rounds,
    rates: Mapping[str, float],
    options: Mapping[str, Any],
) -> dict[str, Any]:
    """All that was found, as JSON holds it: medians in milliseconds, and each round in seconds."""
    return {
        "at": clock.now().isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "server": "waitress",
        "options": dict(options),
        "filled_per_second": rates,
        "pages": [
            {
                **asdict(page),
                "bytes": targets[page.name].size,
                **{who: _summary(loads) for who, loads in rounds[page.name].items()},
                "ratio": _ratios(rounds[page.name]["site"], rounds[page.name]["bare"]),
                "rounds": {
                    who: [asdict(taken) for taken in loads] for who, loads in rounds[page.name].items()
                },
            }
            for page in pages
        ],
    }


def show(result: Mapping[str, Any], console: Console) -> None:
    """Print the table, and what has to be known to read it."""
    options = result["options"]
    table = Table(
        title=f"{options['rounds']} rounds of {options['seconds']:g} s, {options['connections']} connections, medians",
        caption="req/s*: held down by the generator, not by the server" if _limited(result) else None,
    )
    table.add_column("Page")
    for heading in (
        "Bytes",
        "SQL",
        "req/s",
        "p50 ms",
        "p99 ms",
        "CPU ms",
        "bare req/s",
        "bare CPU ms",
        "CPU ratio",
    ):
        table.add_column(heading, justify="right")
    for page in result["pages"]:
        site, bare = page["site"], page["bare"]
        table.add_row(
            page["name"],
            f"{page['bytes']:,}",
            str(page["statements"]),
            _rate(site),
            _number(site["p50_ms"]),
            _number(site["p99_ms"]),
            _number(site["cpu_ms"], 2),
            _rate(bare),
            _number(bare["cpu_ms"], 3),
            _number(page["ratio"]["cpu"]),
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


def _limited(result: Mapping[str, Any]) -> bool:
    return any("*" in _rate(page[who]) for page in result["pages"] for who in ("site", "bare"))


def _rate(figures: Mapping[str, float]) -> str:
    return f"{figures['requests_per_second']:,.0f}" + ("*" if figures["generator"] > GENERATOR_LIMIT else "")


def _number(value: float | None, places: int = 1) -> str:
    return "n/a" if value is None else f"{value:,.{places}f}"
