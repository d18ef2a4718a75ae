"""Migrations: one line of them, up and down with data in the tables, and the models are where they lead."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import inspect
from sqlalchemy.orm import Session, scoped_session

from forum.app import is_migrated, migrate, resource_dir
from forum.core.db import db
from tests.factories.content import import_a_little

SCRIPTS = ScriptDirectory(str(resource_dir("migrations")))


def tables() -> set[str]:
    return set(inspect(db.engine).get_table_names())


def test_the_migrations_form_one_line():
    assert len(SCRIPTS.get_bases()) == 1
    assert len(SCRIPTS.get_heads()) == 1


def test_the_models_are_where_the_migrations_lead(session: scoped_session[Session]):
    config = Config()
    config.set_main_option("script_location", SCRIPTS.dir)
    # Says what differs, if a new migration would hold anything.
    command.check(config)


def test_a_file_is_named_after_its_revision():
    names = sorted(path.name for path in Path(SCRIPTS.versions).glob("[0-9]*.py"))
    revisions = sorted(script.revision for script in SCRIPTS.walk_revisions())
    assert [name.partition("_")[0] for name in names] == revisions
    assert SCRIPTS.get_current_head() == revisions[-1]


def test_each_step_can_be_taken_back_with_data_in_the_tables(session: scoped_session[Session], tmp_path):
    import_a_little(tmp_path)
    for _revision in SCRIPTS.walk_revisions():
        session.remove()  # an open transaction would keep PostgreSQL from changing its tables
        migrate("-1")
        migrate("+1")
        migrate("-1")
    assert tables() == {"alembic_version"}
    assert not is_migrated()

    migrate()
    assert is_migrated()
    import_a_little(tmp_path)
