"""What has changed, told by the database itself, so that whoever keeps something in memory knows when it is old.

Triggers write the names of what changed into the table `change`, in the transaction that changes it and whoever it
is that writes: another process, a console, a script. Names are numbered in the order of commits: who has seen number
n has seen everything up to n. `Watch` follows the numbers; a query notes what it reads (`note`).

Which table raises which names stands in `forum/pages.py`.
"""

from __future__ import annotations

import mmap
import os
import sys
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from threading import Lock
from typing import Any, NamedTuple, Protocol, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import URL, BigInteger, Connection, Engine, String, event, make_url, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from forum.core.db import Model, db, sqlite_module

# Any number that nobody else locks in PostgreSQL by.
LOCK = 20_261_122
# More names than this are not remembered one by one: everything that was kept is then old.
MOST_NAMES = 50_000
POSTGRES_RAISE = f"""
    CREATE OR REPLACE FUNCTION raise_change(what text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
        -- Once in a transaction is enough; each of many rows would pass by all that the others have raised.
        IF what IS NOT NULL AND NOT EXISTS (
            SELECT FROM change WHERE name = what AND xmin = pg_current_xact_id()::xid
        ) THEN
            PERFORM pg_advisory_xact_lock({LOCK});
            INSERT INTO change (name, number) VALUES (what, nextval('change_number'))
            ON CONFLICT (name) DO UPDATE SET number = excluded.number;
        END IF;
    END $$"""  # noqa: S608  # a number of ours
LAST = "SELECT coalesce(max(number), 0) FROM change"


class Change(Model):
    """The last change of the thing of this name."""

    __tablename__ = "change"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, index=True)


# --- What triggers raise


@dataclass(frozen=True)
class Raises:
    """A name that a change of a row raises: `prefix`, followed by what the SQL expression `of` gives for the `{row}`.

    Insertions and deletions always raise it; an update where one of `columns` becomes another, or any update where
    none are named.
    """

    prefix: str
    of: str = ""
    columns: Sequence[str] = ()

    def name(self, row: str) -> str:
        """The SQL expression of the whole name; NULL raises nothing."""
        value = self.of.format(row=row)
        return f"'{self.prefix}' || {value}" if value else f"'{self.prefix}'"


Table = Mapping[str, Sequence[Raises]]


def install_triggers(tables: Table) -> None:
    """Make the database tell of changes as `tables` (table -> what its rows raise) says, instead of as before."""
    statements = {"sqlite": _sqlite, "postgresql": _postgres}[db.engine.dialect.name]
    with db.engine.begin() as connection:
        for statement in statements(connection, tables):
            connection.exec_driver_sql(statement)


def _sqlite(connection: Connection, tables: Table) -> Iterator[str]:
    known = text(
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'changed!_%' ESCAPE '!'"
    )
    yield from [f"DROP TRIGGER {name}" for name in connection.scalars(known)]
    for table, raised in tables.items():
        for number, each in enumerate(raised):
            changed = " OR ".join(f"old.{column} IS NOT new.{column}" for column in each.columns)
            when = f"WHEN {changed}" if changed else ""
            of = f"OF {', '.join(each.columns)}" if changed else ""
            for what, condition, rows in (
                ("INSERT", "", ("new",)),
                ("DELETE", "", ("old",)),
                (f"UPDATE {of}", when, ("new", "old") if each.of else ("new",)),
            ):
                body = "".join(_sqlite_raise(each.name(row)) for row in rows)
                name = f"changed_{table}_{number}_{what[:6].lower()}"
                yield f"CREATE TRIGGER {name} AFTER {what} ON {table} {condition} BEGIN {body} END"


def _sqlite_raise(name: str) -> str:
    return (  # from our own table of names
        f"INSERT INTO change (name, number) SELECT {name}, (SELECT coalesce(max(number), 0) + 1 FROM change) "  # noqa: S608
        f"WHERE {name} IS NOT NULL ON CONFLICT (name) DO UPDATE SET number = excluded.number; "
    )


