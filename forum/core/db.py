"""The database: one base class, one way to write, the same on SQLite and PostgreSQL."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import flask_sqlalchemy.model
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    DateTime,
    Dialect,
    Engine,
    MetaData,
    Table,
    TypeDecorator,
    event,
    inspect,
    select,
)
from sqlalchemy.orm import DeclarativeBase, Session, registry

# Named by rule, so that a migration can drop what it did not name and both engines agree.
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
# A writer waits this long for another one before the person is asked to try again. Milliseconds.
BUSY_TIMEOUT = 10_000
# When the log of SQLite has so many pages (16 MB), whoever writes brings them into the file. A comment takes thirty:
# with SQLite's own 1,000, three of a hundred would wait for it. Mostly a worker has done it before.
LOG_PAGES = 4_000


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, stored in UTC. SQLite forgets the zone of what it stores: it is put back here."""

    impl = DateTime(timezone=True)
    cache_ok = True
    # Else it is `object`: whoever reads a moment out of an address asks for this.
    python_type = datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive moment: it would mean something else on each engine."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back what was stored, aware."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Every table's base. The type map stands on the registry: on the class Flask-SQLAlchemy refuses it."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMES), type_annotation_map={datetime: UtcDateTime()}
    )


# Objects stay readable after a commit: a view redirects to what it has just saved without reading it again.
db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})

if TYPE_CHECKING:

    class Model(Base, flask_sqlalchemy.model.Model):
        """What a table inherits, spelled so that a type checker can read it."""

        __abstract__ = True

        def __init__(self, **values: object) -> None: ...
else:
    Model = db.Model


def sqlite_module() -> ModuleType:
    """The newest SQLite at hand: the wheel's, or else the standard library's."""
    try:
        import pysqlite3.dbapi2 as newer
    except ImportError:
        return sqlite3
    module: ModuleType = newer
    return module


def sqlite_is_at_risk() -> bool:
    """Whether this SQLite has the WAL-reset race (3.7.0 to 3.51.2; mended in 3.44.6 and 3.50.7 too)."""
    version = tuple(int(part) for part in sqlite_module().sqlite_version.split("."))
    mended = next((m for m in ((3, 44, 6), (3, 50, 7)) if version[:2] == m[:2]), (3, 51, 3))
    return version < mended


def add_mathematics(connection: Any) -> None:
    """Give a connection the functions that PostgreSQL has, for an SQLite that was built without them."""

    def of_known(function: Callable[[float], float]) -> Callable[[float | None], float | None]:
        return lambda value: None if value is None else function(value)

    for name, function in (
        ("ln", math.log),
        ("sqrt", math.sqrt),
        ("sin", math.sin),
        ("cos", math.cos),
        ("asin", math.asin),
        ("radians", math.radians),
    ):
        connection.create_function(name, 1, of_known(function), deterministic=True)


def engine_options(url: str) -> dict[str, Any]:
    """What SQLAlchemy's engine needs for this address."""
    # The connection that was used last: it has statements and pages of the file at hand, the others need none.
    pool: dict[str, Any] = {"pool_use_lifo": True}
    if url.startswith("sqlite"):
        return pool | {"module": sqlite_module(), "pool_size": 16, "max_overflow": 16}
    return pool | {"pool_pre_ping": True, "pool_size": 8, "max_overflow": 8}


