"""What the servers take of a machine: memory with every page kept that there is room for, and the time to start."""

from __future__ import annotations

import http.client
import os
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from sqlalchemy import select

from forum.core.db import db
from forum.posts.models import Post
from tests.bench.database import Filled, copied
from tests.bench.serve import processes_of, serving

PROCESSES = 2
# So often each page is asked for: the processes take turns as they please, and each is to have it.
TURNS = 3
# With some 10 KB each, so many pages take all the room that there is by default.
MOST_PAGES = 7_000


@dataclass(frozen=True)
class Footprint:
    """Bytes of memory of all processes, pages that several share counted once (PSS); seconds; None where unknown."""

    pages: int
    empty: int | None
    full: int | None
    first_answer: float


def measure(database: Filled) -> Footprint:
    """Read everything through two processes that keep pages, with a worker beside them, as `interlocal serve` has."""
    with copied(database) as copy:
        with copy.application():
            visible = select(Post).where(Post.state == "visible").limit(MOST_PAGES)
            paths = [post.path for post in db.session.scalars(visible)]
        began = time.perf_counter()
        with serving("site", copy.settings(worker=True), processes=PROCESSES) as site:
            _read(site.host, site.port, ["/about"])
            first_answer = time.perf_counter() - began
            _read(site.host, site.port, ["/"] * 2 * PROCESSES)
            empty = _memory(processes_of(site.pid))
            _read(site.host, site.port, paths * TURNS)
            full = _memory(processes_of(site.pid))
    return Footprint(len(paths), empty, full, first_answer)


def _read(host: str, port: int, paths: Iterable[str]) -> None:
    for path in paths:
        connection = http.client.HTTPConnection(host, port, timeout=60)
        connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
        connection.getresponse().read()
        connection.close()


def _memory(pids: Iterable[int]) -> int | None:
    """Their proportional set size; None without /proc."""
    try:
        rollups = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in pids]
    except OSError:
        return None
    lines = (line for rollup in rollups for line in rollup.splitlines() if line.startswith("Pss:"))
    return sum(int(line.split()[1]) * 1024 for line in lines)


def figures(found: Footprint) -> dict[str, Any]:
    """As JSON holds them."""
    return asdict(found) | {"processes": PROCESSES, "cpus": os.cpu_count()}


def show(found: Footprint, console: Console) -> None:
    """Tell them."""
    console.print(
        f"{PROCESSES} server processes and the worker: {_mib(found.empty)} at first, {_mib(found.full)} when "
        f"{found.pages:,} pages were read {TURNS} times. From start to first answer: {found.first_answer:.1f} s.",
        highlight=False,
    )


def _mib(size: int | None) -> str:
    return "n/a" if size is None else f"{size / 1024 / 1024:.0f} MiB"