def _postgres(connection: Connection, tables: Table) -> Iterator[str]:
    """The triggers run at the commit, when no other lock is waited for any more: one writer after another is
    numbered, and is seen by the others before the next one is."""
    known = text("SELECT proname FROM pg_proc WHERE proname LIKE 'changed!_%' ESCAPE '!'")
    yield from [f"DROP FUNCTION {name} CASCADE" for name in connection.scalars(known)]
    yield POSTGRES_RAISE
    for table, raised in tables.items():
        yield (
            f"CREATE FUNCTION changed_{table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"{''.join(map(_postgres_raise, raised))} RETURN NULL; END $$"
        )
        yield (
            f"CREATE CONSTRAINT TRIGGER changed_{table} AFTER INSERT OR UPDATE OR DELETE ON {table} "
            f"DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION changed_{table}()"
        )


def _postgres_raise(each: Raises) -> str:
    # As text: JSON has no equality.
    changed = " OR ".join(
        f"old.{column}::text IS DISTINCT FROM new.{column}::text" for column in each.columns
    )
    new, old = (f"PERFORM raise_change({each.name(row)});" for row in ("new", "old"))
    both = f"{new} IF {each.name('old')} IS DISTINCT FROM {each.name('new')} THEN {old} END IF;"
    return (
        f"IF TG_OP = 'INSERT' THEN {new} ELSIF TG_OP = 'DELETE' THEN {old} "
        f"ELSIF {changed or 'true'} THEN {both} END IF; "
    )


# --- What a request reads


_noted: ContextVar[set[str] | None] = ContextVar("noted", default=None)


def note(*names: str) -> None:
    """Say that what is being made depends on these names, if anybody wants to know."""
    noted = _noted.get()
    if noted is not None:
        noted.update(names)


def note_posts(ids: Iterable[int]) -> None:
    """Say that what is being made shows these posts, and what is told of them elsewhere: how many comments, say."""
    noted = _noted.get()
    if noted is not None:
        for id_ in ids:
            noted.update((f"post:{id_}", f"talk:{id_}"))


@contextmanager
def noting() -> Iterator[set[str]]:
    """The names that are noted meanwhile."""
    names: set[str] = set()
    token = _noted.set(names)
    try:
        yield names
    finally:
        _noted.reset(token)


# --- What is made once, until something changes


T = TypeVar("T")
# So many made values are remembered of each database.
MOST_VALUES = 500


class _Made(NamedTuple):
    value: Any
    names: frozenset[str]
    born: int


def kept(key: Hashable, make: Callable[[], T]) -> T:
    """What `make` gives: made once, as long as nothing changes that it notes. `key` says what else it depends on.

    The value is shared by threads and pages, so it is not to be changed, nor may it hold objects of a session. While
    writing, and where nobody watches the database, it is made each time.
    """
    watch = WATCHES.get(db.engine)
    number = None if watch is None else _as_of(watch)
    if watch is None or number is None:
        return make()
    made = watch.made.get(key)
    if made is not None and not watch.raised_since(made.born, made.names):
        value: T = made.value
        note(*made.names)
        return value
    with noting() as names:
        value = make()
    if len(watch.made) >= MOST_VALUES:
        watch.made.clear()
    watch.made[key] = _Made(value, frozenset(names), number)
    note(*names)
    return value


def _as_of(watch: Watch) -> int | None:
    """The number of a change that all statements of this transaction see; None while writing."""
    session = db.session()
    if session.info.get("writing"):
        return None
    if not session.in_transaction():
        session.connection()
    if "as_of" not in session.info and session.connection().dialect.name != "sqlite":
        session.info["as_of"] = watch.look()
    number: int | None = session.info.get("as_of")
    return number


@event.listens_for(db.session, "after_begin")
def _note_beginning(session: Session, _transaction: object, connection: Connection) -> None:
    """SQLite shows a transaction what was there at its first statement: what is later must not be taken for seen."""
    session.info.pop("as_of", None)
    watch = WATCHES.get(connection.engine)
    if watch is not None and connection.dialect.name == "sqlite":
        with suppress(Exception):  # whatever the driver raises, the statements will say it better
            session.info["as_of"] = watch.look()


# --- What has changed


class _Source(Protocol):
    """Where changes are told. One for each process; calls come one at a time."""

    def last(self) -> int:
        """The number of the last change."""

    def newer(self, number: int) -> Sequence[tuple[str, int]]:
        """(name, number) of what changed after `number`, everything committed before this call included."""

    def close(self) -> None:
        """Let go of the connection."""


# The first bytes of a WAL index, which every commit changes; and the version of its format.
# https://www.sqlite.org/walformat.html, section 2.1
HEADER, FORMAT = 48, (3007000).to_bytes(4, sys.byteorder)


