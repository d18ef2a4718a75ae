"""What pages and searches cost when they are made anew, and how that grows with ten times the data.

Asked of the application in this process, without a server, in turns of the two databases, so that noise meets both
alike. CPU time is that of this process and of a PostgreSQL on this machine.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from contextvars import Context
from dataclasses import dataclass, field
from itertools import cycle, islice
from random import Random
from statistics import median
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from sqlalchemy import func, select

from forum.core import changes
from forum.core.db import db
from forum.posts.models import Post
from forum.topics.models import Service
from tests.bench.database import Filled
from tests.bench.lexicon import WORD, lexicon
from tests.bench.report import Page
from tests.bench.serve import HOST, Server
from tests.support.statements import Statements

# Different requests of each sort; each is asked so often a round.
DIFFERENT = 8
# Seconds that nothing may take.
LONGEST = 1.0
# What a search leaves in memory. It is forgotten before each is asked for: nobody has searched for that before.
OF_SEARCHES = ("plan", "found", "found rows")


@dataclass(frozen=True)
class Asked:
    """A sort of request, and different ones of it."""

    name: str
    paths: Sequence[str]

    @property
    def is_search(self) -> bool:
        """Whether it leaves in memory what was found."""
        return self.paths[0].startswith("/search?")


@dataclass
class Took:
    """What a sort of request took in one database: seconds of each, CPU seconds of each round, SQL statements."""

    statements: int = 0
    times: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def at(self, part: float) -> float:
        """So many of a hundred took at most this, in milliseconds."""
        return 1000 * sorted(self.times)[min(int(len(self.times) * part), len(self.times) - 1)]

    @property
    def cpu_ms(self) -> float:
        """CPU milliseconds of one, the median of the rounds."""
        return 1000 * median(self.cpu)


def _search(**args: str | Sequence[str]) -> str:
    return f"/search?{urlencode(args, doseq=True)}"


def searches() -> list[Asked]:
    """What people type, drawn from what the current application's database holds."""
    chance = Random(5)
    known = lexicon()
    common = [words[place] for words in known.words.values() for place in (0, 1)]
    middling = [words[place] for words in known.words.values() for place in (60, 200)]
    newest = db.session.scalar(select(func.max(Post.id))) or 1
    some = db.session.scalars(
        select(Post.title).where(Post.id.in_(chance.sample(range(1, newest + 1), DIFFERENT)))
    )
    titles = list(some)
    rare = [next(word for word in WORD.findall(title) if word in known.title_places) for title in titles]
    services = list(db.session.scalars(select(Service.slug).order_by(Service.slug)))[:DIFFERENT]
    states = ("Minnesota", "Texas", "Ohio", "Iowa", "California", "Wisconsin", "Oregon", "Kansas")
    sizes = ("10000", "25000"), ("25000", "50000")
    narrowed = zip(["budget", *middling[1:]], cycle(sizes), cycle(("best", "cost")))
    return [
        Asked("A word", [_search(q=word) for word in middling]),
        Asked("A rare word", [_search(q=word) for word in rare]),
        Asked("Two words", [_search(q=f"{a} {b}") for a, b in zip(middling, common, strict=True)]),
        Asked("A phrase", [_search(q=f'"{line}"') for line in PHRASES]),
        Asked("In nearly everything", [_search(q=word) for word in (*EVERYWHERE, *common[:3])]),
        Asked("A question", [_search(q=line) for line in QUESTIONS]),
        Asked("Mistyped", [_search(q=line) for line in MISTYPED]),
        Asked(
            "With filters and counts",
            [_search(q=word, kind="case", largest=size, sort=sort) for word, size, sort in narrowed],
        ),
        Asked("In a place", [_search(q=f"{a} place:{b}") for a, b in zip(middling, states, strict=True)]),
        Asked(
            "Of a service", [_search(q=f"service:{a} {b}") for a, b in zip(services, middling, strict=True)]
        ),
        Asked("By a person, since", [_search(q=f"by:adams since:2025 {word}") for word in middling]),
        Asked(
            "List, filtered", [f"/cases/?kind=joint_program&largest={size}&sort=cost" for size in sizes[0]]
        ),
        Asked("Suggestions", [f"/search/suggest?q={typed}" for typed in TYPED]),
        Asked(
            "Asked before?",
            [f"/search/alike?{urlencode({'title': title})}" for title in (*QUESTIONS, *titles[:4])],
        ),
    ]


EVERYWHERE = ("council", "year", "population")
MISTYPED = ("councl budgett", "equipmnet", "popluation", "librarry")
PHRASES = ("joint board meets", "trued up every", "a log of", "nobody lost a job", "before anything else")
QUESTIONS = (
    "How do towns split the cost of fire protection?",
    "Who pays for a shared library building?",
    "What notice should a partner give before leaving?",
    "Which clauses does an agreement about dispatch need?",
)
TYPED = ("di", "disp", "fire+de", "lib", "council", "minn", "bu", "share+f", "police", "how+do+you")


