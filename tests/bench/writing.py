"""What a comment costs, whole: session, CSRF, allowance, Markdown, rows, index, commit, and where it stands.

The shares are measured in this process, one comment after the other; then a server of the site takes comments from one
person, from eight at once, and fifty a second while others read. All of it in a copy of the database, so that the next
run finds what this one found.
"""

from __future__ import annotations

import functools
import http.client
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import Context
from dataclasses import asdict, dataclass
from itertools import cycle, islice
from random import Random
from statistics import median
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from itsdangerous import URLSafeTimedSerializer
from rich.console import Console
from rich.table import Table
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from forum.accounts import queries as accounts
from forum.accounts.models import Person
from forum.comments import actions as comments
from forum.comments import queries as places_of
from forum.core import limits
from forum.core.db import db, write
from forum.places.models import Place
from forum.posts import actions as posts
from forum.posts.models import Post
from forum.search.actions import index
from forum.topics.queries import domains
from tests.bench.database import Filled, copied
from tests.bench.measure import Target, load
from tests.bench.serve import Server, serving
from tests.bench.texts import Writer

# Comments of one after the other; and of each of the writers, who are as many. No account may write more than 60.
ALONE, EACH, WRITERS = 200, 30, 8
# Comments before the first that counts: connections are made, statements compiled.
WARM_UP = 10
# So many comments are written in a second while others read; and so often both are measured, for so many seconds.
BESIDE, ROUNDS, SECONDS = 50, 5, 2.0
# So many comments are written by one person, then by another.
OF_ONE = 40
# Fewer people write than there may be.
MOST_PEOPLE = 50
# What stands in every session, and signed in every form.
CSRF = "0" * 40
READER, READERS = {"User-Agent": "bench"}, 8
FORM = "application/x-www-form-urlencoded"

# What is timed by itself, wherever it is called: the part, and where it is found.
PARTS: Sequence[tuple[str, Any, str]] = (
    ("Who it is", accounts, "by_session"),
    ("CSRF", CSRFProtect, "protect"),
    ("Allowance", limits, "spend"),
    ("Markdown", posts, "render"),
    ("Rows and counters", comments, "post_comment"),
    ("Index", index, "_put"),
    ("Commit", Session, "commit"),
    ("Where it stands", places_of, "address"),
)
REST = "The rest"


@dataclass(frozen=True)
class Written:
    """What so many comments took: seconds of each, and altogether."""

    times: Sequence[float]
    elapsed: float

    @property
    def rate(self) -> float:
        """Comments a second."""
        return len(self.times) / self.elapsed

    def at(self, part: float) -> float:
        """So many of a hundred took at most this, in milliseconds."""
        return 1000 * sorted(self.times)[min(int(len(self.times) * part), len(self.times) - 1)]


@dataclass(frozen=True)
class Reading:
    """Requests a second for a page that is kept: while nobody writes, and beside so many comments a second."""

    undisturbed: float
    beside: float
    written: float


@dataclass(frozen=True)
class Figures:
    """`shares`: part -> milliseconds of CPU in one comment. `reading`: by how many processes serve."""

    shares: Mapping[str, float]
    alone: Written
    together: Written
    reading: Mapping[int, Reading]


