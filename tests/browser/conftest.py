"""A site full of the real content, made once and copied for each test."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page

from forum.accounts.actions import join
from forum.app import create_app
from forum.config import Settings
from forum.content.actions import import_starter, publish_first_issue
from forum.core.db import db
from forum.core.roles import Role
from tests.support.databases import Sqlite

PASSWORD = "correct horse battery"  # of accounts that live as long as a test
PEOPLE = {
    Role.MEMBER: "Maya Member",
    Role.CURATOR: "Cora Curator",
    Role.MODERATOR: "Mona Moderator",
    Role.ADMIN: "Ada Admin",
}


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Sqlite:
    """The usual database, with the starter content and one account for each role in it."""
    folder = tmp_path_factory.mktemp("filled")
    databases = Sqlite(folder)
    app = create_app(Settings(data=folder, database_url=f"sqlite:///{databases.template}", mode="test"))
    with app.app_context():
        import_starter()
        publish_first_issue()
        for role, name in PEOPLE.items():
            join(
                name,
                f"{role}@example.com",
                PASSWORD,
                job_title="Town manager",
                organisation="Town of Alder",
                role=role,
                confirmed=True,
            )
        with db.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        db.engine.dispose()
    return databases


@pytest.fixture
def visit(new_context: Callable[..., BrowserContext]) -> Callable[..., Page]:
    """`visit(role=None, **options)`: a new window, signed in as the person of this role if one is named."""

    def open_window(role: Role | None = None, **options: object) -> Page:
        page = new_context(**options).new_page()
        if role:
            page.goto("/sign-in")
            page.get_by_label("E-mail").fill(f"{role}@example.com")
            page.get_by_label("Password").fill(PASSWORD)
            page.keyboard.press("Enter")
            page.wait_for_url(lambda url: "/sign-in" not in url)
        return page

    return open_window
