"""The commands: what they do, and the one sentence that they end with when they cannot."""

import socket
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from forum.accounts.actions import check_password
from forum.accounts.queries import by_email, by_session
from forum.cli import commands
from forum.content.actions import DEMO_PEOPLE
from forum.posts.models import Post
from forum.topics.models import Service
from tests.factories.content import load_starter_services, starter, write_file
from tests.support.people import add_person

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, made_once: Path) -> Run:
    """`run("user", "add", ..., stdin="", **environment)`: a command on a data folder that is not there yet."""
    data = tmp_path / "new" / "data"

    def run(*arguments: object, stdin: str = "", **environment: str) -> Result:
        return CliRunner().invoke(
            commands,
            [str(argument) for argument in arguments],
            input=stdin,
            env={"INTERLOCAL_DATA": str(data), "INTERLOCAL_DATABASE_URL": "", "XDG_DATA_HOME": str(tmp_path)}
            | environment,
        )

    return run


@pytest.fixture
def run_here(run: Run, app: Flask, database_url: str, tmp_path: Path) -> Run:
    """The same on the database of `app`."""
    return lambda *arguments, **more: run(
        *arguments, **{"INTERLOCAL_DATA": str(tmp_path), "INTERLOCAL_DATABASE_URL": database_url} | more
    )


def refusal(result: Result) -> str:
    """What a command that failed says: on standard error, and nothing else."""
    assert (result.exit_code, result.stdout) == (1, ""), result.output
    assert isinstance(result.exception, SystemExit), result.exception
    return result.stderr


# --- init


def test_init_makes_a_folder_for_its_owner_alone_and_a_database_that_is_ready(run, tmp_path):
    result = run("init")
    assert result.exit_code == 0, result.output
    folder = tmp_path / "new" / "data"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert f"The database is ready: sqlite:///{folder}/interlocal.db" in result.stdout
    assert run("user", "role", "nobody@example.com", "admin").stderr == (
        "Error: There is no account with the address nobody@example.com.\n"
    )


def test_init_again_changes_nothing(run_here, app):
    first, second = run_here("init"), run_here("init")
    assert (first.exit_code, second.exit_code) == (0, 0)
    with app.app_context():
        assert Service.query.count() == len(starter("domains"))


@pytest.mark.parametrize(
    "command", [["serve"], ["import", "x.json"], ["user", "role", "a@example.com", "admin"]]
)
def test_what_needs_a_database_says_how_to_make_one(run, tmp_path, command):
    result = run(*command, INTERLOCAL_SECRET_KEY="0123456789abcdef")
    assert "There is no up-to-date database at sqlite:///" in refusal(result)
    assert "interlocal init" in result.stderr
    assert not (tmp_path / "new" / "data" / "interlocal.db").exists()


def test_a_password_of_the_database_is_not_shown(run):
    address = "postgresql://town:secret@127.0.0.1:1/forum"
    sentence = refusal(run("init", INTERLOCAL_DATABASE_URL=address))
    assert "Connection refused" in sentence
    assert "secret" not in sentence


@pytest.mark.parametrize(
    "address", ["nonsense", "oracle9://x/y", "sqlite://host:port/x", "postgresql://a@b:c/d"]
)
def test_an_address_that_is_none_is_told_in_a_sentence(run, address):
    assert "INTERLOCAL_DATABASE_URL" in refusal(run("init", INTERLOCAL_DATABASE_URL=address))


