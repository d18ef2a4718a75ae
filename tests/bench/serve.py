"""Servers to measure: the site, and a bare application that answers with the same bytes.

Each has a process of its own, and the same server in it with the same settings: the one of `interlocal serve`.
`python -m tests.bench.serve ANSWERS PORT` is the bare one.
"""

from __future__ import annotations

import os
import pickle
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forum import cli
from forum.app import create_app
from forum.config import Settings

ROOT = Path(__file__).parents[2]
HOST = "127.0.0.1"
# Seconds from the start of a process to its first answer, on a busy machine.
PATIENCE = 60


# What a page answered, and the bare application answers too: its headers and its body.
Answer = tuple[Sequence[tuple[str, str]], bytes]
# What servers say for themselves.
OF_SERVERS = {"date", "server", "connection", "via"}


def bare(answers: Mapping[str, Answer]) -> Callable[..., Iterable[bytes]]:
    """As little as a WSGI application can do: look a path up among answers that are in memory.

    The same bytes are sent, those of the headers too: a server spends as much on ten headers as on such a look-up.
    """
    ready = {
        path: ([(name, value) for name, value in headers if name.lower() not in OF_SERVERS], [body])
        for path, (headers, body) in answers.items()
    }

    def application(environ: Mapping[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        query = environ["QUERY_STRING"]
        headers, body = ready[environ["PATH_INFO"] + (f"?{query}" if query else "")]
        start_response("200 OK", headers)
        return body

    return application


@dataclass(frozen=True)
class Server:
    """A running server. `helpers` are other processes that work for it, such as a database."""

    host: str
    port: int
    pid: int
    helpers: tuple[int, ...] = ()

    def cpu(self) -> float | None:
        """CPU seconds that its processes and their children have used until now; None without /proc."""
        if not Path("/proc/self/stat").exists():
            return None
        stats = list(filter(None, map(_stat, Path("/proc").glob("[0-9]*"))))
        ours = {self.pid, *self.helpers}
        # A child may come before its parent: go on until no more are found.
        while more := {pid for pid, parent, _ticks in stats if parent in ours} - ours:
            ours |= more
        return sum(ticks for pid, _parent, ticks in stats if pid in ours) / os.sysconf("SC_CLK_TCK")


def _stat(process: Path) -> tuple[int, int, int] | None:
    """(pid, parent's pid, CPU ticks with those of its ended children) of a folder in /proc."""
    try:
        text = (process / "stat").read_text()
    except OSError:  # it has ended
        return None
    # The name, in parentheses, may hold anything.
    fields = text.rpartition(")")[2].split()
    return int(process.name), int(fields[1]), sum(map(int, fields[11:15]))


@contextmanager
def serving_site(settings: Settings, helpers: Sequence[int] = ()) -> Iterator[Server]:
    """The site of these settings, by `interlocal serve`. `helpers`: processes that work for it."""
    with _process(["-m", "forum", "serve", "--port"], settings, helpers) as server:
        yield server


@contextmanager
def serving_bare(settings: Settings, answers: Mapping[str, Answer]) -> Iterator[Server]:
    """The bare application with these answers."""
    file = settings.data / "answers.pickle"
    file.write_bytes(pickle.dumps(dict(answers)))
    with _process(["-m", "tests.bench.serve", str(file)], settings) as server:
        yield server


@contextmanager
def _process(command: Sequence[str], settings: Settings, helpers: Sequence[int] = ()) -> Iterator[Server]:
    """A Python process that serves on a free port, which is given to it as its last argument."""
    with socket.create_server((HOST, 0)) as free:
        port = free.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("INTERLOCAL_")}
    environment |= {
        "INTERLOCAL_DATA": str(settings.data),
        "INTERLOCAL_DATABASE_URL": settings.database_url,
        "INTERLOCAL_SECRET_KEY": settings.secret_key,
        "INTERLOCAL_MODE": settings.mode,
    }
    process = subprocess.Popen(
        [sys.executable, *command, str(port)], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
    )
    try:
        _wait(process, port)
        yield Server(HOST, port, process.pid, tuple(helpers))
    finally:
        process.terminate()
        process.wait()


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    """Return once it takes connections."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if process.poll() is not None:
            raise SystemExit(f"The server ended with code {process.returncode} before it answered.")
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit(f"The server did not answer within {PATIENCE} seconds.")


def main(answers: str, port: str) -> None:
    """Serve the bare application in the place of the site's, in a process that is like it in all else."""
    settings = Settings.from_environment()
    app = create_app(settings)
    app.wsgi_app = bare(pickle.loads(Path(answers).read_bytes()))  # type: ignore[method-assign]
    with cli._listening(HOST, int(port)) as listener:
        cli._serve(app, settings, listener)


if __name__ == "__main__":
    main(*sys.argv[1:])