def prepare_engine(engine: Engine) -> None:
    """Make SQLite keep its promises: WAL, foreign keys, and transactions that we begin ourselves."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_TIMEOUT}",
            f"wal_autocheckpoint={LOG_PAGES}",
        ):
            connection.execute(f"PRAGMA {pragma}")
        try:
            connection.execute("SELECT ln(1)")
        except sqlite_module().OperationalError:
            add_mathematics(connection)

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        # A writer takes the lock before it reads. Beginning deferred and writing later loses four of five
        # such transactions to "database is locked" at once, whatever the busy timeout.
        how = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
        # Past SQLAlchemy, which would take ten times as long.
        connection.connection.driver_connection.execute(f"BEGIN {how}")


@contextmanager
def write() -> Iterator[Session]:
    """A write transaction: commits at the end, rolls back on any error. Inside another it joins that one.

    It ends the read that was going on, so objects loaded before are read afresh under the lock. Render
    Markdown and hash passwords before entering: SQLite lets one writer in at a time.
    """
    session = db.session()
    if session.info.get("writing"):
        yield session
        return
    session.rollback()
    # Said, since a rollback expires nothing when no transaction is open, and a counter would be written stale.
    session.expire_all()
    with _turn(db.engine):
        session.info["writing"] = session.connection(execution_options={"sqlite_begin": "IMMEDIATE"})
        session.info["wrote"] = True
        try:
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            session.info.pop("writing", None)


_turns: WeakKeyDictionary[Engine, Lock] = WeakKeyDictionary()


@contextmanager
def _turn(engine: Engine) -> Iterator[None]:
    """The threads of this process write to SQLite in turns.

    It has one writer at a time, and others look again after a sleep, up to a tenth of a second: eight of them would
    wait for a second now and then. Who waits too long here goes on, and hears from SQLite.
    """
    if engine.dialect.name != "sqlite":
        yield
        return
    lock = _turns.setdefault(engine, Lock())
    ours = lock.acquire(timeout=BUSY_TIMEOUT / 1000)
    try:
        yield
    finally:
        if ours:
            lock.release()


def lock(item: Base) -> None:
    """Hold this row until the write ends, and read it afresh. Call it before changing the item.

    SQLite has one writer at a time anyway; on PostgreSQL two who change the same row take turns.
    """
    table = inspect(type(item)).base_mapper.local_table
    key = zip(table.primary_key, inspect(item).identity or (), strict=True)
    # Apart from reading it: a refresh joins whatever the item was loaded with, and an outer join cannot be held.
    db.session.execute(
        select(*table.primary_key).where(*(column == value for column, value in key)).with_for_update()
    )
    db.session.refresh(item)


def table_of(model: type[Base]) -> Table:
    """The table of a model."""
    table = inspect(model).local_table
    if not isinstance(table, Table):
        raise TypeError(f"{model} has no table of its own")
    return table


def refresh_statistics() -> None:
    """Let SQLite look at how the rows lie, so that it picks the right index; PostgreSQL does so by itself.

    For after much was written, and for when a server starts. It reads a sample: milliseconds.
    """
    if db.engine.dialect.name == "sqlite":
        with db.engine.connect().execution_options(sqlite_begin="IMMEDIATE") as connection:
            connection.exec_driver_sql("PRAGMA optimize=0x10002")
            connection.commit()


def tidy_log() -> None:
    """Bring what SQLite has in its log into the file, as far as nobody reads it, so that no request has to."""
    if db.engine.dialect.name == "sqlite":
        connection = db.engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)")
        finally:
            connection.close()


class MigrationFault(Exception):
    """The database could not be brought to the revision that was asked for; the message says why."""


def upgrade(migrations: Path, revision: str = "head") -> None:
    """Bring the current application's database to `revision`. Needs an application context. Raises MigrationFault."""
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    going_down = revision == "base" or revision.startswith("-")
    try:
        (command.downgrade if going_down else command.upgrade)(config, revision)
    except CommandError as error:
        raise MigrationFault(str(error)) from error


def is_current(migrations: Path) -> bool:
    """Whether the current application's database has every migration. Needs an application context.

    Told by the names of the files, which begin with their revisions: a server needs nothing else of Alembic, which
    would take a third of a second of its start, and 12 MB.
    """
    newest = max(path.name.partition("_")[0] for path in (migrations / "versions").glob("[0-9]*.py"))
    with db.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        there = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all()
    return there == [newest]
