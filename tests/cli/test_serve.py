"""`interlocal serve`, as a process of its own."""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from forum.core import jobs, mail
from forum.core.db import write
from forum.serving.server import Turns
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


def asked(site: str, *requests: str) -> list[tuple[int, str]]:
    """(status, title of the page) of each answer on one connection, on which all is sent at once."""
    host, port = site.removeprefix("http://").split(":")
    text = "".join(f"{request}\r\nHost: {host}:{port}\r\n\r\n" for request in requests)
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(text.encode())
        received = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
    answers = re.split(r"HTTP/1\.[01] (?=\d{3} )", received)[1:]
    titles = [re.search(r"<title>(.*?)</title>", answer) for answer in answers]
    return [
        (int(answer[:3]), title[1] if title else "") for answer, title in zip(answers, titles, strict=True)
    ]


@pytest.mark.sqlite
def test_each_request_of_a_connection_gets_its_answer_from_memory_or_not(site):
    def title(path: str) -> str:
        text, _response = fetch(f"{site}{path}")
        found = re.search(r"<title>(.*?)</title>", text)
        assert found
        return found[1]

    library, services, home = title("/library/"), title("/services/"), title("/")
    for _now_in_memory in range(2):
        assert asked(
            site,
            "GET /library/ HTTP/1.1",
            "GET /services/ HTTP/1.1",
            "HEAD /services/ HTTP/1.1",
            "GET /nothing HTTP/1.1",
            "GET /library/ HTTP/1.1",
            "POST /sign-in HTTP/1.1\r\nContent-Length: 0",
            "GET / HTTP/1.1\r\nConnection: close",
        ) == [
            (200, library),
            (200, services),
            (200, ""),
            (404, "There is no such page · Interlocal"),
            (200, library),
            (400, "That request could not be read · Interlocal"),
            (200, home),
        ]
        assert asked(site, "GET /services/ HTTP/1.0") == [(200, services)]
        assert asked(site, "GET /services/ HTTP/1.1\r\nConnection: close") == [(200, services)]
        assert asked(site, "GET / HTTP/1.1\r\n no header") == [(400, "")]


@pytest.mark.sqlite
def test_a_browser_keeps_its_connection_when_it_has_the_page_already(site):
    _text, first = fetch(f"{site}/library/")
    with closing(HTTPConnection(site.removeprefix("http://"))) as connection:
        for _again in range(3):
            connection.request("GET", "/library/", headers={"If-None-Match": first.headers["ETag"]})
            with connection.getresponse() as answer:
                assert (answer.status, answer.read()) == (304, b"")
            assert connection.sock is not None
        connection.request(
            "GET", "/library/", headers={"If-None-Match": first.headers["ETag"], "Connection": "close"}
        )
        with connection.getresponse() as answer:
            assert (answer.status, answer.will_close) == (304, True)


@pytest.mark.sqlite
def test_what_is_in_memory_is_read_while_everybody_who_writes_waits(site, database_url):
    def sign_in(cookie: str, token: str) -> int:
        form = urlencode({"csrf_token": token, "email": "ana@example.com", "password": "none of hers"})
        request = Request(f"{site}/sign-in", form.encode(), {"Cookie": cookie})
        try:
            with urlopen(request, timeout=60) as response:
                return int(response.status)
        except HTTPError as error:
            return error.code

    text, response = fetch(f"{site}/sign-in")
    cookie = response.headers["Set-Cookie"].partition(";")[0]
    token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', text)
    assert token
    before, _response = fetch(f"{site}/services/")
    with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with ThreadPoolExecutor() as pool:
            # More than the site has threads.
            waiting = [pool.submit(sign_in, cookie, token[1]) for _ in range(6)]
            for _while_they_wait in range(50):
                text, _response = fetch(f"{site}/services/")
                assert text == before
            assert not any(each.done() for each in waiting)
            other.execute("ROLLBACK")
            assert {each.result() for each in waiting} == {422}  # not the password


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


