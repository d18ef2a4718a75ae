"""How good the search is, on both engines: the table of real queries, asked of the starter content."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from rich.console import Console
from rich.table import Table

from forum.app import create_app, migrate
from forum.config import Settings
from forum.content.actions import import_starter
from forum.core.db import db, refresh_statistics
from tests.search.quality import Quality, measure
from tests.search.table import TABLE
from tests.support.databases import postgres_server


@contextmanager
def _addresses(folder: Path) -> Iterator[dict[str, str]]:
    """engine -> an empty database of it."""
    with ExitStack() as at_the_end:
        yield {
            "SQLite": f"sqlite:///{folder / 'quality.db'}",
            "PostgreSQL": at_the_end.enter_context(postgres_server()),
        }


def qualities() -> dict[str, Quality]:
    """engine -> what it finds. Imports the starter content once for each."""
    found = {}
    with tempfile.TemporaryDirectory() as folder, _addresses(Path(folder)) as addresses:
        for engine, address in addresses.items():
            app = create_app(Settings(data=Path(folder), database_url=address, mode="test"))
            with app.app_context():
                migrate()
                import_starter()
                refresh_statistics()
                found[engine] = measure()
                db.session.remove()
                db.engine.dispose()
    return found


def show(found: dict[str, Quality], console: Console) -> None:
    """As a table; recall is the part of what must be among the first three that is there."""
    table = Table(title=f"Search: {len(TABLE)} real queries")
    for column in ("Engine", "Recall@3", "MRR"):
        table.add_column(column, justify="left" if column == "Engine" else "right")
    for engine, quality in found.items():
        table.add_row(engine, f"{quality.recall:.3f}", f"{quality.mrr:.3f}")
    console.print(table)
