"""A worker as a process of its own, which can be killed.

`python -m tests.support.worker` also does jobs of the kind "mark": they leave a line in the file that they name.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import has_app_context

from forum.core.db import db

ROOT = Path(__file__).parents[2]
# Seconds. A machine that is busy with other tests takes a while to start a process.
PATIENCE = 60


def mark(payload: Mapping[str, Any]) -> None:
    """Leave a line, then take a moment: there is time to be killed before and after it."""
    time.sleep(0.01)
    with Path(payload["file"]).open("a") as file:
        file.write(f"{payload['n']}\n")
    time.sleep(0.01)


@contextmanager
def working(data: Path, database_url: str, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """A running worker; killed at the end if it has not ended by itself."""
    environ = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "INTERLOCAL_DATA": str(data),
        "INTERLOCAL_DATABASE_URL": database_url,
    }
    process = subprocess.Popen([sys.executable, "-m", "tests.support.worker"], env=environ | settings)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def wait_until(condition: Callable[[], object]) -> None:
    """Look again and again until it holds, at what is in the database then."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if has_app_context():
            db.session.rollback()  # a transaction goes on seeing what it saw first
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


if __name__ == "__main__":
    from forum import cli, reactions

    reactions.JOBS = {**reactions.JOBS, "mark": mark}
    cli.commands(["worker"])
