"""What a page costs right after something on it has changed: what the change does not touch is remembered.

Asked of a server that keeps no whole pages, while this process writes into a copy of the database; in turns with the
small view that does one SELECT and draws twenty comments.
"""

from __future__ import annotations

import http.client
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select

from forum.accounts.models import Person
from forum.comments.actions import delete_comment, post_comment
from forum.comments.models import Comment
from forum.core.db import db, write
from forum.posts.models import Post
from tests.bench.database import Filled, copied
from tests.bench.serve import Server, serving

# Changes of each page in a round: CPU time is counted in hundredths of a second.
TURNS = 50


@dataclass(frozen=True)
class Changed:
    """A page, what happens before it is asked for; CPU milliseconds in each round, and those of the small view."""

    page: str
    change: str
    ours: list[float] = field(default_factory=list)
    limit: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """The median over the rounds of how many times the small view it takes."""
        return median(
            ours / limit if limit else 0.0 for ours, limit in zip(self.ours, self.limit, strict=True)
        )


def measure(database: Filled, rounds: int) -> list[Changed]:
    """Change something, read the page, again and again."""
    with copied(database) as copy, copy.application():
        ids = dict(
            db.session.execute(
                select(Post.kind, func.min(Post.id)).where(Post.state == "visible").group_by(Post.kind)
            ).all()
        )
        paths = {kind: db.session.get_one(Post, id_).path for kind, id_ in ids.items()}
        newest = db.session.scalars(
            select(Post.id).where(Post.kind == "case").order_by(Post.id.desc())
        ).first()
        author = db.session.scalars(select(Person.id).order_by(Person.id)).first()
        db.session.remove()

        def comment(post_id: int) -> Callable[[], None]:
            written: list[int] = []

            def go() -> None:
                """One more, and away again: threads stay as long as they are."""
                person = db.session.get_one(Person, author)
                if written:
                    delete_comment(person, db.session.get_one(Comment, written.pop()))
                else:
                    post = db.session.get_one(Post, post_id)
                    written.append(post_comment(person, post, "We did **the same**, in two years.").id)

            return go

        def rename(post_id: int) -> Callable[[], None]:
            def go() -> None:
                with write():
                    post = db.session.get_one(Post, post_id)
                    post.title = post.title.removesuffix("!") + "!" * (not post.title.endswith("!"))

            return go

        asked: Sequence[tuple[Changed, str, Callable[[], None]]] = [
            *(
                (Changed(f"{kind.capitalize()}", "a comment on it"), paths[kind], comment(ids[kind]))
                for kind in ("case", "guide", "question")
            ),
            (Changed("Case", "another title"), paths["case"], rename(ids["case"])),
            (Changed("Home", "a comment on a case that it shows"), "/", comment(newest)),
            (Changed("Home", "another title of a case that it shows"), "/", rename(newest)),
            (Changed("Cases", "a comment on one of them"), "/cases/", comment(newest)),
            (Changed("Cases", "another title of one of them"), "/cases/", rename(newest)),
        ]
        with (
            serving("site", copy.settings(kept_bytes=0), copy.processes()) as site,
            serving("flask", copy.settings()) as flask,
        ):
            for number in range(rounds + 1):
                for one, path, change in asked:
                    ours, limit = _cpu(site, path, change), _cpu(flask, "/twenty")
                    if number:  # the first is to warm up
                        one.ours.append(ours)
                        one.limit.append(limit)
    return [one for one, _path, _change in asked]


def _cpu(server: Server, path: str, change: Callable[[], None] | None = None) -> float:
    """CPU milliseconds of one answer, 0 where the system does not tell. Raises SystemExit for one that is none."""
    connection, used = http.client.HTTPConnection(server.host, server.port, timeout=60), 0.0
    began = server.cpu() or 0
    for _ in range(TURNS):
        if change:
            before = server.cpu() or 0
            change()
            db.session.remove()
            used -= (server.cpu() or 0) - before  # of the database
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise SystemExit(f"{path} answers {answer.status}.")
    connection.close()
    return 1000 * (used + (server.cpu() or 0) - began) / TURNS


def figures(found: Sequence[Changed]) -> list[Mapping[str, Any]]:
    """All of it, as JSON holds it."""
    return [asdict(one) | {"ratio": one.ratio} for one in found]


def show(found: Sequence[Changed], console: Console) -> None:
    """As a table."""
    table = Table(title="Made after a change: beside a Flask view with one SELECT and twenty comments")
    for heading in ("Page", "After", "CPU ms", "limit CPU", "CPU ratio"):
        table.add_column(heading, justify="left" if heading in ("Page", "After") else "right")
    for one in found:
        table.add_row(
            one.page, one.change, f"{median(one.ours):.2f}", f"{median(one.limit):.2f}", f"{one.ratio:.2f}"
        )
    console.print(table)
