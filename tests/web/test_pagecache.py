"""Pages of visitors come from memory, as long as they are true."""

import gzip
import multiprocessing
import multiprocessing.connection
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import brotli
import psycopg
import pytest
from flask import Flask
from sqlalchemy import make_url, text
from time_machine import TimeMachineFixture

from forum.app import create_app
from forum.comments.actions import edit_comment
from forum.comments.models import Comment
from forum.config import Settings
from forum.core.db import db, sqlite_module
from forum.posts.models import Post
from forum.web.pagecache import PageCache
from forum.web.pagestore import FAVORITES, OVERHEAD, Kept, Store
from tests.factories.cases import add_case, add_services
from tests.factories.comments import add_comment
from tests.support.page import PageClient
from tests.support.people import add_person, sign_in
from tests.support.server import served
from tests.support.statements import statements_of


@pytest.fixture
def case(app: Flask) -> Iterator[Post]:
    with app.app_context():
        add_services()
        yield add_case(add_person())


def cache_of(app: Flask) -> PageCache:
    front: Any = app.wsgi_app
    while not isinstance(front, PageCache):
        front = front.application
    return front


def outside(database_url: str) -> Any:
    """A connection that knows nothing of the application."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        return sqlite_module().connect(url.database, timeout=60)
    return psycopg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False))


def test_the_second_visitor_asks_nothing_of_the_database(app: Flask, client: PageClient, case: Post) -> None:
    first = client.get(case.path)
    with statements_of(app) as statements:
        second = client.get(case.path)
    assert not statements
    assert second.text == first.text
    assert second.headers == first.headers


def test_a_browser_that_has_the_page_is_told_so(client: PageClient, case: Post) -> None:
    first = client.get(case.path)
    again = client.get(case.path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"] == "no-cache"
    other = client.get(case.path, headers={"If-None-Match": 'W/"another"'})
    assert other.status_code == 200


def test_it_comes_compressed_for_who_takes_that(client: PageClient, case: Post) -> None:
    plain = client.get(case.path)
    client.checks = False  # it takes what is compressed for a damaged page
    for accepted, coding in [
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("identity", None),
        ("gzip;q=0", None),
    ]:
        answer = client.get(case.path, headers={"Accept-Encoding": accepted})
        assert answer.headers.get("Content-Encoding") == coding, accepted
        assert int(answer.headers["Content-Length"]) == len(answer.data)
        assert answer.headers["Vary"] == "Cookie, Accept-Encoding"
        if coding == "gzip":
            assert gzip.decompress(answer.data) == plain.data
        assert (len(answer.data) < len(plain.data) / 2) is (coding is not None)


def test_who_asks_first_gets_it_compressed_too(client: PageClient, case: Post) -> None:
    client.checks = False
    assert client.get(case.path, headers={"Accept-Encoding": "br"}).headers["Content-Encoding"] == "br"


def test_a_reader_with_an_account_gets_a_page_of_their_own(
    client: PageClient, case: Post, signed_in: Callable[..., PageClient]
) -> None:
    visitors = client.get(case.path)
    member = signed_in(name="Mona Member")
    theirs = member.get(case.path)
    assert "Mona Member" in theirs.text
    assert theirs.headers["Cache-Control"] == "private, no-store"
    assert "ETag" not in theirs.headers
    assert client.get(case.path).text == visitors.text
    assert "Mona Member" not in visitors.text


def test_how_somebody_came_makes_no_other_page(app: Flask, client: PageClient, case: Post) -> None:
    plain = client.get(case.path)
    with statements_of(app) as statements:
        came = client.get(f"{case.path}?utm_source=digest&fbclid=abc")
    assert not statements
    assert came.text == plain.text


def test_made_up_arguments_push_no_page_out(app: Flask, client: PageClient, case: Post) -> None:
    client.get(case.path)
    held = cache_of(app).store.size
    for number in range(20):
        assert client.get(f"{case.path}?made-up={number}").status_code == 200
        assert client.get(f"/cases/?made-up={number}").status_code == 200
    assert cache_of(app).store.size == held


def test_errors_are_not_kept(app: Flask, client: PageClient, case: Post) -> None:
    assert client.get("/cases/nothing").status_code == 404
    assert cache_of(app).store.size == 0


def test_a_search_that_finds_nothing_is_noted_each_time(app: Flask, client: PageClient, case: Post) -> None:
    for _each in range(2):
        client.get("/search?q=xylophone")
    times = text("SELECT times FROM search_gap WHERE words = 'xylophone'")
    with app.app_context():
        assert db.session.scalar(times) == 2


def test_a_page_that_tells_of_today_ends_with_the_day(
    app: Flask, client: PageClient, case: Post, clock: TimeMachineFixture
) -> None:
    client.get("/about")
    clock.shift(11 * 3600)
    client.get(case.path)
    with statements_of(app) as statements:
        client.get(case.path)
    assert not statements
    clock.shift(2 * 3600)
    with statements_of(app) as statements:
        client.get(case.path)
    assert statements


def test_whoever_writes_is_noticed_even_from_outside(app: Flask, client: PageClient, case: Post) -> None:
    assert "A better name" not in client.get(case.path).text
    with closing(outside(app.extensions["interlocal"].database_url)) as connection:
        connection.execute("UPDATE post SET title = 'A better name' WHERE kind = 'case'")
        connection.commit()
    for path in (case.path, "/", "/cases/", "/search?q=center"):
        assert "A better name" in client.get(path).text, path


def test_what_is_rolled_back_changes_nothing(app: Flask, client: PageClient, case: Post) -> None:
    path = case.path
    before = client.get(path).text
    db.session.connection(execution_options={"sqlite_begin": "IMMEDIATE"})
    case.title = "Never to be seen"
    db.session.flush()
    db.session.rollback()
    with statements_of(app) as statements:
        assert client.get(path).text == before
    assert not statements


def test_without_memory_for_it_nothing_is_kept(make_app: Callable[..., Flask]) -> None:
    client = make_app(kept_bytes=0).test_client()
    for _each in range(2):
        assert "ETag" not in client.get("/").headers


def test_a_page_takes_room_only_in_the_codings_that_were_asked_for(
    app: Flask, client: PageClient, case: Post
) -> None:
    store = cache_of(app).store
    client.checks = False  # it takes what is compressed for a damaged page

    def asked(coding: str) -> bytes:
        answer = client.get(case.path, headers={"Accept-Encoding": coding})
        assert answer.headers.get("Content-Encoding", "") == coding
        return answer.data

    small = asked("gzip")
    assert store.size == OVERHEAD + len(small)
    assert asked("gzip") == small
    plain = asked("")
    assert gzip.decompress(small) == plain
    assert store.size == OVERHEAD + len(small) + len(plain)
    again = asked("br")
    assert brotli.decompress(again) == plain
    assert store.size == OVERHEAD + len(small) + len(plain) + len(again)


def page_of(size: int) -> Kept:
    return Kept(frozenset(), 0, 0, 0.0, [], "", b"x" * (size - OVERHEAD), is_record=False)


def test_memory_is_bounded_and_what_is_asked_for_again_stays() -> None:
    store = Store(100 * 10_000)
    store.put("favorite", page_of(10_000))
    assert store.get("favorite")
    for number in range(1000):
        store.put(number, page_of(10_000))
        assert store.size <= 100 * 10_000
    assert store.get("favorite")
    assert store.get(0) is None
    assert store.get(999)
    for number in range(1000):
        store.put(number, page_of(10_000))
        store.get(number)
    assert store.size <= 100 * 10_000
    assert store.get("favorite") is None
    assert store._favorites.size <= 100 * 10_000 * FAVORITES


# --- Never stale: several servers, several writers, one of them outside the application

SERVERS, WRITERS, WRITES, READS = 2, 3, 150, 6
MEMBER = "Mona Member"
Told = multiprocessing.connection.Connection


def _serve(settings: Settings, told: Told) -> None:
    """A server in a process of its own, until it is told to stop."""
    with served(lambda address: create_app(settings)) as address:
        told.send(address)
        told.recv()


class Reader:
    """Reads pages from all servers, and counts; what was not there at once is in `missed`.

    Every other time as a member, who has no part in what is written.
    """

    def __init__(self, addresses: Sequence[str], cookie: str) -> None:
        self.servers = [HTTPConnection(urlsplit(address).netloc, timeout=60) for address in addresses]
        self.cookie = {"Cookie": cookie}
        self.seen: dict[tuple[int, str], str] = {}
        self.checks, self.missed = 0, list[str]()

    def check(self, path: str, words: str) -> None:
        """These words were acknowledged: they are on the page, and who had the page before is not told to keep it."""
        for number, server in enumerate(self.servers):
            known = self.seen.get((number, path))
            for turn in range(READS):
                headers = {"If-None-Match": known} if known and not turn else self.cookie if turn % 2 else {}
                server.request("GET", path, headers=headers)
                answer = server.getresponse()
                body = answer.read().decode()
                self.checks += 1
                is_theirs = "data-actor" not in body if headers is not self.cookie else MEMBER in body
                if words not in body or not (is_theirs or path.endswith("feed")):
                    self.missed.append(f"{path} of server {number}: {words} ({answer.status})")
                if "ETag" in answer.headers:
                    self.seen[number, path] = answer.headers["ETag"]


def _write_comments(
    data: Path, url: str, addresses: Sequence[str], cookie: str, post_id: int, comment_id: int
) -> tuple[int, list[str]]:
    """Change a comment again and again, through the application."""
    app = create_app(Settings(data=data, database_url=url, mode="test"))
    reader = Reader(addresses, cookie)
    with app.app_context():
        comment, path = db.session.get_one(Comment, comment_id), db.session.get_one(Post, post_id).path
        for number in range(WRITES):
            words = f"Words {comment_id} of turn {number}."
            edit_comment(comment.author, comment, words, comment.version)
            reader.check(path, words)
        db.engine.dispose()
    return reader.checks, reader.missed


def _write_outside(
    url: str, addresses: Sequence[str], cookie: str, post_id: int, path: str
) -> tuple[int, list[str]]:
    """Rename a post again and again, by SQL."""
    reader = Reader(addresses, cookie)
    with closing(outside(url)) as connection:
        for number in range(WRITES):
            title = f"Name of turn {number}!"
            connection.execute(f"UPDATE post SET title = '{title}' WHERE id = {post_id}")
            connection.commit()
            reader.check(path, title)
            reader.check("/cases/feed", title)
    return reader.checks, reader.missed


def test_what_was_acknowledged_is_on_the_very_next_page_of_every_server(app: Flask) -> None:
    settings: Settings = app.extensions["interlocal"]
    data, url = settings.data, settings.database_url
    with app.app_context():
        add_services()
        author = add_person()
        posts = [add_case(author, title=f"Case number {n} of some") for n in range(WRITERS)]
        # Two write to the same thread.
        threads = [posts[0], *posts[:-1]]
        comments = [(post.id, add_comment(author, post).id) for post in threads]
        reader = sign_in(app.test_client(), add_person(name=MEMBER))
        reader.get("/settings")
        cookie = f"interlocal_session={reader.get_cookie('interlocal_session').value}"
        renamed = (posts[-1].id, posts[-1].path)
        db.session.remove()  # what is in use is not closed
        db.engine.dispose()
    context = multiprocessing.get_context("spawn")
    ends = [context.Pipe() for _each in range(SERVERS)]
    servers = [context.Process(target=_serve, args=(settings, theirs)) for _ours, theirs in ends]
    for server in servers:
        server.start()
    try:
        addresses = [ours.recv() for ours, _theirs in ends]
        with context.Pool(WRITERS + 1) as pool:
            inside = [
                pool.apply_async(_write_comments, (data, url, addresses, cookie, *each)) for each in comments
            ]
            without = pool.apply_async(_write_outside, (url, addresses, cookie, *renamed))
            done = [each.get() for each in (*inside, without)]
    finally:
        for ours, _theirs in ends:
            ours.send("stop")
        for server in servers:
            server.join()
    assert sum(checks for checks, _missed in done) == SERVERS * READS * WRITES * (WRITERS + 2)
    assert [missed for _checks, all_missed in done for missed in all_missed] == []
