"""The command that makes the search index anew."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import click

from forum.core.terminal import progress_bar
from forum.search.actions.index import reindex as make_anew


@click.command()
@click.pass_obj
def reindex(opened: Callable[[], AbstractContextManager[object]]) -> None:
    """Make the search index anew.

    It is kept by every change anyhow: this mends it after the database was changed from outside, and after an update
    of Interlocal that says so. People can read and write meanwhile.
    """
    with opened(), progress_bar("Indexing") as progress:
        entries = make_anew(progress)
    click.echo(f"The index has {entries:,} entries.")
