"""Filled databases, kept under .build/ from run to run until what fills them changes."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from sqlite3 import connect

import psycopg
from flask import Flask
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from sqlalchemy import create_engine, make_url, text

from forum.app import create_app, migrate
from forum.config import Settings
from forum.core.db import db, engine_options, refresh_statistics
from forum.search.actions import index
from tests.bench.fill import Size, fill
from tests.bench.multiply import multiply
from tests.support.databases import postgres_server

ROOT = Path(__file__).parents[2]
BUILD = ROOT / ".build"
# The scale of what actions make; what is larger is made of copies of it.
TEMPLATE = 0.1
# What decides what a filled database holds: all but what only reads. Pages may change between two runs.
MAKES_DATA = (
    "forum/**/*.py",
    "forum/content/starter/domains.json",
    "forum/places/data/*.gz",
    "migrations/versions/*.py",
    "tests/bench/fill.py",
    "tests/bench/lexicon.py",
    "tests/bench/multiply.py",
    "tests/bench/texts.py",
)
ONLY_READS = {"web", "views", "views.py", "queries", "queries.py", "cli.py"}


@dataclass(frozen=True)
class Filled:
    """A filled database. `rates`: kind of thing -> how many were made a second, when it was filled."""

    url: str
    data: Path
    rates: Mapping[str, float]

    def settings(self, **override: object) -> Settings:
        """Those of a site in production on it; nobody does what waits to be done, unless told to."""
        values: dict[str, object] = {"data": self.data, "database_url": self.url, "worker": False}
        values["secret_key"] = "kept by nobody, known to all"
        return Settings(**values | override)  # type: ignore[arg-type]  # one dict of mixed types

    def processes(self) -> tuple[int, ...]:
        """The process above all those of a PostgreSQL on this machine; nothing for SQLite, which has none."""
        with self.application():
            if db.engine.dialect.name == "sqlite":
                return ()
            ours = Path("/proc", str(db.session.scalar(text("SELECT pg_backend_pid()"))))
            if not ours.exists() or not (ours / "comm").read_text().startswith("postgres"):
                return ()
            return (int((ours / "stat").read_text().rpartition(")")[2].split()[1]),)

    @contextmanager
    def application(self, **override: object) -> Iterator[Flask]:
        """An application on it, in its context; with other settings than the usual ones."""
        app = create_app(self.settings(**override))
        with app.app_context():
            yield app
            db.session.remove()
            db.engine.dispose()


@contextmanager
def filled(scale: float, engine: str, url: str, console: Console) -> Iterator[Filled]:
    """A database of this scale: on `engine` ("sqlite", "postgres"), or at `url`, empty or filled by us before."""
    name = f"bench-{scale:g}-{hashlib.sha256(url.encode()).hexdigest()[:8] if url else engine}"
    folder = BUILD / f"{name}-{_fingerprint()}"
    done = folder / "filled.json"
    if not done.exists():
        for old in BUILD.glob(f"{name}-*"):
            shutil.rmtree(old)
        folder.mkdir(parents=True)
    with _address(folder, engine, url) as address:
        database = Filled(address, folder, json.loads(done.read_text()) if done.exists() else {})
        if not database.rates:
            copies = round(scale / TEMPLATE)
            if copies > 1:
                with filled(TEMPLATE, "sqlite", "", console) as template:
                    rates = _multiply(template, database, copies, console)
            else:
                rates = _fill(database, Size.scaled(scale), console)
            database = Filled(address, folder, rates)
            done.write_text(json.dumps(rates))
        yield database


@contextmanager
def copied(database: Filled) -> Iterator[Filled]:
    """The same database again, gone at the end: for what changes it."""
    url = make_url(database.url)
    with tempfile.TemporaryDirectory() as folder:
        if url.get_backend_name() == "sqlite":
            path = Path(folder, "copy.db")
            with closing(connect(url.database or "")) as original, closing(connect(path)) as copy:
                original.backup(copy)
            yield replace(database, url=f"sqlite:///{path}", data=Path(folder))
            return
        address = url.set(drivername="postgresql")
        administration = address.set(database="postgres").render_as_string(hide_password=False)
        name = f"{url.database}_copy"
        with psycopg.connect(administration, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{url.database}" STRATEGY file_copy')
        try:
            copied = url.set(database=name).render_as_string(hide_password=False)
            yield replace(database, url=copied, data=Path(folder))
        finally:
            with psycopg.connect(administration, autocommit=True) as connection:
                connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def _address(folder: Path, engine: str, url: str) -> Iterator[str]:
    if url or engine == "sqlite":
        yield url or f"sqlite:///{folder / 'interlocal.db'}"
    else:
        with postgres_server(folder) as server:
            yield server


def _fill(database: Filled, size: Size, console: Console) -> dict[str, float]:
    with database.application(), _progress(console) as progress:
        rates = fill(size, progress)
        _settle()
    return rates


def _multiply(template: Filled, database: Filled, copies: int, console: Console) -> dict[str, float]:
    source = create_engine(template.url, **engine_options(template.url))
    with database.application(), _progress(console) as progress:
        migrate()
        multiply(source, copies, progress)
        _settle()
    source.dispose()
    return dict(template.rates)


def _progress(console: Console) -> Progress:
    columns = TextColumn("{task.description:<22}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    return Progress(*columns, TimeRemainingColumn(), console=console)


def _settle() -> None:
    """What servers do by themselves in the hours after."""
    refresh_statistics()
    while not index.tidy():
        pass
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for path in sorted(path for pattern in MAKES_DATA for path in ROOT.glob(pattern)):
        if ONLY_READS.isdisjoint(path.relative_to(ROOT).parts):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:10]