def test_who_answers_quickly_is_waited_for_and_who_takes_long_holds_nobody_up():
    quick, inside, most = Turns(60.0), 0, 0

    def answer(_number):
        nonlocal inside, most
        with quick.taken():
            inside += 1
            most = max(most, inside)
            sum(range(50_000))
            inside -= 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(answer, range(40)))
    assert most == 1

    turns, begun, done = Turns(0.01), threading.Event(), threading.Event()

    def take_long():
        with turns.taken():
            begun.set()
            assert done.wait(60)

    def follow():
        with turns.taken():
            return True

    with ThreadPoolExecutor(4) as pool:
        long = pool.submit(take_long)
        try:
            assert begun.wait(30)
            assert all(pool.submit(follow).result(30) for _ in range(6))
            assert not long.done()
        finally:
            done.set()
        assert long.result(30) is None
    assert follow()


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
def test_processes_share_the_connections_and_where_there_is_one_for_each_keep_to_a_processor(
    database_url, tmp_path
):
    def processes() -> list[int]:
        (other,) = running(tmp_path)
        return [int((Path("/proc") / str(other) / "stat").read_text().rpartition(")")[2].split()[1]), other]

    def sockets(process: int) -> int:
        return sum(
            str(file.readlink()).startswith("socket:") for file in Path(f"/proc/{process}/fd").iterdir()
        )

    ours = os.sched_getaffinity(0)
    settings = environ(database_url, tmp_path) | {"INTERLOCAL_PROCESSES": "2"}
    os.sched_setaffinity(0, set(sorted(ours)[:2]))
    try:
        with serving([sys.executable, "-m", "forum", "serve"], tmp_path, settings) as site:
            fetch(f"{site}/healthz")
            wait_until(lambda: len(running(tmp_path)) == 1)
            if len(ours) > 1:
                wait_until(
                    lambda: (
                        [os.sched_getaffinity(each) for each in processes()]
                        == [{each} for each in sorted(ours)[:2]]
                    )
                )
                os.kill(processes()[1], signal.SIGKILL)
                wait_until(
                    lambda: (
                        len(running(tmp_path)) == 1
                        and os.sched_getaffinity(processes()[1]) == {sorted(ours)[1]}
                    )
                )
            before = [sockets(each) for each in processes()]
            host, port = site.removeprefix("http://").split(":")
            with ExitStack() as connections:
                for _ in range(40):
                    connections.enter_context(socket.create_connection((host, int(port))))
                wait_until(lambda: sum(map(sockets, processes())) == sum(before) + 40)
                taken = [sockets(each) - were for each, were in zip(processes(), before, strict=True)]
                assert min(taken) >= 10
    finally:
        os.sched_setaffinity(0, ours)


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


# Once there are threads that answer, the one that listens collects garbage with everything that it makes, and takes
# long for it. What is raised meanwhile is lost.
COLLECTING = """
import gc, threading, time

def collect(*_):
    if threading.active_count() > 1 and threading.current_thread() is threading.main_thread():
        time.sleep(0.0003)

gc.set_threshold(1, 1000, 1000)
gc.callbacks.append(collect)
from forum.__main__ import *
"""


@pytest.mark.sqlite
def test_who_is_asked_without_a_pause_ends_when_told_to(database_url, tmp_path):
    read: list[int] = []
    command = [sys.executable, "-c", COLLECTING, "serve"]
    with ThreadPoolExecutor() as pool, serving(command, tmp_path, environ(database_url, tmp_path)) as site:
        fetch(f"{site}/library/")
        for _ in range(4):
            pool.submit(read_on, site, read)
        wait_until(lambda: len(read) > 20)


def read_on(site: str, read: list[int]) -> None:
    """Read a page again and again, as long as there is somebody who answers; `read` tells the lengths."""
    with (
        suppress(OSError, HTTPException),
        closing(HTTPConnection(site.removeprefix("http://"))) as connection,
    ):
        while True:
            connection.request("GET", "/library/")
            read.append(len(connection.getresponse().read()))


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
