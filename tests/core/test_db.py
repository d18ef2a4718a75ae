"""Writing to the database, from many sides at once."""

import multiprocessing
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import StatementError

from forum.app import create_app
from forum.config import Settings
from forum.core import jobs
from forum.core.db import add_mathematics, db, refresh_statistics, sqlite_is_at_risk, sqlite_module, write
from forum.core.limits import Attempts
from forum.topics.models import Service

WRITERS = 8
EACH = 25


def _count_up(data: object, url: str, writer: int) -> int:
    """One process: read a counter and write it back, again and again. Returns how many were acknowledged."""
    app = create_app(Settings(data=data, database_url=url, mode="test"))  # type: ignore[arg-type]
    acknowledged = 0
    with app.app_context():
        for n in range(EACH):
            with write() as session:
                counter = session.scalars(
                    select(Attempts).where(Attempts.key == "shared").with_for_update()
                ).one()
                counter.tries += 1
                session.add(Attempts(key=f"{writer}:{n}", tries=1, ends_at=datetime(2099, 1, 1, tzinfo=UTC)))
            acknowledged += 1
        db.engine.dispose()
    return acknowledged


def test_eight_processes_writing_at_once_lose_nothing_and_see_no_lock(app: Flask) -> None:
    settings: Settings = app.extensions["interlocal"]
    with app.app_context(), write() as session:
        session.add(Attempts(key="shared", tries=0, ends_at=datetime(2099, 1, 1, tzinfo=UTC)))
    context = multiprocessing.get_context("spawn")
    with context.Pool(WRITERS) as pool:
        done = pool.starmap(_count_up, [(settings.data, settings.database_url, n) for n in range(WRITERS)])
    assert sum(done) == WRITERS * EACH
    with app.app_context():
        assert db.session.get_one(Attempts, "shared").tries == WRITERS * EACH
        keys = db.session.scalars(select(Attempts.key).where(Attempts.key != "shared")).all()
        assert len(set(keys)) == WRITERS * EACH


def test_a_reader_is_not_held_up_by_a_writer(app: Flask) -> None:
    def read() -> float:
        with app.app_context():
            started = time.monotonic()
            db.session.scalars(select(Service.slug)).all()
            return time.monotonic() - started

    with app.app_context(), write() as session, ThreadPoolExecutor(1) as pool:
        session.add(Service(slug="held", name="Held"))
        session.flush()
        # Were it held up, it would wait for the busy timeout of ten seconds.
        assert pool.submit(read).result() < 5


def test_a_failed_write_leaves_nothing_behind(app: Flask) -> None:
    def fail_half_way() -> None:
        with write() as session:
            session.add(Service(slug="gone", name="Gone"))
            session.flush()
            raise RuntimeError("half-way")

    with app.app_context():
        with pytest.raises(RuntimeError):
            fail_half_way()
        assert db.session.scalars(select(Service.slug)).all() == []
        with write() as session:
            session.add(Service(slug="kept", name="Kept"))
        assert db.session.scalars(select(Service.slug)).all() == ["kept"]


def test_a_write_inside_another_commits_or_fails_with_it(app: Flask) -> None:
    def add(slug: str) -> None:
        with write() as session:
            session.add(Service(slug=slug, name=slug))

    def fail_after_the_inner_one() -> None:
        with write():
            add("one")
            raise RuntimeError("after the inner one ended")

    with app.app_context():
        with pytest.raises(RuntimeError):
            fail_after_the_inner_one()
        assert db.session.scalars(select(Service.slug)).all() == []


def test_what_was_read_before_a_write_is_read_afresh_in_it(app: Flask) -> None:
    with app.app_context():
        with write() as session:
            session.add(Service(slug="a", name="Before"))
        seen = db.session.scalars(select(Service)).one()
        assert seen.name == "Before"
        with db.engine.connect() as elsewhere, elsewhere.begin():
            elsewhere.execution_options(sqlite_begin="IMMEDIATE")
            elsewhere.execute(update(Service).values(name="After"))
        with write():
            assert seen.name == "After"


def test_a_moment_comes_back_aware_and_a_naive_one_is_refused(app: Flask) -> None:
    with app.app_context():
        noon = datetime(2026, 5, 4, 12, tzinfo=UTC)
        with write() as session:
            session.add(Attempts(key="k", tries=1, ends_at=noon))
        db.session.expire_all()
        assert db.session.get_one(Attempts, "k").ends_at == noon
        with pytest.raises(StatementError), write() as session:
            session.add(Attempts(key="n", tries=1, ends_at=datetime(2026, 5, 4, 12)))  # noqa: DTZ001


@pytest.mark.sqlite
def test_sqlite_keeps_a_log_and_checks_foreign_keys(app: Flask) -> None:
    with app.app_context(), db.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one() >= 5000


@pytest.mark.sqlite
def test_what_is_in_the_log_is_brought_into_the_file_by_who_has_nothing_else_to_do(app: Flask) -> None:
    with app.app_context():
        with write() as session:
            session.add(Service(slug="a", name="Fire"))
        jobs.rest()
        with db.engine.connect() as connection:
            busy, logged, tidied = connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)").one()
        assert (busy, logged) == (0, tidied)
        database = Path(db.engine.url.database or "")
        with closing(sqlite_module().connect(f"file:{database}?immutable=1", uri=True)) as without_log:
            assert without_log.execute("SELECT slug FROM service").fetchall() == [("a",)]


@pytest.mark.sqlite
def test_an_sqlite_without_mathematics_is_given_some(app: Flask) -> None:
    sums = "ln(10), sqrt(2), sin(1), cos(1), asin(0.5), radians(180), ln(NULL)"
    bare = sqlite_module().connect(":memory:")
    add_mathematics(bare)
    with app.app_context(), db.engine.connect() as connection:
        (native,) = connection.exec_driver_sql(f"SELECT {sums}")
    assert bare.execute(f"SELECT {sums}").fetchone() == pytest.approx(tuple(native))
    bare.close()


def test_the_versions_of_sqlite_that_can_lose_a_commit_are_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for version, at_risk in {
        "3.40.1": True,
        "3.44.5": True,
        "3.44.6": False,
        "3.50.6": True,
        "3.50.7": False,
        "3.51.2": True,
        "3.51.3": False,
        "3.53.4": False,
    }.items():
        monkeypatch.setattr(sqlite_module(), "sqlite_version", version)
        assert sqlite_is_at_risk() is at_risk, version


def test_the_planner_learns_how_the_rows_lie(app: Flask) -> None:
    with app.app_context():
        with write() as session:
            session.add_all(Service(slug=f"s{n}", name="x") for n in range(200))
        refresh_statistics()
        if db.engine.dialect.name == "sqlite":
            with db.engine.connect() as connection:
                assert connection.exec_driver_sql("SELECT count(*) FROM sqlite_stat1").scalar_one() > 0
