"""The command that brings in files."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import click

from forum.accounts import queries as accounts
from forum.content import actions
from forum.core.db import refresh_statistics
from forum.core.errors import Invalid
from forum.core.terminal import progress_bar


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