class _Shares:
    """CPU time by part; what is called within a part and is one itself counts there alone."""

    def __init__(self) -> None:
        self.spent: Counter[str] = Counter()
        self._inside = [REST]
        self._since = time.process_time()

    def timed(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def call(*args: Any, **options: Any) -> Any:
            self._turn()
            self._inside.append(part)
            try:
                return function(*args, **options)
            finally:
                self._turn()
                self._inside.pop()

        return call

    def go_on(self) -> None:
        """Time counts from now on."""
        self._since = time.process_time()

    def pause(self) -> None:
        """Until now."""
        self._turn()

    def _turn(self) -> None:
        now = time.process_time()
        self.spent[self._inside[-1]] += now - self._since
        self._since = now

    @contextmanager
    def measured(self) -> Iterator[None]:
        with ExitStack() as patches:
            for part, owner, name in PARTS:
                timed = self.timed(part, getattr(owner, name))
                patches.enter_context(patch.object(owner, name, timed))
            yield


def measure(database: Filled) -> Figures:
    """Write comments in a copy of this database."""
    with copied(database) as copy, copy.application(kept_bytes=0, limits={"write": (10**9, 1)}) as app:
        members = select(Person).where(Person.role == "member").order_by(Person.id).limit(MOST_PEOPLE)
        cookies = [cookie_of(app, person) for person in db.session.scalars(members)]
        token = URLSafeTimedSerializer(app.secret_key, salt="wtf-csrf-token").dumps(CSRF)
        cases = select(Post.id).where(Post.kind == "case").order_by(Post.id).limit(200)
        letters = _letters(list(db.session.scalars(cases)), str(token))
        shares = _shares(app, cookies[0], letters)
        _allow_all()
        # Comments are written on cases: this page stays as it is.
        question = db.session.scalars(select(Post).where(Post.kind == "question").limit(1)).one()
        reading = {}
        with serving("site", copy.settings(), copy.processes()) as server:
            taken = cycle(cookies)
            _write(server, [list(islice(taken, 1))], WARM_UP, letters)
            alone = _write(server, [list(islice(taken, -(-ALONE // OF_ONE)))], ALONE, letters)
            _allow_all()
            together = _write(server, [list(islice(taken, 1)) for _ in range(WRITERS)], EACH, letters)
            _allow_all()
            reading[1] = _read(server, question.path, cookies, letters)
        with serving("site", copy.settings(), copy.processes(), processes=2) as server:
            _allow_all()
            reading[2] = _read(server, question.path, cookies, letters)
    return Figures(shares, alone, together, reading)


def _allow_all() -> None:
    """Forget who has written how much."""
    with write() as session:
        session.execute(delete(limits.Attempts))


def cookie_of(app: Flask, person: Person) -> str:
    """What the browser of somebody who has signed in sends."""
    signed = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]  # Flask's own has it
    content = {"_user_id": person.get_id(), "_fresh": True, "csrf_token": CSRF, "renewed": int(time.time())}
    return f"{app.config['SESSION_COOKIE_NAME']}={signed.dumps(content)}"


def _letters(post_ids: Sequence[int], token: str) -> Iterator[tuple[str, str]]:
    """(address, form) of one comment after the other, each with a text of its own."""
    chance = Random(7)
    writer = Writer(
        chance,
        places=list(db.session.scalars(select(Place).limit(200))),
        services=[service for domain in domains() for service in domain.services],
    )
    db.session.rollback()
    while True:
        key = f"{chance.getrandbits(128):032x}"
        form = {"csrf_token": token, "_once": key, "comment": writer.reply(), "kind": "comment"}
        yield f"/posts/{chance.choice(post_ids)}/comments", urlencode(form)


def _shares(app: Flask, cookie: str, letters: Iterator[tuple[str, str]]) -> dict[str, float]:
    client, shares = app.test_client(use_cookies=False), _Shares()

    def post() -> None:
        path, form = next(letters)
        shares.go_on()
        answer = Context().run(client.post, path, data=form, content_type=FORM, headers={"Cookie": cookie})
        shares.pause()
        if answer.status_code != 303:
            raise SystemExit(f"{path} answers {answer.status}.")

    with shares.measured():
        for _ in range(5):
            post()
        shares.spent.clear()
        for _ in range(ALONE):
            post()
    order = [part for part, _owner, _name in PARTS] + [REST]
    return {part: 1000 * shares.spent[part] / ALONE for part in order}


def _write(
    server: Server, writers: Sequence[Sequence[str]], each: int, letters: Iterator[tuple[str, str]]
) -> Written:
    """`each` comments of every writer, all writers at once; a writer goes through several people's cookies."""
    times: list[float] = []
    faults: list[str] = []
    sent = [[next(letters) for _ in range(each)] for _ in writers]

    def go(cookies: Sequence[str], own: Sequence[tuple[str, str]]) -> None:
        connection = http.client.HTTPConnection(server.host, server.port, timeout=60)
        for number, (path, form) in enumerate(own):
            headers = {"Cookie": cookies[number // OF_ONE], "Content-Type": FORM, "User-Agent": "bench"}
            began = time.perf_counter()
            connection.request("POST", path, form, headers)
            answer = connection.getresponse()
            answer.read()
            times.append(time.perf_counter() - began)
            if answer.status != 303:
                faults.append(f"{path} answers {answer.status}.")
        connection.close()

    threads = [
        threading.Thread(target=go, args=(cookies, own)) for cookies, own in zip(writers, sent, strict=True)
    ]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise SystemExit(faults[0])
    return Written(times, time.perf_counter() - began)


def _read(server: Server, path: str, cookies: Sequence[str], letters: Iterator[tuple[str, str]]) -> Reading:
    """Read a page as fast as it comes, with and without somebody who writes; medians of the rounds."""
    connection = http.client.HTTPConnection(server.host, server.port, timeout=60)
    connection.request("GET", path, headers=READER)
    target = Target(path, len(connection.getresponse().read()), READER)
    connection.close()
    undisturbed, beside, written = [], [], []
    # Written now, so that whoever writes takes no time from who reads but that of the server.
    ready = iter(list(islice(letters, int(2 * BESIDE * SECONDS * ROUNDS))))
    for number in range(ROUNDS):
        undisturbed.append(load(server, target, seconds=SECONDS, connections=READERS).rate)
        done = threading.Event()
        # One person may not write all of it, nor all that is written in the rounds to come.
        people = cycle(cookies[number * len(cookies) // ROUNDS :])
        sent: list[float] = []
        writer = threading.Thread(target=_keep_writing, args=(server, people, ready, sent, done))
        writer.start()
        taken = load(server, target, seconds=SECONDS, connections=READERS)
        done.set()
        writer.join()
        beside.append(taken.rate)
        written.append(len(sent) / taken.elapsed)
    return Reading(median(undisturbed), median(beside), median(written))


def _keep_writing(
    server: Server,
    cookies: Iterator[str],
    letters: Iterator[tuple[str, str]],
    sent: list[float],
    done: threading.Event,
) -> None:
    """Fifty comments a second, or as many as are taken."""
    connection = http.client.HTTPConnection(server.host, server.port, timeout=60)
    due = time.perf_counter()
    while not done.wait(max(0.0, due - time.perf_counter())):
        path, form = next(letters)
        connection.request("POST", path, form, {"Cookie": next(cookies), "Content-Type": FORM})
        answer = connection.getresponse()
        answer.read()
        if answer.status == 303:
            sent.append(time.perf_counter())
        due += 1 / BESIDE
    connection.close()


def figures(found: Figures) -> dict[str, Any]:
    """All of it, as JSON holds it."""
    return {
        "cpu_ms": dict(found.shares),
        **{
            name: {"per_second": written.rate, "p50_ms": written.at(0.5), "p99_ms": written.at(0.99)}
            for name, written in (("alone", found.alone), ("together", found.together))
        },
        "reading": {processes: asdict(reading) for processes, reading in found.reading.items()},
    }


def show(found: Figures, console: Console) -> None:
    """As tables: where the time goes, and how many there are in a second."""
    table = Table(title="One comment, whole")
    for heading in ("Part", "CPU ms", "Share"):
        table.add_column(heading, justify="left" if heading == "Part" else "right")
    total = sum(found.shares.values())
    for part, milliseconds in (*found.shares.items(), ("Together", total)):
        table.add_row(part, f"{milliseconds:.2f}", f"{milliseconds / total:.0%}")
    console.print(table)
    for who, written in (("One writer", found.alone), (f"{WRITERS} writers at once", found.together)):
        console.print(
            f"{who}: {written.rate:,.0f} comments a second, p50 {written.at(0.5):.1f} ms, "
            f"p99 {written.at(0.99):.1f} ms.",
            highlight=False,
        )
    for processes, reading in found.reading.items():
        console.print(
            f"Reading beside {reading.written:,.0f} comments a second, {processes} x waitress: {reading.beside:,.0f} "
            f"pages a second, {reading.beside / reading.undisturbed:.2f} of {reading.undisturbed:,.0f} without.",
            highlight=False,
        )
