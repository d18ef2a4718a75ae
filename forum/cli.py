"""The commands under `interlocal`: with `app.py` and `reactions.py` the only files that know every room."""

from __future__ import annotations

import errno
import os
import secrets
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from flask import Flask
from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError

from forum import serving
from forum.accounts.actions import password_fault
from forum.accounts.cli import user
from forum.app import create_app, is_migrated, migrate
from forum.config import Settings, SettingsError
from forum.content.actions import (
    DEMO_PEOPLE,
    import_starter,
    load_foundations,
    make_demo_accounts,
    publish_first_issue,
)
from forum.content.cli import import_
from forum.core.db import MigrationFault, db, refresh_statistics
from forum.core.errors import Problem
from forum.core.terminal import progress_bar
from forum.links import actions as links
from forum.search.actions import index
from forum.search.cli import reindex

# Clear to read aloud and to type: no 0 and o, no 1, i and l.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
NO_ADDRESS = (
    "INTERLOCAL_DATABASE_URL is not the address of a database, such as postgresql://user:password@host/name."
)


class Commands(click.Group):
    """A group whose commands end with one sentence, and no traceback, when what they need is amiss."""

    def invoke(self, context: click.Context) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(context)
        except (SettingsError, Problem, MigrationFault) as error:
            sentence = str(error)
        except ModuleNotFoundError as error:
            if error.name != "psycopg":
                raise
            sentence = "PostgreSQL needs its driver. Install it with: pip install 'interlocal[postgres]'"
        except ArgumentError as error:
            sentence = f"{NO_ADDRESS} ({error})"
        except DatabaseError as error:
            sentence = f"The database did not answer as it should: {' '.join(str(error.orig).split())}"
        except OSError as error:
            if error.errno == errno.EPIPE:  # whoever read our output has gone: click ends quietly
                raise
            sentence = ": ".join(str(part) for part in (error.filename, error.strerror or error) if part)
        raise click.ClickException(sentence.strip())


@click.group(cls=Commands)
@click.version_option(package_name="interlocal", prog_name="Interlocal")
@click.pass_context
def commands(context: click.Context) -> None:
    """Interlocal: where people who run towns share how they share services and costs.

    INTERLOCAL_DATA is the folder that everything is kept in, INTERLOCAL_DATABASE_URL another database than the SQLite
    file in it.
    """
    context.obj = opened


commands.add_command(user)
commands.add_command(import_)
commands.add_command(reindex)


@contextmanager
def opened(settings: Settings | None = None, *, migrated: bool = True) -> Iterator[Flask]:
    """The application, with its database at hand. Raises SettingsError when that is not made yet or out of date.

    Serve it when this has ended: a read that stayed open would keep SQLite's log growing.
    """
    settings = settings or Settings.from_environment()
    not_ready = SettingsError(
        f"There is no up-to-date database at {_shown(settings)}. Make or update it with: interlocal init"
    )
    url = _url(settings)
    if migrated and url.drivername == "sqlite" and not Path(url.database or "").is_file():
        raise not_ready
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    app = create_app(settings)
    with app.app_context():
        try:
            if migrated and not is_migrated():
                raise not_ready
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()


def _url(settings: Settings) -> URL:
    try:
        return make_url(settings.database_url)
    except ValueError:  # what follows a colon is no port
        raise SettingsError(NO_ADDRESS) from None


def _shown(settings: Settings) -> str:
    """Where the database is, without its password."""
    return _url(settings).render_as_string(hide_password=True)


@commands.command()
@click.option(
    "--starter", is_flag=True, help="Also bring in the starter content: some 200 real cases and links."
)
def init(starter: bool) -> None:
    """Make the database, or bring it up to date."""
    settings = Settings.from_environment()
    with opened(settings, migrated=False):
        migrate()
        _fill(starter)
    click.echo(f"The database is ready: {_shown(settings)}")


def _fill(starter: bool) -> None:
    """Load what everything refers to, and the content that ships; tell what came in."""
    with progress_bar("Loading places") as progress:
        load_foundations(progress)
    if index.is_behind():
        with progress_bar("Indexing") as progress:
            index.reindex(progress)
    if links.is_behind():
        links.record_all()
    if starter:
        with progress_bar("Importing the starter content") as progress:
            report = import_starter(progress)
        if report.new or report.changed:
            click.echo(f"Starter content: {report}")
    refresh_statistics()


