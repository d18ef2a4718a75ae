"""The command that brings in files, and how long work is shown."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from forum.accounts import queries as accounts
from forum.content import actions
from forum.core.db import refresh_statistics
from forum.core.errors import Invalid


@contextmanager
def progress_bar(label: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on the terminal, gone when the work is done; nothing at all where nobody watches."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@click.command("import")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--as", "email", metavar="EMAIL", help="Import in the name of this account, not of the site's library."
)
@click.option(
    "--overwrite", is_flag=True, help="Also replace what somebody else has edited on the site since."
)
@click.pass_obj
def import_(
    opened: Callable[[], AbstractContextManager[object]],
    files: tuple[Path, ...],
    email: str | None,
    overwrite: bool,
) -> None:
    """Bring in cases, questions, resources and guides from JSON files.

    Each FILE holds a list of records of one kind. A record whose slug (or address, for a resource) is on the site
    already changes that post; importing the same file again changes nothing. When any record is faulty, all faults
    are told and nothing is imported.
    """
    with opened(), progress_bar("Importing") as progress:
        actor = accounts.by_email(email) if email else actions.librarian()
        if actor is None:
            raise Invalid({"": f"There is no account with the address {email}."})
        report = actions.import_files(files, actor, overwrite=overwrite, progress=progress)
        refresh_statistics()
    click.echo(report)
