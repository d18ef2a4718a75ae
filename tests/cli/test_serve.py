"""`interlocal serve`, as a process of its own."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from forum.core import jobs, mail
from forum.core.db import write
from forum.topics.models import Service
from tests.support.commands import fetch, serving
from tests.support.worker import wait_until

ROOT = Path(__file__).parents[2]


def environ(database_url: str, data: Path, worker: str = "no") -> dict[str, str]:
    """The settings of a site in production, behind no proxy."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "INTERLOCAL_DATA": str(data),
        "INTERLOCAL_DATABASE_URL": database_url,
        "INTERLOCAL_SECRET_KEY": "a secret of this test alone",
        "INTERLOCAL_THREADS": "2",
        "INTERLOCAL_WORKER": worker,
    }


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Iterator[str]:
    """The address of a site."""
    command = [sys.executable, "-m", "forum", "serve"]
    with serving(command, tmp_path, environ(database_url, tmp_path)) as address:
        yield address


@pytest.mark.sqlite
def test_a_site_is_served_and_does_not_say_by_what(site):
    text, response = fetch(f"{site}/healthz")
    assert json.loads(text) == {"status": "ok"}
    assert response.headers["Server"] is None


@pytest.mark.sqlite
def test_nobody_can_pretend_to_come_by_another_host_or_protocol(site):
    forged = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example", "X-Forwarded-For": "10.0.0.1"}
    text, _response = fetch(f"{site}/sign-in", forged)
    assert f'<link rel="canonical" href="{site}/sign-in">' in text


def test_processes_that_were_forked_share_the_application_and_no_connection(app, database_url, tmp_path):
    command = [sys.executable, "-m", "gunicorn", "--preload", "--workers", "2", "--no-control-socket"]
    with subprocess.Popen(
        [*command, "--bind", "127.0.0.1:0", "forum.wsgi:app"],
        cwd=tmp_path,
        env=environ(database_url, tmp_path),
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        try:
            assert server.stderr is not None
            address = next(
                found[1] for line in server.stderr if (found := re.search(r"at: (http://\S+)", line))
            )
            for number in range(10):
                with app.app_context(), write() as session:
                    session.add(Service(slug=f"service-{number}", name=f"Service {number}"))
                for _either in range(6):
                    text, _response = fetch(f"{address}/services")
                    assert f"Service {number}" in text
        finally:
            server.terminate()


def running(folder: Path) -> list[int]:
    """The processes with this data folder that answer beside the one that we started."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            is_ours = f"INTERLOCAL_DATA={folder}\0" in (process / "environ").read_text()
            parent = int((process / "stat").read_text().rpartition(")")[2].split()[1])
            # Python's own counts what processes share.
            if (
                is_ours
                and parent != os.getpid()
                and "resource_tracker" not in (process / "cmdline").read_text()
            ):
                found.append(int(process.name))
    return sorted(found)


@pytest.mark.skipif(not Path("/proc").exists(), reason="processes are found under /proc")
def test_several_processes_answer_the_first_works_and_others_that_die_are_replaced(
    app, database_url, tmp_path
):
    def mails() -> list[Path]:
        return list((tmp_path / "outbox").glob("*.eml"))

    def write_and_read(numbers: range) -> None:
        for number in numbers:
            with app.app_context():
                with write() as session:
                    session.add(Service(slug=f"service-{number}", name=f"Service {number}"))
                mail.post(f"ana{number}@example.com", "Hello", "Text.", key=str(number))
            for _any in range(9):
                text, _response = fetch(f"{site}/services")
                assert f"Service {number}" in text
        wait_until(lambda: len(mails()) == numbers.stop)

    settings = environ(database_url, tmp_path, "yes") | {"INTERLOCAL_PROCESSES": "3"}
    with serving([sys.executable, "-m", "forum", "serve"], tmp_path, settings) as site:
        fetch(f"{site}/healthz")
        wait_until(lambda: len(running(tmp_path)) == 2)
        write_and_read(range(5))
        before = running(tmp_path)
        for each in before:
            os.kill(each, signal.SIGKILL)
        wait_until(lambda: len(running(tmp_path)) == 2 and not set(before) & set(running(tmp_path)))
        write_and_read(range(5, 10))
    assert running(tmp_path) == []


@pytest.mark.sqlite
@pytest.mark.skipif(not Path("/proc").exists(), reason="processes are found under /proc")
def test_no_process_stays_when_the_first_is_killed(database_url, tmp_path):
    settings = environ(database_url, tmp_path, "yes") | {"INTERLOCAL_PROCESSES": "2"}
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "forum", "serve", "--port", str(port)]
    with subprocess.Popen(command, cwd=tmp_path, env=settings) as first:
        try:
            wait_until(lambda: len(running(tmp_path)) == 1)
        finally:
            first.kill()
    wait_until(lambda: running(tmp_path) == [])


@pytest.mark.sqlite
@pytest.mark.skipif(not Path("/proc").exists(), reason="processes are found under /proc")
def test_who_ends_while_its_processes_are_being_made_ends_them(database_url, tmp_path):
    settings = environ(database_url, tmp_path) | {"INTERLOCAL_PROCESSES": "8"}
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "forum", "serve", "--port", str(port)]
    with subprocess.Popen(command, cwd=tmp_path, env=settings, stderr=subprocess.DEVNULL) as first:
        try:
            wait_until(lambda: running(tmp_path) != [])
            first.terminate()
            first.wait(timeout=20)
        finally:
            first.kill()
    wait_until(lambda: running(tmp_path) == [])


@pytest.mark.parametrize("worker", ["yes", "no"])
def test_the_work_that_waits_is_done_beside_the_site_unless_the_settings_say_otherwise(
    app, database_url, tmp_path, worker
):
    with app.app_context():
        mail.post("ana@example.com", "Hello", "Text.", key="one")
    with serving(
        [sys.executable, "-m", "forum", "serve"], tmp_path, environ(database_url, tmp_path, worker)
    ) as site:
        fetch(f"{site}/healthz")
        with app.app_context():
            if worker == "yes":
                wait_until(lambda: jobs.state().due == 0)
    assert len(list((tmp_path / "outbox").glob("*.eml"))) == (1 if worker == "yes" else 0)