host_option = click.option(
    "--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="The address to listen on."
)
port_option = click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(1, 65535),
    metavar="PORT",
    help="The port to listen on.",
)


@commands.command()
@host_option
@port_option
def serve(host: str, port: int) -> None:
    """Serve the site, as in production."""
    settings = _settings_at(host, port)
    if settings.mode == "production":
        settings.require_secret()
    with _listening(host, port) as listener:
        with opened(settings) as app:
            refresh_statistics()
        click.echo(f"Interlocal is at {settings.base_url} (Ctrl-C stops it).")
        serving.serve(app, settings, listener)
        click.echo("Stopped.")


@commands.command()
@host_option
@port_option
@click.option("--no-serve", is_flag=True, help="Prepare everything, and end.")
def demo(host: str, port: int, no_serve: bool) -> None:
    """Try Interlocal: real content, and an account for each role, all in one folder."""
    settings = _settings_at(host, port, mode="demo")
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    if "INTERLOCAL_SECRET_KEY" not in os.environ:
        settings = replace(settings, secret_key=_kept(settings.data / "secret-key", secrets.token_urlsafe))
    password = os.environ.get("INTERLOCAL_DEMO_PASSWORD") or _kept(
        settings.data / "demo-password", _new_password
    )
    if fault := password_fault(password):
        raise SettingsError(f"INTERLOCAL_DEMO_PASSWORD cannot be used. {fault}")
    # The port first: that it is taken is to be said at once, not after the work.
    with nullcontext() if no_serve else _listening(host, port) as listener:
        with opened(settings, migrated=False) as app:
            migrate()
            _fill(starter=True)
            make_demo_accounts(password)
            publish_first_issue()
        _welcome(settings, password)
        if listener:
            serving.serve(app, settings, listener)
            click.echo("Stopped.")


@commands.command()
def worker() -> None:
    """Do what waits to be done: mail to send, links to check. Ctrl-C or SIGTERM lets it finish the job at hand."""
    settings = Settings.from_environment()
    with opened(settings) as app:
        pass
    serving.log_and_listen()
    click.echo("Working (Ctrl-C stops it).")
    serving.work(app)
    click.echo("Stopped.")


def _settings_at(host: str, port: int, **override: object) -> Settings:
    """The settings of a site that is reached here, unless INTERLOCAL_BASE_URL says how it is."""
    if "INTERLOCAL_BASE_URL" not in os.environ:
        shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
        override["base_url"] = f"http://{shown}:{port}"
    return Settings.from_environment(None, **override)


def _kept(file: Path, make: Callable[[], str]) -> str:
    """The secret in this file, which only its owner can read; made once."""
    if file.exists() and (kept := file.read_text().strip()):
        return kept
    made = make()
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(made + "\n")
    return made


def _new_password() -> str:
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that listens here. Raises SettingsError with a sentence that says what to do."""
    try:
        listener = socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=1024
        )
    except OSError as error:
        other = port + 1 if port < 65535 else 8000
        if error.errno == errno.EADDRINUSE:
            raise SettingsError(
                f"Port {port} is taken by another program. Choose another one, as in: PORT={other} make run "
                f"(or interlocal demo --port {other})"
            ) from None
        raise SettingsError(f"Cannot listen on port {port} of {host}: {error.strerror}.") from None
    with listener:
        yield listener


def _welcome(settings: Settings, password: str) -> None:
    """Where the demo is, and as whom to sign in."""
    people = Table.grid(padding=(0, 3, 0, 0))
    people.add_column(no_wrap=True)
    people.add_column(no_wrap=True)
    people.add_column()
    for person in DEMO_PEOPLE:
        people.add_row(f"[bold]{person.email}[/]", person.role.value, f"{person.name}, {person.job_title}")
    lines = (
        f"Open [bold]{settings.base_url}[/] and read. To write, sign in as one of these:\n",
        people,
        f"\nThe password of all four: [bold]{password}[/]",
        f"Everything is kept in {settings.data}. Ctrl-C stops it.",
    )
    panel = Panel(Group(*lines), title="Interlocal", title_align="left", expand=False, padding=(1, 2))
    Console(highlight=False).print(panel)


def main() -> None:
    """What the console script runs. Files that it makes are for its owner alone."""
    os.umask(0o077)
    commands()
