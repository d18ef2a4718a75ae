"""The starter content, imported once on SQLite for all tests that only read it."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from forum.app import create_app
from forum.config import Settings
from forum.content.actions import import_starter
from forum.core.db import db
from tests.support.databases import Sqlite


@pytest.fixture(scope="session")
def starter_on_sqlite(sqlite: Sqlite, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a SQLite database with the starter content. Nobody may write to it."""
    folder = tmp_path_factory.mktemp("starter")
    with sqlite.database(folder) as url:
        app = create_app(Settings(data=folder, database_url=url, mode="test"))
        with app.app_context():
            import_starter()
            db.engine.dispose()
    return url


@pytest.fixture
def starter(
    engine: str, app: Flask, make_app: Callable[..., Flask], starter_on_sqlite: str
) -> Iterator[Flask]:
    """An application with the starter content, in its context."""
    app = make_app(database_url=starter_on_sqlite) if engine == "sqlite" else app
    with app.app_context():
        if engine != "sqlite":
            import_starter()
        yield app