def test_a_missing_driver_is_told_with_how_to_install_it(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    sentence = refusal(run("init", INTERLOCAL_DATABASE_URL="postgresql://town@127.0.0.1/forum"))
    assert "pip install 'interlocal[postgres]'" in sentence


def test_a_folder_that_cannot_be_made_is_told_in_a_sentence(run, tmp_path):
    (tmp_path / "file").write_text("")
    assert f"{tmp_path}/file/data: Not a directory" in refusal(
        run("init", INTERLOCAL_DATA=f"{tmp_path}/file/data")
    )


def test_a_file_that_is_no_database_is_told_in_a_sentence(run, tmp_path):
    (tmp_path / "new" / "data").mkdir(parents=True)
    (tmp_path / "new" / "data" / "interlocal.db").write_text("This is not a database, but a poem. " * 50)
    assert "file is not a database" in refusal(run("init"))


def test_a_setting_that_makes_no_sense_is_told_in_a_sentence(run):
    assert "INTERLOCAL_THREADS is 'many'; it takes a whole number." in refusal(
        run("init", INTERLOCAL_THREADS="many")
    )


# --- serve and demo


def test_serving_without_a_secret_key_is_refused(run_here):
    assert "Set INTERLOCAL_SECRET_KEY" in refusal(run_here("serve", INTERLOCAL_SECRET_KEY=""))


def test_a_port_that_is_taken_is_told_before_anything_is_done(run, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        sentence = refusal(run("demo", "--port", port))
    assert f"Port {port} is taken by another program" in sentence
    assert f"PORT={port + 1} make run" in sentence
    assert not (tmp_path / "new" / "data" / "interlocal.db").exists()


def test_the_demo_keeps_its_secrets_for_its_owner_and_for_the_next_time(run_here, app, tmp_path):
    first = run_here("demo", "--no-serve")
    assert first.exit_code == 0, first.output
    password = (tmp_path / "demo-password").read_text().strip()
    assert password in first.stdout
    for name in ("demo-password", "secret-key"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    key = (tmp_path / "secret-key").read_text()

    second = run_here("demo", "--no-serve")
    assert password in second.stdout
    assert "Starter content" not in second.stdout
    assert (tmp_path / "secret-key").read_text() == key
    with app.app_context():
        assert Post.query.count() == sum(
            len(starter(name)) for name in ("cases", "questions", "resources", "guides")
        )
        assert all(check_password(person.email, password) for person in DEMO_PEOPLE)


def test_a_poor_password_for_the_demo_is_refused_before_anything_is_done(run):
    result = run("demo", "--no-serve", INTERLOCAL_DEMO_PASSWORD="short")
    assert "INTERLOCAL_DEMO_PASSWORD cannot be used. Use at least 10 characters" in refusal(result)


# --- import


def test_files_are_imported_and_what_came_of_it_is_told(run_here, app, tmp_path):
    with app.app_context():
        load_starter_services()
    file = write_file(tmp_path, starter("cases")[:3])
    assert run_here("import", file).stdout == "3 new, 0 changed, 0 unchanged\n"
    assert run_here("import", file).stdout == "0 new, 0 changed, 3 unchanged\n"


def test_an_import_may_be_in_somebodys_name(run_here, app, tmp_path):
    with app.app_context():
        load_starter_services()
        add_person("member", email="maya@example.com", name="Maya")
    file = write_file(tmp_path, starter("questions")[:1])
    assert run_here("import", file, "--as", "Maya@example.com").exit_code == 0
    with app.app_context():
        assert Post.query.one().author.name == "Maya"
    assert "no account with the address" in refusal(run_here("import", file, "--as", "nobody@example.com"))


def test_faults_are_told_one_a_line_and_nothing_is_imported(run_here, app, tmp_path):
    with app.app_context():
        load_starter_services()
    cases = starter("cases")[:3]
    cases[1]["title"] = "Short"
    cases[2]["services"] = ["moon-landings"]
    file = write_file(tmp_path, cases)
    lines = refusal(run_here("import", file)).splitlines()
    assert f"{file}: record 2 ({cases[1]['slug']}): field title: At least 15 characters" in lines[0]
    assert f"{file}: record 3 ({cases[2]['slug']}): field services: There is no service" in lines[1]
    assert lines[2] == "2 faults. Nothing was imported."
    with app.app_context():
        assert Post.query.count() == 0


# --- user


def test_a_user_is_added_with_a_password_that_is_made_and_printed(run_here, app):
    result = run_here("user", "add", "Ana@Example.com", "--name", "Ana Ruiz", "--role", "moderator")
    assert result.exit_code == 0, result.output
    password = result.stdout.split()[-1]
    with app.app_context():
        person = check_password("ana@example.com", password)
        assert (person.name, person.role, person.slug) == ("Ana Ruiz", "moderator", "ana-ruiz")


def test_a_user_may_be_added_with_a_password_of_their_own(run_here, app):
    words = "four words in  a row"
    result = run_here(
        "user", "add", "ana@example.com", "--name", "Ana", "--password-stdin", stdin=words + "\n"
    )
    assert words not in result.output
    with app.app_context():
        assert check_password("ana@example.com", words)


@pytest.mark.parametrize(
    ("email", "name", "password", "sentence"),
    [
        ("not an address", "Ana", "four words in a row", "email: Enter an e-mail address"),
        ("there@example.com", "Ana", "four words in a row", "email: There is an account with this address"),
        ("ana@example.com", "A", "four words in a row", "name: At least 2 characters"),
        ("ana@example.com", "Ana", "short", "password: Use at least 10 characters"),
        ("ana@example.com", "Ana", "", "password: "),
    ],
)
def test_a_user_that_cannot_be_added_is_told_in_a_sentence(run_here, app, email, name, password, sentence):
    with app.app_context():
        add_person(email="there@example.com")
    result = run_here("user", "add", email, "--name", name, "--password-stdin", stdin=password)
    assert sentence in refusal(result)


def test_a_role_is_changed(run_here, app):
    with app.app_context():
        add_person("member", email="ana@example.com")
    assert (
        run_here("user", "role", "ANA@example.com", "admin").stdout
        == "ana@example.com now has the role admin.\n"
    )
    with app.app_context():
        assert by_email("ana@example.com").role == "admin"
    assert run_here("user", "role", "ana@example.com", "king").exit_code == 2


def test_a_new_password_ends_all_sessions(run_here, app):
    with app.app_context():
        token = add_person("member", email="ana@example.com").session_token
    result = run_here("user", "reset-password", "ana@example.com")
    assert result.exit_code == 0, result.output
    with app.app_context():
        assert by_session(token) is None
        assert check_password("ana@example.com", result.stdout.split()[-1])


# --- help


@pytest.mark.parametrize(
    "command",
    ["", "demo", "serve", "worker", "init", "import", "user", "user add", "user role", "user reset-password"],
)
def test_every_command_explains_itself(run, command):
    result = run(*command.split(), "--help")
    assert result.exit_code == 0
    assert result.stdout.startswith("Usage:")
    assert result.stdout.splitlines()[2].strip()
