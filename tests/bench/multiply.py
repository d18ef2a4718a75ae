"""A large database out of a small one that actions made: every row of it again and again, in other words.

Rendering and judging 220,000 texts takes an hour, copying them minutes. The copies are what actions would have made,
ids, counters, stamps, the catalogue, the index and its triggers: a test makes each anew by the means of actions, and
compares. Copy follows copy in time, and each has people, threads and texts of its own, so that lists and months are as
in a site that grew.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from rich.progress import Progress
from sqlalchemy import JSON, String, Table, delete, func, insert, select, text
from sqlalchemy.engine import Engine
from sqlalchemy.sql.schema import Column

from forum.comments.models import SEGMENT
from forum.core.db import UtcDateTime, db, write
from forum.core.stamps import Stamp
from forum.search.models import POST_KINDS, SEAM, Entry, Mark, Word
from tests.bench.fill import BEGIN, END
from tests.bench.lexicon import WORD, Rewording

Row = dict[str, Any]
# What is multiplied, with all tables that refer to it.
ROOTS = ("person", "post")
# What triggers write, what waits to be done, what is counted anew.
LEFT_OUT = {"change", "job", "attempts", "worker_seen", "posted", "stamp", "search_word"}
ENTRIES = Entry.__table__
CATALOGUE = "catalogue"
# Marks of the index that tell who and when.
MOVED = re.compile(rf"(?<= )(?:{Mark.AUTHOR}|{Mark.YEAR}|{Mark.MONTH})\S+")
# Rows in one statement.
CHUNK = 1000


def multiply(template: Engine, copies: int, progress: Progress) -> None:
    """Fill the current application's database, which has its tables, with so many copies of what `template` holds."""
    tables = [table for table in db.metadata.sorted_tables if table.name not in LEFT_OUT]
    many = _multiplied(tables)
    with template.connect() as source:
        rows: dict[Table, Sequence[Row]] = {
            table: [dict(row._mapping) for row in source.execute(select(table).order_by(*table.primary_key))]
            for table in tables
        }
        stamps = {row.name: row.value for row in source.execute(select(Stamp.name, Stamp.value))}
        words = set(source.scalars(select(Word.word)))
    offsets = {table.name: _offset(table, rows[table]) for table in many} | {"seq": stamps[CATALOGUE]}
    with write() as session:
        for table in reversed(tables):
            session.execute(delete(table))
        for table in tables:
            if table not in many:
                _insert(table, iter(rows[table]))
    task = progress.add_task("Copies", total=copies)
    for number in range(copies):
        copy = Copy(number, copies, offsets, words)
        with write() as session:
            if db.engine.dialect.name == "sqlite":
                # Each row goes into some ten indexes: 256 MB of them in memory, not the usual 2.
                session.execute(text("PRAGMA cache_size = -262144"))
            for table in tables:
                if table in many:
                    _insert(table, copy.of(table, rows[table]))
            for name, value in stamps.items():
                session.execute(delete(Stamp).where(Stamp.name == name))
                session.execute(insert(Stamp).values(name=name, value=value * (number + 1)))
        progress.advance(task)
    with write() as session:
        session.execute(delete(Word))
        _insert(
            Word.__table__, ({"id": n, "word": w, "middle": w[1:4]} for n, w in enumerate(sorted(words), 1))
        )
        _count_on(tables)


