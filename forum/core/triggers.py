"""The triggers by which the database tells of changes (`core.changes`): which names a change of a row raises."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

from forum.core.db import db

# Any number that nobody else locks in PostgreSQL by.
LOCK = 20_261_122
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
    with db.engine.connect() as connection:
        # The lock before the first look: who has looked, and finds that others have written since, may not write.
        connection.execution_options(sqlite_begin="IMMEDIATE")
        for statement in statements(connection, tables):
            connection.exec_driver_sql(statement)
        connection.commit()


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