class _Sqlite:
    """A connection that only looks, when the head of SQLite's own index of its log says that somebody has committed.

    `PRAGMA data_version` tells as much, but lets go of the interpreter's lock four times, and a server with several
    threads then spends longer on taking turns than on the answer.
    """

    def __init__(self, url: URL) -> None:
        self._connection = sqlite_module().connect(
            url.database or "", isolation_level=None, check_same_thread=False
        )
        self._index: mmap.mmap | None = None
        self._state: object = None
        self.last()  # makes the index, where there is none yet
        try:
            # Closed with this object and not before: closing any descriptor of a file lets go of this process's locks
            # on it, SQLite's too.
            self._file = os.open(f"{url.database}-shm", os.O_RDONLY)
            self._index = mmap.mmap(self._file, HEADER, prot=mmap.PROT_READ)
        except (OSError, ValueError, AttributeError):  # no log, or no such files on this system
            return
        if self._index[:4] != FORMAT:
            self._index = None

    def last(self) -> int:
        return int(self._connection.execute(LAST).fetchone()[0])

    def newer(self, number: int) -> Sequence[tuple[str, int]]:
        execute = self._connection.execute
        index = self._index
        state = index[:HEADER] if index else execute("PRAGMA data_version").fetchone()[0]
        if state == self._state:
            return ()
        rows: Sequence[tuple[str, int]] = execute(
            "SELECT name, number FROM change WHERE number > ?", (number,)
        ).fetchall()
        self._state = state
        return rows

    def close(self) -> None:
        self._connection.close()
        if self._index is not None:
            self._index.close()
            os.close(self._file)


class _Postgres:
    """A connection of its own, on which one prepared statement is asked again and again."""

    def __init__(self, url: URL) -> None:
        import psycopg

        plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._connection = psycopg.connect(plain, autocommit=True, prepare_threshold=0)
        self._cursor = self._connection.cursor()

    def last(self) -> int:
        row = self._cursor.execute(LAST).fetchone()
        return int(row[0]) if row else 0

    def newer(self, number: int) -> Sequence[tuple[str, int]]:
        self._cursor.execute("SELECT name, number FROM change WHERE number > %s", (number,))
        return self._cursor.fetchall()

    def close(self) -> None:
        self._connection.close()


# The watch on each database that somebody watches.
WATCHES: WeakKeyDictionary[Engine, Watch] = WeakKeyDictionary()


def last_change() -> int | None:
    """The number of the last change of the current application's database; None where nobody watches it."""
    watch = WATCHES.get(db.engine)
    return watch.look() if watch else None


class Watch:
    """What has changed since this process began to look. For any number of threads."""

    def __init__(self, database_url: str) -> None:
        self._url = make_url(database_url)
        self._lock = Lock()
        self._source: _Source | None = None
        self._process = 0
        self._asked = 0
        self._raised: dict[str, int] = {}
        self.made: dict[Hashable, _Made] = {}
        # Everything numbered up to here is known; before `_since`, nothing is remembered.
        self._number = self._since = 0

    def look(self) -> int:
        """The number of the last change that was committed, before now, by anybody. Raises what the driver raises."""
        before = self._asked
        with self._lock:
            # Where somebody began to ask after we came, while we waited for our turn, their answer is ours too.
            if self._asked == before or self._source is None:
                self._ask()
            return self._number

    def raised_since(self, number: int, names: Iterable[str]) -> bool:
        """Whether one of these names was raised after `number`, as far as `look` has seen."""
        raised = self._raised
        return number < self._since or any(raised.get(name, 0) > number for name in names)

    def close(self) -> None:
        """Let go of the database."""
        with self._lock:
            if self._source is not None and self._process == os.getpid():
                self._source.close()
            self._source = None

    def _ask(self) -> None:
        self._asked += 1
        source = self._source
        if source is None or self._process != os.getpid():  # what is forked shares no connection
            source = self._open()
        try:
            newer = source.newer(self._number)
        except Exception:
            self._source = None
            with suppress(Exception):
                source.close()
            raise
        if newer:
            if len(self._raised) > MOST_NAMES:
                self._raised, self._since = {}, self._number
            self._raised.update(newer)
            self._number = max(number for _name, number in newer)

    def _open(self) -> _Source:
        source: _Source = (_Postgres if self._url.get_backend_name() == "postgresql" else _Sqlite)(self._url)
        self._number = self._since = source.last()
        self._raised = {}
        self._source, self._process = source, os.getpid()
        return source
