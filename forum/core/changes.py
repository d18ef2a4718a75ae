"""What has changed, told by the database itself, so that whoever keeps something in memory knows when it is old.

Triggers write the names of what changed into the table `change`, in the transaction that changes it and whoever it
is that writes: another process, a console, a script. Names are numbered in the order of commits: who has seen number
n has seen everything up to n. `Watch` follows the numbers; a query notes what it reads (`note`).

Which table raises which names stands in `forum/pages.py`; how a trigger does it, in `core/triggers.py`.
"""

from __future__ import annotations

import mmap
import os
import sys
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from threading import Lock
from typing import Any, NamedTuple, Protocol, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import URL, BigInteger, Connection, Engine, String, event, make_url
from sqlalchemy.orm import Mapped, Session, mapped_column

from forum.core.db import Model, db, sqlite_module

# More names than this are not remembered one by one: everything that was kept is then old.
MOST_NAMES = 50_000
LAST = "SELECT coalesce(max(number), 0) FROM change"


class Change(Model):
    """The last change of the thing of this name."""

    __tablename__ = "change"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, index=True)


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
    if watch is None or not _looked(watch):
        return make()
    made = watch.made.get(key)
    if made is not None and not watch.raised_since(made.born, made.names):
        value: T = made.value
        note(*made.names)
        return value
    number = _as_of(watch)
    with noting() as names:
        value = make()
    if number is not None:
        watch.remember(key, _Made(value, frozenset(names), number))
    note(*names)
    return value


def _looked(watch: Watch) -> bool:
    """Whether it is known what has changed until now, or until the transaction began; never while writing."""
    session = db.session()
    if session.get_bind().dialect.name == "sqlite" and not session.in_transaction():
        # A look costs next to nothing there, and where all is remembered no transaction need begin.
        with suppress(Exception):  # whatever the driver raises, the statements will say it better
            watch.look()
            return True
    return _as_of(watch) is not None


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
        self._remembering = Lock()
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

    def remember(self, key: Hashable, made: _Made) -> None:
        """Have this in `made`; what has been there longest makes room."""
        with self._remembering:
            self.made.pop(key, None)
            while self.made and len(self.made) >= MOST_VALUES:
                del self.made[next(iter(self.made))]
            self.made[key] = made

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
