"""Servers to measure: the site, a bare application that answers with the same bytes, and a small one made with Flask.

Each has processes of its own, and all of one comparison the same server in them with the same settings. waitress is
the one of `interlocal serve`. What is to be served stands in the environment (`WHAT`).
"""

from __future__ import annotations

import os
import pickle
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flask import Flask, render_template
from jinja2 import DictLoader

from forum.app import create_app, ready
from forum.config import Settings
from forum.core import changes
from forum.serving import serve
from forum.serving import server as waitress
from forum.web import render

ROOT = Path(__file__).parents[2]
HOST = "127.0.0.1"
# Seconds from the start of a process to its first answer, on a busy machine.
PATIENCE = 60


# "site"; "flask"; or the file with what the bare application answers.
WHAT = "INTERLOCAL_BENCH"
# The commands of servers: {port}, {processes}.
COMMANDS = {
    "waitress": "-m tests.bench.serve {port}",
    "gunicorn": "-m gunicorn --preload --workers {processes} --bind 127.0.0.1:{port} --log-level error "
    "--no-control-socket tests.bench.serve:application()",
    "granian": "-m granian --interface wsgi --factory --workers {processes} --blocking-threads 1 --host 127.0.0.1 "
    "--port {port} --log-level error tests.bench.serve:application",
}
# What servers say for themselves.
OF_SERVERS = {"date", "server", "connection", "via"}

# What is asked: the path with its query, the codings accepted, whether there is a page to compare with.
Question = tuple[str, str, bool]
# What is answered: status, headers, body.
Answer = tuple[str, Sequence[tuple[str, str]], bytes]


