"""The SQL that an application sends: counted, and watched for writes that nobody commits."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy import Connection, Engine, event

WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")
# What opens and closes a transaction is not what a page asks for.
NOT_COUNTED = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA")


class Statements:
    """Listens to one engine for as long as it lives."""

    def __init__(self, engine: Engine) -> None:
        self._recordings: list[list[str]] = []
        self._written: defaultdict[Connection, list[str]] = defaultdict(list)
        event.listen(engine, "before_cursor_execute", self._on_statement)
        event.listen(engine, "commit", self._on_end)
        event.listen(engine, "rollback", self._on_end)

    @property
    def uncommitted(self) -> list[str]:
        """The writes that were neither committed nor rolled back yet."""
        return [statement for statements in self._written.values() for statement in statements]

    @contextmanager
    def recorded(self) -> Iterator[list[str]]:
        """The statements sent meanwhile, as a list that grows."""
        recording: list[str] = []
        self._recordings.append(recording)
        try:
            yield recording
        finally:
            self._recordings.remove(recording)

    def _on_statement(self, connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        word = statement.lstrip().partition(" ")[0].upper()
        if word in NOT_COUNTED:
            return
        for recording in self._recordings:
            recording.append(statement)
        if word in WRITES:
            self._written[connection].append(statement)

    def _on_end(self, connection: Connection) -> None:
        self._written.pop(connection, None)


@contextmanager
def statements_of(app: Flask) -> Iterator[list[str]]:
    """The statements that this application sends meanwhile: `with statements_of(app) as statements: ...`."""
    with app.extensions["statements"].recorded() as recording:
        yield recording