@dataclass
class _Subject:
    """One database, with its application."""

    app: Flask
    statements: Statements
    processes: Sequence[int]

    def ask(self, asked: Asked, took: Took) -> None:
        """Ask for some of them. Raises SystemExit for an answer that is none."""
        client = self.app.test_client()
        used = 0.0
        for path in islice(cycle(asked.paths), DIFFERENT):
            self._forget(asked)
            used -= self._cpu()
            began = time.perf_counter()
            response = Context().run(client.get, path)
            took.times.append(time.perf_counter() - began)
            used += self._cpu()
            if response.status_code != 200:
                raise SystemExit(f"{path} answers {response.status}.")
        took.cpu.append(used / DIFFERENT)
        if asked.is_search and not self._forget(asked):
            raise SystemExit("What was found is remembered by another name: OF_SEARCHES is wrong.")

    def count(self, asked: Asked) -> int:
        """How many statements one takes at most, once what is kept in memory is there."""
        counts = []
        for path in islice(cycle(asked.paths), DIFFERENT):
            self._forget(asked)
            with self.statements.recorded() as recording:
                Context().run(self.app.test_client().get, path)
            counts.append(len(recording))
        return max(counts)

    def _forget(self, asked: Asked) -> int:
        """Forget what searches have left, before one; how many things that was."""
        made = changes.WATCHES[db.engine].made
        left = [key for key in made if asked.is_search and isinstance(key, tuple) and key[0] in OF_SEARCHES]
        for key in left:
            del made[key]
        return len(left)

    def _cpu(self) -> float:
        if not self.processes:
            return time.process_time()
        return Server(HOST, 0, os.getpid(), tuple(self.processes)).cpu() or time.process_time()


def measure(
    databases: Mapping[float, Filled],
    pages: Callable[[Filled], Sequence[Page]],
    rounds: int,
    console: Console,
) -> dict[str, dict[float, Took]]:
    """sort of request -> scale -> what it took. `pages` are those of the bench, in each database."""
    found: dict[str, dict[float, Took]] = {}
    with ExitStack() as at_the_end, Progress(console=console, transient=True) as progress:
        subjects, asked = {}, {}
        for scale, database in databases.items():
            listed = [Asked(page.name, [page.path]) for page in pages(database)]
            processes = database.processes()
            app = at_the_end.enter_context(database.application(kept_bytes=0))
            subjects[scale] = _Subject(app, Statements(db.engine), processes)
            asked[scale] = {one.name: one for one in (*listed, *searches())}
        names = list(next(iter(asked.values())))
        task = progress.add_task("Growth", total=len(names) * (rounds + 1))
        for name in names:
            found[name] = {scale: Took() for scale in subjects}
            for turn in range(rounds + 1):
                for scale, subject in subjects.items():
                    one = asked[scale][name]
                    with subject.app.app_context():
                        subject.ask(one, found[name][scale] if turn else Took())
                        if turn == 1:
                            found[name][scale].statements = subject.count(one)
                progress.advance(task)
    return found


def figures(found: Mapping[str, Mapping[float, Took]]) -> dict[str, Any]:
    """All of it, as JSON holds it."""
    return {
        name: {
            f"{scale:g}": {
                "statements": took.statements,
                "p50_ms": took.at(0.5),
                "p99_ms": took.at(0.99),
                "cpu_ms": took.cpu_ms,
            }
            for scale, took in by_scale.items()
        }
        for name, by_scale in found.items()
    }


def show(found: Mapping[str, Mapping[float, Took]], console: Console) -> None:
    """As a table: the largest database, and how much more it takes than the smallest."""
    scales = sorted(next(iter(found.values())))
    table = Table(title=f"Made anew, SCALE={scales[-1]:g}" + (f" beside {scales[0]:g}" if scales[1:] else ""))
    table.add_column("Page")
    for heading in ("SQL", "p50 ms", "p99 ms", "CPU ms", *(("CPU before", "Growth") if scales[1:] else ())):
        table.add_column(heading, justify="right")
    for name, by_scale in found.items():
        table.add_row(name, *_cells([by_scale[scale] for scale in scales]))
    console.print(table)


def _cells(by_scale: Sequence[Took]) -> Iterator[str]:
    took = by_scale[-1]
    slow = "!" if took.at(1) > 1000 * LONGEST else ""
    yield str(took.statements)
    yield from (f"{took.at(0.5):,.1f}", f"{took.at(0.99):,.1f}{slow}", f"{took.cpu_ms:,.1f}")
    if len(by_scale) > 1:
        before = by_scale[0]
        yield from (f"{before.cpu_ms:,.1f}", f"{took.cpu_ms / before.cpu_ms:.2f}")