def bare(answers: Mapping[Question, Answer]) -> Callable[..., Iterable[bytes]]:
    """As little as a WSGI application can do: look a question up among answers that are in memory.

    The same bytes are sent, those of the headers too: a server spends as much on ten headers as on such a look-up.
    """
    ready = {
        question: (
            status,
            [(name, value) for name, value in headers if name.lower() not in OF_SERVERS],
            [body] if body else [],
        )
        for question, (status, headers, body) in answers.items()
    }

    def application(environ: Mapping[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        query = environ["QUERY_STRING"]
        path = environ["PATH_INFO"] + (f"?{query}" if query else "")
        accepted = environ.get("HTTP_ACCEPT_ENCODING", "")
        status, headers, body = ready[path, accepted, "HTTP_IF_NONE_MATCH" in environ]
        start_response(status, headers)
        return body

    return application


TWENTY = """<!doctype html><html lang="en"><head><title>{{ title }}</title></head><body><h1>{{ title }}</h1>
{% for comment in comments %}<article><header><a href="/people/{{ comment.slug }}">{{ comment.name }}</a>
<time datetime="{{ comment.at }}">{{ comment.at }}</time></header><div>{{ comment.html|safe }}</div></article>
{% endfor %}</body></html>"""


def small(folder: Path) -> Flask:
    """What Flask itself takes: `/hello`; and `/twenty`, one SELECT by primary key and twenty comments with Jinja."""
    app = Flask(__name__)
    app.jinja_loader = DictLoader({"twenty.html": TWENTY})
    database = sqlite3.connect(folder / "small.db", check_same_thread=False)
    database.execute("CREATE TABLE IF NOT EXISTS post (id INTEGER PRIMARY KEY, title TEXT)")
    database.execute("INSERT OR REPLACE INTO post VALUES (1, 'Two towns and one center')")
    database.commit()
    words = "They share a crew and a bill, and each pays for what it used in the year before. " * 6
    comments = [
        {"slug": f"person-{n}", "name": f"Person {n}", "at": "2026-05-04", "html": f"<p>{words}</p>"}
        for n in range(20)
    ]

    @app.get("/hello")
    def hello() -> str:
        return "hello"

    @app.get("/twenty")
    def twenty() -> str:
        (title,) = database.execute("SELECT title FROM post WHERE id = ?", (1,)).fetchone()
        return render_template("twenty.html", title=title, comments=comments)

    return app


def site(settings: Settings) -> Flask:
    """The site, as `forum.wsgi` makes it."""
    app = create_app(settings)
    ready()
    return app


def application() -> Any:
    """What the environment says is to be served."""
    settings = Settings.from_environment()
    match os.environ[WHAT]:
        case "site":
            return site(settings)
        case "forgetful":
            changes.MOST_VALUES = render.MOST_DRAWN = 0
            return site(settings)
        case "flask":
            return small(settings.data)
        case answers:
            return bare(pickle.loads(Path(answers).read_bytes()))


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
        return sum(_tree(self.pid, *self.helpers).values()) / os.sysconf("SC_CLK_TCK")


def processes_of(pid: int) -> list[int]:
    """A process and those below it; none without /proc."""
    return list(_tree(pid))


def _tree(*pids: int) -> dict[int, int]:
    """pid -> CPU ticks of these processes and all below them."""
    stats = list(filter(None, map(_stat, Path("/proc").glob("[0-9]*"))))
    ours = set(pids)
    # A child may come before its parent: go on until no more are found.
    while more := {pid for pid, parent, _ticks in stats if parent in ours} - ours:
        ours |= more
    return {pid: ticks for pid, _parent, ticks in stats if pid in ours}


def _stat(process: Path) -> tuple[int, int, int] | None:
    """(pid, parent's pid, CPU ticks with those of its ended children) of a folder in /proc."""
    try:
        text = (process / "stat").read_text()
    except OSError:  # it has ended
        return None
    # The name, in parentheses, may hold anything.
    fields = text.rpartition(")")[2].split()
    return int(process.name), int(fields[1]), sum(map(int, fields[11:15]))


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment of a process with these settings."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("INTERLOCAL_")}
    return others | {
        "INTERLOCAL_DATA": str(settings.data),
        "INTERLOCAL_DATABASE_URL": settings.database_url,
        "INTERLOCAL_SECRET_KEY": settings.secret_key,
        "INTERLOCAL_MODE": settings.mode,
        "INTERLOCAL_KEPT_BYTES": str(settings.kept_bytes),
        "INTERLOCAL_PROCESSES": str(settings.processes),
        "INTERLOCAL_WORKER": "yes" if settings.worker else "no",
    }


@contextmanager
def serving(
    what: str,
    settings: Settings,
    helpers: Sequence[int] = (),
    *,
    server: str = "waitress",
    processes: int = 1,
    answers: Mapping[Question, Answer] | None = None,
) -> Iterator[Server]:
    """`what` on a free port: "site"; "forgetful", a site that remembers no parts of pages; "flask"; "bare" with its
    `answers`. `helpers`: processes that work for it."""
    if answers is not None:
        file = settings.data / f"answers-{server}-{processes}.pickle"
        file.write_bytes(pickle.dumps(dict(answers)))
        what = str(file)
    with socket.create_server((HOST, 0)) as free:
        port = free.getsockname()[1]
    environment = environment_of(replace(settings, processes=processes)) | {WHAT: what}
    command = COMMANDS[server].format(port=port, processes=processes).split()
    # A worker tells of each mail that it writes into a file.
    log = subprocess.DEVNULL if settings.worker else None
    process = subprocess.Popen(
        [sys.executable, *command], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=log
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


def main(port: str) -> None:
    """Serve by waitress: the site as `interlocal serve` does, others as waitress comes."""
    settings = Settings.from_environment()
    app = create_app(settings)
    if os.environ[WHAT] != "site":
        app.wsgi_app = application()  # type: ignore[method-assign]
        settings = replace(settings, kept_bytes=0)
    if os.environ[WHAT] not in ("site", "forgetful"):
        waitress.LONGEST_TURN = 0.0  # its threads take no turns
    with socket.create_server((HOST, int(port)), backlog=1024) as listener:
        serve(app, settings, listener)


if __name__ == "__main__":
    main(*sys.argv[1:])