class Copy:
    """The rows of one copy. `words`: those that mistyped ones are compared with; what posts say now is added."""

    def __init__(self, number: int, copies: int, offsets: Mapping[str, int], words: set[str]) -> None:
        self.number, self.copies, self.offsets, self.words = number, copies, offsets, words
        self.reword = Rewording(number)
        # post id in the template -> when it was written, in this copy
        self.written: dict[int, datetime] = {}

    def of(self, table: Table, rows: Sequence[Row]) -> Iterator[Row]:
        """These rows of the template, as they are in this copy."""
        changes = {column.name: change for column in table.c if (change := self._change(column))}
        special = getattr(self, f"_in_{table.name}", None)
        for row in rows:
            if table is ENTRIES and row["post_id"] is None:
                if not self.number:  # services and organizations are not copied
                    yield row
                continue
            owner = _owner(table, row)
            copied = {
                name: changes[name](owner, value) if value and name in changes else value
                for name, value in row.items()
            }
            if special:
                special(row, copied)
            yield copied

    def _change(self, column: Column[Any]) -> Callable[[object, Any], Any] | None:
        """What happens to the values of a column: (owner, value) -> value."""
        if (origin := _origin(column)) in self.offsets:
            by = self.number * self.offsets[origin]
            return lambda _owner, value: value + by
        if isinstance(column.type, UtcDateTime):
            return lambda _owner, value: self.moment(value)
        if isinstance(column.type, JSON):
            return self._reworded
        if isinstance(column.type, String) and column.table.name != "person":
            return self.reword
        return None

    def _reworded(self, owner: object, value: Any) -> Any:
        match value:
            case str():
                return self.reword(owner, value)
            case list():
                return [self._reworded(owner, one) for one in value]
            case dict():
                return {key: self._reworded(owner, one) for key, one in value.items()}
        return value

    def moment(self, at: datetime) -> datetime:
        """A moment of the template in the part of the years that this copy has."""
        return BEGIN + (at - BEGIN) / self.copies + self.number * (END - BEGIN) / self.copies

    def _in_person(self, _row: Row, copied: Row) -> None:
        if self.number:
            for name in ("slug", "session_token", "email"):
                # Letters first: the digits of a slug's end may be another's already.
                copied[name] = f"x{self.number}-{copied[name]}"

    def _in_post(self, row: Row, copied: Row) -> None:
        self.written[row["id"]] = copied["created_at"]

    def _in_catalogued(self, row: Row, copied: Row) -> None:
        copied["seq"] += self.number * self.offsets["seq"]
        copied["keys"] = row["keys"] | {"newest": self.written[row["post_id"]].timestamp()}

    def _in_comment(self, row: Row, copied: Row) -> None:
        by = self.number * self.offsets["comment"]
        path = row["path"]
        ids = (int(path[at : at + SEGMENT], 16) for at in range(0, len(path), SEGMENT))
        copied["path"] = "".join(f"{id_ + by:0{SEGMENT}x}" for id_ in ids)

    def _in_search_entry(self, row: Row, copied: Row) -> None:
        said, seam, marks = copied["words"].rpartition(SEAM)
        copied["words"] = said + seam + MOVED.sub(lambda match: self._mark(match[0], copied), marks)
        if row["kind"] in POST_KINDS:
            self.words.update(WORD.findall(copied["words"]))

    def _mark(self, mark: str, copied: Row) -> str:
        if mark.startswith(Mark.AUTHOR):
            author = int(mark.removeprefix(Mark.AUTHOR))
            return f"{Mark.AUTHOR}{author + self.number * self.offsets['person']}"
        if mark.startswith(Mark.YEAR):
            return f"{Mark.YEAR}{copied['created_at']:%Y}"
        return f"{Mark.MONTH}{copied['created_at']:%Y-%m}"


def _owner(table: Table, row: Row) -> object:
    """Whose text it is: that of an answer, a comment, or else of a post with all that it is made of."""
    if table is ENTRIES:
        kind = row["kind"] if row["kind"] in ("answer", "comment") else "post"
        return kind, row[f"{kind}_id"]
    if table.name in ("answer", "comment"):
        return table.name, row["id"]
    column = next((column.name for column in table.c if _origin(column) == "post"), None)
    return "post", column and row[column]


@cache
def _origin(column: Column[Any]) -> str:
    """The table whose ids stand in a column; "" where there are none."""
    while column.foreign_keys:
        column = next(iter(column.foreign_keys)).column
    # Of several keys none is an id.
    is_id = column.primary_key and len(column.table.primary_key) == 1 and column.type.python_type is int
    return column.table.name if is_id else ""


def _multiplied(tables: Sequence[Table]) -> list[Table]:
    """The roots, and what refers to them or to what refers to them."""
    found: dict[str, Table] = {}
    for table in tables:
        referred = {key.column.table.name for key in table.foreign_keys}
        if table.name in ROOTS or referred & found.keys():
            found[table.name] = table
    return list(found.values())


def _offset(table: Table, rows: Sequence[Row]) -> int:
    """How far apart the ids of two copies are."""
    ids = [column.name for column in table.primary_key if _origin(column) == table.name]
    return max((row[name] for row in rows for name in ids), default=0)


def _insert(table: Table, rows: Iterator[Row]) -> None:
    chunk: list[Row] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            db.session.execute(insert(table), chunk)
            chunk = []
    if chunk:
        db.session.execute(insert(table), chunk)


def _count_on(tables: Sequence[Table]) -> None:
    """PostgreSQL gives out ids from sequences, which know nothing of rows that came with theirs."""
    if db.engine.dialect.name != "postgresql":
        return
    for table in (*tables, Word.__table__):
        key = table.autoincrement_column
        if key is not None and not key.foreign_keys:
            highest = select(func.coalesce(func.max(key), 1)).scalar_subquery()
            sequence = func.pg_get_serial_sequence(table.name, key.name)
            db.session.execute(select(func.setval(sequence, highest)))
