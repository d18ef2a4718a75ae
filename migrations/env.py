"""Runs migrations on the current application's database; `forum.core.db.upgrade` is the way in."""

from __future__ import annotations

from typing import Any

from alembic import context
from sqlalchemy import Connection

import forum.app  # noqa: F401  # every model must be known before the schema is compared
from forum.core.db import UtcDateTime, db

engine = db.engine


def owned(name: str | None, kind: str, _parent: Any) -> bool:
    """Whether a table is ours to compare: SQLite's full-text search makes shadow tables of its own."""
    return not (kind == "table" and name is not None and "_fts" in name)


def spelled(kind: str, item: Any, _context: Any) -> str | bool:
    """Migrations name no type of ours: they must run when the code has moved on."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


def run(connection: Connection) -> None:
    """Run what was asked for, on one connection."""
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        include_name=owned,
        render_item=spelled,
        render_as_batch=connection.dialect.name == "sqlite",
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


with engine.connect() as connection:
    if connection.dialect.name != "sqlite":
        run(connection)
        connection.commit()
    else:
        # SQLite rebuilds a table to change it; with foreign keys on, that would delete what refers to it.
        # The pragma does nothing inside a transaction, so it goes to the driver's own connection.
        driver = connection.connection.dbapi_connection
        assert driver is not None
        driver.execute("PRAGMA foreign_keys=OFF")
        try:
            connection.execution_options(sqlite_begin="IMMEDIATE")
            run(connection)
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
            if broken:
                raise RuntimeError(f"the migration would leave rows that refer to nothing: {broken[:5]}")
            connection.commit()
        finally:
            driver.execute("PRAGMA foreign_keys=ON")
