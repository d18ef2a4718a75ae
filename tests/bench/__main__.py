"""`make bench`: what pages cost, beside a bare application that answers with the same bytes.

SCALE=10 fills ten times the data; ENGINE=postgres takes PostgreSQL. `python -m tests.bench --help` has the rest.
CPU time a request, of all processes of the server and its database, is the figure to trust: on a shared machine it
moves by a tenth where requests a second move by half. Nothing here fails for being slow.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import sys
from collections.abc import Mapping, Sequence
from contextvars import Context
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from sqlalchemy import func, select

from forum.core.db import db
from forum.posts.models import Post, PostService
from forum.topics.models import Service
from tests.bench import quality, report
from tests.bench.database import BUILD, Filled, filled
from tests.bench.fill import CASE_THREAD, QUESTION_THREAD
from tests.bench.measure import Load, Target, load
from tests.bench.report import Page, Rounds
from tests.bench.serve import Answer, Server, serving_bare, serving_site
from tests.support.statements import Statements

# A request of a visitor who has never been here. Nothing is compressed, so that both send the same bytes.
HEADERS = {"User-Agent": "bench", "Accept": "text/html"}
# Seconds of each page before the first round: connections are made, templates compiled.
WARM_UP = 0.3


def pages(database: Filled) -> list[Page]:
    """The pages, by what is in the database: the first case and question have the known threads."""
    with database.application() as app:
        first = dict(db.session.execute(select(Post.kind, func.min(Post.id)).group_by(Post.kind)).all())
        paths = {kind: db.session.get_one(Post, id_).path for kind, id_ in first.items()}
        service = db.session.scalars(
            select(Service.slug).join(PostService).where(PostService.post_id == first["case"])
        ).one()
        named = {
            "Home": "/",
            "Cases": "/cases/",
            f"Case, {CASE_THREAD} comments": paths["case"],
            f"Question, {QUESTION_THREAD} replies": paths["question"],
            "Guide": paths["guide"],
            "Service": f"/services/{service}",
            "Library": "/library/",
            "Search": "/search?q=shared+service+cost",
            "Cases, filtered": "/cases/?kind=pool&kind=joint_program&party=municipality&sort=cost",
        }
        statements, client = Statements(db.engine), app.test_client()
        found = []
        for name, path in named.items():
            # In a context of its own: what this one has read already would save the page statements.
            response = Context().run(client.get, path)
            if response.status_code != 200 or "Set-Cookie" in response.headers:
                raise SystemExit(f"{path} answers {response.status}, or sets a cookie: nobody could keep it.")
            with statements.recorded() as recording:
                Context().run(client.get, path)
            found.append(Page(name, path, len(recording)))
    return found


def answers(server: Server, listed: Sequence[Page]) -> dict[str, Answer]:
    """What each page answers."""
    found = {}
    for page in listed:
        connection = http.client.HTTPConnection(server.host, server.port, timeout=60)
        connection.request("GET", page.path, headers=HEADERS)
        response = connection.getresponse()
        body = response.read()
        connection.close()
        found[page.path] = (response.getheaders(), body)
    return found


def measured(
    servers: Mapping[str, Server],
    targets: Mapping[str, Target],
    options: argparse.Namespace,
    console: Console,
) -> Rounds:
    """Page -> server -> its rounds. Page by page the servers take turns, so that noise meets both alike."""
    found: dict[str, dict[str, list[Load]]] = {name: {who: [] for who in servers} for name in targets}
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("Measuring", total=(options.rounds + 1) * len(targets) * len(servers))
        for turn in range(options.rounds + 1):
            for name, target in targets.items():
                for who, server in servers.items():
                    seconds = options.seconds if turn else min(WARM_UP, options.seconds)
                    taken = load(server, target, seconds=seconds, connections=options.connections)
                    if turn:
                        found[name][who].append(taken)
                    progress.advance(task)
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Fill, serve, measure, tell."""
    options = _options(arguments)
    console = Console(width=None if sys.stdout.isatty() else 120)
    with filled(options.scale, options.engine, options.database, console) as database:
        listed = pages(database)
        settings = database.settings()
        with serving_site(settings, database.processes()) as site:
            known = answers(site, listed)
            targets = {page.name: Target(page.path, len(known[page.path][1]), HEADERS) for page in listed}
            with serving_bare(settings, known) as bare:
                rounds = measured({"site": site, "bare": bare}, targets, options, console)
        result = report.results(listed, targets, rounds, database.rates, vars(options))
    report.show(result, console)
    if not options.without_quality:
        found = quality.qualities()
        quality.show(found, console)
        result["search"] = {engine: {"recall@3": q.recall, "mrr": q.mrr} for engine, q in found.items()}
    options.json.parent.mkdir(exist_ok=True)
    options.json.write_text(json.dumps(result, indent=1, default=str) + "\n")
    console.print(f"The figures are in {options.json}.")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    add = parser.add_argument
    add(
        "--scale",
        type=float,
        default=os.environ.get("SCALE") or 1,
        help="1 is 2,000 posts, 20,000 replies (or SCALE=)",
    )
    add(
        "--engine",
        choices=("sqlite", "postgres"),
        default=os.environ.get("ENGINE") or "sqlite",
        help="or ENGINE=",
    )
    add("--database", default="", metavar="URL", help="fill this empty database instead, and keep it")
    add("--rounds", type=int, default=5, help="how often everything is measured; medians are told")
    add("--seconds", type=float, default=2, help="how long each page is asked for in a round")
    add("--connections", type=int, default=8, help="how many visitors ask at once")
    add("--json", type=Path, default=BUILD / "bench.json", metavar="FILE", help="where the figures go")
    add("--without-quality", action="store_true", help="leave out how good the search is on both engines")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
