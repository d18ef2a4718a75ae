"""`interlocal reindex`, and what `interlocal init` does to an index that came later than the content."""

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from forum.cli import commands
from forum.core.db import db, write
from tests.factories.search import add_site, titles
from tests.support.people import add_person


@pytest.fixture
def run(app, database_url, tmp_path):
    def run(*arguments):
        environment = {"INTERLOCAL_DATA": str(tmp_path), "INTERLOCAL_DATABASE_URL": database_url}
        return CliRunner().invoke(commands, arguments, env=environment)

    return run


@pytest.mark.parametrize("command", ["reindex", "init"])
def test_an_index_that_was_lost_is_made_again(session, run, command):
    title = add_site(add_person())["dispatch"].title
    with write():
        session.execute(text("DELETE FROM search_entry"))
    assert titles("flagstaff") == []
    db.session.remove()
    result = run(command)
    assert result.exit_code == 0, result.output
    assert titles("flagstaff") == [title]


def test_reindex_says_how_much_there_is(session, run):
    add_site(add_person())
    db.session.remove()
    assert run("reindex").stdout.startswith("The index has ")
