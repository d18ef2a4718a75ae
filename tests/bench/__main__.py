"""`make bench`: what pages cost, beside a bare application that answers with the same bytes.

On waitress the site has it as `interlocal serve` extends it, and the bare application as it comes.

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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from contextvars import Context
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from sqlalchemy import func, select

from forum.accounts.models import Person
from forum.core import changes
from forum.core.db import db
from forum.posts.models import Post, PostService
from forum.topics.models import Service
from tests.bench import changed, growth, memory, quality, report, writing
from tests.bench.database import BUILD, Filled, filled
from tests.bench.fill import CASE_THREAD, QUESTION_THREAD
from tests.bench.measure import Target, load
from tests.bench.report import Contest, Page
from tests.bench.serve import Answer, Question, Server, serving
from tests.support.people import add_person
from tests.support.statements import Statements

# A request of a visitor who has never been here. Nothing is compressed, so that both send the same bytes.
HEADERS = {"User-Agent": "bench", "Accept": "text/html"}
# Seconds of each page before the first round: connections are made, templates compiled.
WARM_UP = 0.3
# The member who only reads.
READER = "bench-reader"
# Servers with so many processes each.
SERVERS = (("waitress", 1), ("waitress", 2), ("gunicorn", 1), ("gunicorn", 2), ("granian", 1), ("granian", 2))


def pages(database: Filled) -> list[Page]:
    """The pages, by what is in the database: the first case and question have the known threads."""
    with database.application(kept_bytes=0) as app:
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
            "Search": "/search?q=population",
            "Cases, filtered": "/cases/?kind=pool&kind=joint_program&party=municipality&sort=cost",
        }
        statements, client = Statements(db.engine), app.test_client()
        found = []
        for name, path in named.items():
            # In a context of its own: what this one has read already would save the page statements.
            response = Context().run(client.get, path)
            if response.status_code != 200 or "Set-Cookie" in response.headers:
                raise SystemExit(f"{path} answers {response.status}, or sets a cookie: nobody could keep it.")
            changes.WATCHES[db.engine].made.clear()
            with statements.recorded() as recording:
                Context().run(client.get, path)
            found.append(Page(name, path, len(recording), main=name.startswith(("Home", "Case,"))))
    return found


def session_cookies(database: Filled) -> tuple[str, str]:
    """What the browsers of two members send: of one who only reads, and of the author of the first case."""
    with database.application() as app:
        author = db.session.scalars(select(Post).where(Post.kind == "case").order_by(Post.id)).first()
        reader = db.session.scalar(select(Person).where(Person.slug == READER)) or add_person(
            slug=READER, email=f"{READER}@example.org", name="Rhea Reader"
        )
        return writing.cookie_of(app, reader), writing.cookie_of(app, author.author)


def answers(server: Server, targets: Iterable[Target]) -> dict[Question, Answer]:
    """What the server answers to each of these."""
    found: dict[Question, Answer] = {}
    for target in targets:
        connection = http.client.HTTPConnection(server.host, server.port, timeout=60)
        connection.request("GET", target.path, headers=dict(target.headers))
        response = connection.getresponse()
        body = response.read()
        connection.close()
        found[target.question] = (f"{response.status} {response.reason}", response.getheaders(), body)
    return found


def sized(target: Target, found: Mapping[Question, Answer]) -> Target:
    """The target, knowing what comes."""
    status, _headers, body = found[target.question]
    return replace(target, size=len(body), status=int(status[:3]))


def variants(server: Server, page: Page) -> dict[str, Target]:
    """A page as it is, compressed, and for a browser that has it."""
    plain = Target(page.path, 0, HEADERS)
    ((_status, headers, _body),) = answers(server, [plain]).values()
    if "etag" not in (told := {name.lower(): value for name, value in headers}):
        raise SystemExit(f"{page.path} is not kept: {told}.")
    return {
        "": plain,
        "compressed": replace(plain, headers=HEADERS | {"Accept-Encoding": "gzip"}),
        "unchanged": replace(plain, headers=HEADERS | {"If-None-Match": told["etag"]}),
    }


def kept(
    database: Filled, listed: Sequence[Page], options: argparse.Namespace, console: Console
) -> Iterator[Contest]:
    """Pages that were read before, beside the bare application, on each server."""
    settings = database.settings()
    for server, processes in SERVERS:
        if server not in options.servers:
            continue
        pages = listed if (server, processes) == SERVERS[0] else [page for page in listed if page.main]
        with serving("site", settings, database.processes(), server=server, processes=processes) as site:
            asked = {
                f"{page.name}, {how}" if how else page.name: target
                for page in pages
                for how, target in variants(site, page).items()
            }
            known = answers(site, asked.values())
            with serving("bare", settings, server=server, processes=processes, answers=known) as bare:
                contests = [
                    Contest(f"kept, {server} x {processes}", name, (site, aim), (bare, aim))
                    for name, target in asked.items()
                    for aim in [sized(target, known)]
                ]
                measure(contests, options, console)
        yield from contests


def made(
    database: Filled, listed: Sequence[Page], options: argparse.Namespace, console: Console
) -> list[Contest]:
    """Pages that are not kept whole, beside what Flask itself takes: made anew with and without what is remembered of
    their parts; and for two members, one who only reads and one who has a part in them."""
    twenty, hello = Target("/twenty", 0, HEADERS), Target("/hello", 0, HEADERS)
    reader, author = (HEADERS | {"Cookie": cookie} for cookie in session_cookies(database))
    no_pages, usual = database.settings(kept_bytes=0), database.settings()
    contests = []
    with ExitStack() as at_the_end:
        flask = at_the_end.enter_context(serving("flask", usual))
        limits = answers(flask, [twenty, hello])
        for group, what, settings, headers, limit in (
            ("made anew", "site", no_pages, HEADERS, twenty),
            ("made from nothing", "forgetful", no_pages, HEADERS, twenty),
            ("signed in", "site", usual, reader, hello),
            ("taking part", "site", usual, author, hello),
        ):
            site = at_the_end.enter_context(serving(what, settings, database.processes()))
            for page in listed:
                target = Target(page.path, 0, headers)
                aim = sized(target, answers(site, [target]))
                contests.append(Contest(group, page.name, (site, aim), (flask, sized(limit, limits))))
        measure(contests, options, console)
    return contests


def measure(contests: Sequence[Contest], options: argparse.Namespace, console: Console) -> None:
    """Round by round; in each the two of a contest take turns, so that noise meets both alike."""
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("Measuring", total=(options.rounds + 1) * len(contests) * 2)
        for turn in range(options.rounds + 1):
            for contest in contests:
                for (server, target), loads in (
                    (contest.ours, contest.loads),
                    (contest.limit, contest.limits),
                ):
                    seconds = options.seconds if turn else min(WARM_UP, options.seconds)
                    taken = load(server, target, seconds=seconds, connections=options.connections)
                    if turn:
                        loads.append(taken)
                    progress.advance(task)


def main(arguments: Sequence[str] | None = None) -> None:
    """Fill, serve, measure, tell."""
    options = _options(arguments)
    console = Console(width=None if sys.stdout.isatty() else 120)
    with filled(options.scale, options.engine, options.database, console) as database:
        listed = pages(database)
        contests = [*kept(database, listed, options, console), *made(database, listed, options, console)]
        result = report.results(listed, contests, database.rates, vars(options))
        report.show(result, console)
        with ExitStack() as at_the_end:
            sizes = {options.scale: database}
            if options.scale > 1 and not options.database:
                sizes = {1.0: at_the_end.enter_context(filled(1, options.engine, "", console))} | sizes
            grown = growth.measure(sizes, pages, options.rounds, console)
        after = changed.measure(database, options.rounds)
        footprint = memory.measure(database)
        written = writing.measure(database)
    changed.show(after, console)
    result["changed"] = changed.figures(after)
    growth.show(grown, console)
    result["growth"] = growth.figures(grown)
    writing.show(written, console)
    result["writing"] = writing.figures(written)
    memory.show(footprint, console)
    result["footprint"] = memory.figures(footprint)
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
    add(
        "--servers",
        nargs="+",
        choices=sorted({server for server, _processes in SERVERS}),
        default=[server for server, _processes in SERVERS],
        help="which to measure kept pages on",
    )
    add("--json", type=Path, default=BUILD / "bench.json", metavar="FILE", help="where the figures go")
    add("--without-quality", action="store_true", help="leave out how good the search is on both engines")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
