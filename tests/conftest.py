"""Options and fixtures for all tests.

A test that asks for `app`, `client`, `session` or `database_url` has a database of its own, and runs once
on each engine of `--engine`. Tests in tests/browser get a real browser and a served site on SQLite.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import settings as hypothesis_settings
from jinja2 import FileSystemBytecodeCache
from playwright.sync_api import BrowserContext
from sqlalchemy.orm import Session, scoped_session
from time_machine import TimeMachineFixture

from forum.app import create_app
from forum.config import Settings
from forum.core.db import db
from tests.support import chromium
from tests.support.browser import Watcher
from tests.support.databases import Postgres, Sqlite, postgres_server
from tests.support.page import PageClient
from tests.support.people import add_person, sign_in
from tests.support.server import served
from tests.support.statements import Statements

ENGINES = ("sqlite", "postgres")
BROWSER_TESTS = Path(__file__).parent / "browser"
POSTGRES_SERVER = pytest.StashKey[str]()

# A deadline for each example would fail on a busy machine, and examples are not kept from run to run.
hypothesis_settings.register_profile("interlocal", deadline=None, database=None)
hypothesis_settings.load_profile("interlocal")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--engine",
        choices=(*ENGINES, "both"),
        default="sqlite",
        help="the database of the tests (PostgreSQL is started for them)",
    )


# --- Which tests run on which engine


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "engine" in metafunc.fixturenames:
        is_only_for = [name for name in ENGINES if metafunc.definition.get_closest_marker(name)]
        if metafunc.definition.path.is_relative_to(BROWSER_TESTS):
            is_only_for = ["sqlite"]
        metafunc.parametrize("engine", is_only_for or ENGINES)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    chosen = _engines(config)
    not_chosen = []
    for item in items[:]:
        if item.path.is_relative_to(BROWSER_TESTS):
            item.add_marker("browser")
        if getattr(item, "callspec", None) and item.callspec.params.get("engine", chosen[0]) not in chosen:
            items.remove(item)
            not_chosen.append(item)
    config.hook.pytest_deselected(items=not_chosen)


def _engines(config: pytest.Config) -> tuple[str, ...]:
    engine = config.getoption("--engine")
    return ENGINES if engine == "both" else (engine,)


# --- One PostgreSQL for all workers: started before them, ended after them


def pytest_sessionstart(session: pytest.Session) -> None:
    config = session.config
    if hasattr(config, "workerinput"):
        if "postgres" in _engines(config):
            config.stash[POSTGRES_SERVER] = config.workerinput["postgres"]
    elif "postgres" in _engines(config):
        server = ExitStack()
        config.stash[POSTGRES_SERVER] = server.enter_context(postgres_server())
        config.add_cleanup(server.close)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """pytest-xdist: tell a worker where the server is."""
    node.workerinput["postgres"] = node.config.stash.get(POSTGRES_SERVER, "")


# --- A database, an application and a client for each test


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Sqlite:
    return Sqlite(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres(
    pytestconfig: pytest.Config, worker_id: str, tmp_path_factory: pytest.TempPathFactory
) -> Postgres:
    server = pytestconfig.stash[POSTGRES_SERVER]
    return Postgres(server, f"interlocal_{worker_id}", tmp_path_factory.mktemp("postgres"))


@pytest.fixture
def database_url(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh, migrated database."""
    with request.getfixturevalue(engine).database(tmp_path) as url:
        yield url


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For what each application would make anew, and all alike: compressed assets and compiled templates."""
    return tmp_path_factory.mktemp("made-once")


@pytest.fixture
def make_app(database_url: str, tmp_path: Path, made_once: Path) -> Iterator[Callable[..., Flask]]:
    """`make_app(**settings)`: an application with other settings than the usual ones."""
    (tmp_path / "assets").symlink_to(made_once, target_is_directory=True)
    with ExitStack() as at_the_end:

        def make(**settings: Any) -> Flask:
            usual = {
                "data": tmp_path,
                "database_url": database_url,
                "mode": "test",
                "base_url": "http://localhost",
            }
            app = create_app(Settings(**usual | settings))
            app.test_client_class = PageClient
            app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(made_once))
            with app.app_context():
                engine = db.engine
            app.extensions["statements"] = Statements(engine)
            at_the_end.callback(engine.dispose)
            return app

        yield make


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    return make_app()


@pytest.fixture
def client(app: Flask) -> PageClient:
    """A visitor's client, which fails on faulty pages."""
    return app.test_client()


@pytest.fixture
def session(app: Flask) -> Iterator[scoped_session[Session]]:
    """An application context, for queries and actions. A client's requests do not share it."""
    with app.app_context():
        yield db.session


@pytest.fixture
def signed_in(app: Flask) -> Callable[..., PageClient]:
    """`signed_in(role, **columns)`: a client of a new person with this role; `.person` is who it is."""

    def make(role: str = "member", **columns: object) -> PageClient:
        with app.app_context():
            return sign_in(app.test_client(), add_person(role, **columns))

    return make


@pytest.fixture
def clock(time_machine: TimeMachineFixture) -> TimeMachineFixture:
    """Time stands still at noon of a Monday; `clock.move_to(...)` and `clock.shift(...)` move it."""
    time_machine.move_to(datetime(2026, 5, 4, 12, tzinfo=UTC), tick=False)
    return time_machine


# --- A browser


@pytest.fixture
def live_server(make_app: Callable[..., Flask]) -> Iterator[str]:
    """The address of the site, served as in production."""
    with served(lambda address: make_app(base_url=address)) as address:
        yield address


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return browser_type_launch_args | chromium.launch_arguments()


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return browser_context_args | {
        "viewport": {"width": 1360, "height": 900},
        "locale": "en-US",
        "timezone_id": "UTC",
        "reduced_motion": "reduce",
    }


@pytest.fixture
def new_context(
    new_context: Callable[..., BrowserContext], live_server: str
) -> Iterator[Callable[..., BrowserContext]]:
    """Contexts that know the site's address. What goes wrong in one unseen by the visitor fails the test."""
    watchers = []

    def make(**options: Any) -> BrowserContext:
        context = new_context(**{"base_url": live_server} | options)
        context.set_default_timeout(10_000)
        # A machine that does other work as well may keep a page waiting.
        context.set_default_navigation_timeout(30_000)
        watchers.append(Watcher(context, live_server))
        return context

    yield make
    found = [sentence for watcher in watchers for sentence in watcher.found]
    assert not found, "\n".join(found)
