"""Members get kept pages too: nobody's, with their own words filled in; or their own, made anew."""

import gzip
import re
from collections.abc import Callable, Iterator
from http.cookies import SimpleCookie
from typing import Any

import pytest
from flask import Flask
from time_machine import TimeMachineFixture

from forum.accounts.actions import end_sessions, set_role, update_profile
from forum.accounts.models import Person
from forum.announcements.actions import write_announcement
from forum.comments.actions import post_comment
from forum.core.db import db, write
from forum.core.roles import Role
from forum.moderation.actions import hide, suspend
from forum.posts.models import Post
from forum.web.memberpages import GAP, Gapped
from forum.web.pagecache import PageCache
from tests.factories.cases import add_case, add_services
from tests.support.page import PageClient
from tests.support.people import add_person, sign_in
from tests.support.statements import statements_of

Signed = Callable[..., PageClient]
# What each copy of a page has of its own.
ONCE = re.compile(rb'name="_once" value="\w+"')


def without_keys(page: bytes) -> bytes:
    return ONCE.sub(b"", page)


@pytest.fixture
def case(app: Flask) -> Iterator[Post]:
    with app.app_context():
        add_services()
        yield add_case(add_person(name="Ana Author"))


def at_home(signed_in: Signed, **columns: Any) -> PageClient:
    """A member's client that has been here before: its session has a token."""
    client = signed_in(**columns)
    client.get("/settings")
    return client


def kept_pages(app: Flask) -> list[bytes]:
    front: Any = app.wsgi_app
    while not isinstance(front, PageCache):
        front = front.application
    parts = (front.store._new, front.store._favorites)
    pages = [page for part in parts for page in part.pages.values()]
    return [
        page.gapped.filled(dict.fromkeys(page.gapped._fields, GAP.encode())) if page.gapped else page.plain()
        for page in pages
    ]


def test_the_second_time_nothing_is_asked_of_the_database(app: Flask, case: Post, signed_in: Signed) -> None:
    mona, noah = at_home(signed_in, name="Mona Member"), at_home(signed_in, name="Noah Newcomer")
    first = mona.get(case.path)
    assert "Mona Member" in first.text
    assert "Noah" not in first.text
    noah.get("/")
    with statements_of(app) as statements:
        again = mona.get(case.path)
        other = noah.get(case.path)
    assert not statements
    assert without_keys(again.data) == without_keys(first.data)
    assert "Noah Newcomer" in other.text
    assert "NN" in other.text
    assert "Mona" not in other.text
    assert first.headers["Cache-Control"] == other.headers["Cache-Control"] == "private, no-store"
    assert "ETag" not in first.headers
    assert "Set-Cookie" not in other.headers


def test_what_is_kept_has_nothing_of_a_person(
    app: Flask, client: PageClient, case: Post, signed_in: Signed
) -> None:
    mona = at_home(signed_in, name="Mona Member", slug="mona-member", email="mona@example.org")
    for path in (case.path, "/", "/cases/", "/questions/", "/services/", "/about", "/search?q=center"):
        for _twice in range(2):
            assert mona.get(path).text.count("Mona Member") == 1
            assert "Mona" not in client.get(path).text
    kept = b"".join(kept_pages(app))
    assert kept.count(GAP.encode()) > 7
    for own in (b"Mona", b"mona", b'csrf_token" value="I'):
        assert own not in kept


def test_names_are_text(case: Post, signed_in: Signed) -> None:
    client = at_home(signed_in, name='<b>Bo</b> & "Co"')
    first, again = (client.get(case.path) for _twice in range(2))
    assert without_keys(first.data) == without_keys(again.data)
    text = again.text
    assert "&lt;b&gt;Bo&lt;/b&gt; &amp; &#34;Co&#34;" in text
    assert "<b>Bo" not in text


def test_it_comes_compressed_for_who_takes_that(case: Post, signed_in: Signed) -> None:
    client = at_home(signed_in, name="Zoë Ångström")
    plain = client.get(case.path)
    client.checks = False
    packed = client.get(case.path, headers={"Accept-Encoding": "gzip, br"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) / 2
    assert without_keys(gzip.decompress(packed.data)) == without_keys(plain.data)


def test_the_forms_of_a_kept_page_work(app: Flask, case: Post, signed_in: Signed) -> None:
    at_home(signed_in).get(case.path)
    client = at_home(signed_in)
    done = client.submit(case.path, {"comment": "It went well."}, action=f"/posts/{case.id}/comments")
    assert done.status_code == 303
    assert client.submit(case.path, action=f"/posts/{case.id}/useful").status_code == 303
    forged = at_home(signed_in).post(f"/posts/{case.id}/comments", data={"comment": "No token."})
    assert forged.status_code == 400


def test_who_has_a_part_in_a_page_gets_their_own(app: Flask, case: Post, signed_in: Signed) -> None:
    path = case.path
    other, mona = at_home(signed_in), at_home(signed_in, name="Mona Member")
    author = sign_in(app.test_client(), case.author)
    for each in (other, mona, author, other, mona, author):
        assert ("/edit/basics" in each.get(path).text) is (each is author)
    mona.submit(path, action=f"/posts/{case.id}/useful")
    mona.submit(path, {"comment": "Ours is alike."}, action=f"/posts/{case.id}/comments")
    for each in (other, mona, other, mona):
        text = each.get(path).text
        assert "Ours is alike." in text
        assert ('aria-pressed="true"' in text) is (each is mona)
        assert ("What Mona Member wrote".lower() in text.lower()) is (each is mona)


def test_a_message_is_shown_once(case: Post, signed_in: Signed) -> None:
    client = at_home(signed_in)
    client.get(case.path)
    client.submit("/settings", {"name": "Nora Newname", "job_title": "Clerk"}, action="/settings")
    assert "Your profile is saved." in client.get(case.path).text
    text = client.get(case.path).text
    assert "Your profile is saved." not in text
    assert "Nora Newname" in text


def test_what_changes_about_a_person_holds_at_once(app: Flask, case: Post, signed_in: Signed) -> None:
    client = at_home(signed_in, name="Old Name")

    def does(action: Callable[..., object], *rest: object) -> str:
        for _twice in range(2):
            client.get(case.path)
        with app.app_context():
            action(db.session.get_one(Person, client.person.id), *rest)
        return client.get(case.path).text

    assert "New Name" in does(update_profile, {"name": "New Name"})
    assert "/curate/" in does(set_role, Role.CURATOR)
    assert "/curate/" not in does(set_role, Role.MEMBER)
    assert 'href="/join"' in does(end_sessions)


def test_who_is_suspended_is_a_visitor_on_the_next_page(app: Flask, case: Post, signed_in: Signed) -> None:
    client = at_home(signed_in, name="Mona Member")
    for _twice in range(2):
        assert "Mona Member" in client.get(case.path).text
    suspend(add_person("moderator"), db.session.get_one(Person, client.person.id), "Advertisements.")
    assert "Mona Member" not in client.get(case.path).text


def test_the_author_of_what_is_hidden_sees_it_and_nobody_else(
    app: Flask, case: Post, signed_in: Signed
) -> None:
    author, other = sign_in(app.test_client(), case.author), at_home(signed_in)
    author.get("/settings")
    title = case.title
    for each in (author, other) * 2:
        assert title in each.get("/").text
    hide(add_person("moderator"), case, "An advertisement.")
    for each in (author, other) * 2:
        assert (title in each.get("/").text) is (each is author)


def test_a_line_that_was_put_away_stays_away(app: Flask, case: Post, signed_in: Signed) -> None:
    mona, noah = at_home(signed_in), at_home(signed_in)
    line = write_announcement(add_person("curator"), {"text": "Dues are lower.", "audience": "all"})
    for each in (mona, noah) * 2:
        assert "Dues are lower." in each.get(case.path).text
    mona.submit(case.path, action=f"/announcements/{line.id}/dismiss")
    for each in (mona, noah) * 2:
        assert ("Dues are lower." in each.get(case.path).text) is (each is noah)


def test_where_one_works_decides_on_what_is_like_ones_own(app: Flask, case: Post, signed_in: Signed) -> None:
    town = case.parties[0].organisation_id
    inside, outside = at_home(signed_in, organisation_id=town), at_home(signed_in)
    for each in (inside, outside) * 2:
        assert ("/edit/basics" in each.get(case.path).text) is (each is inside)


def test_the_session_is_renewed_within_an_hour(
    case: Post, signed_in: Signed, clock: TimeMachineFixture
) -> None:
    client = at_home(signed_in)

    def renewed() -> bool:
        return "interlocal_session" in SimpleCookie(client.get(case.path).headers.get("Set-Cookie", ""))

    assert [renewed(), renewed()] == [False, False]
    clock.shift(3601)
    assert renewed()
    assert not renewed()


def test_a_cookie_that_nobody_signed_is_nobodys(app: Flask, case: Post, signed_in: Signed) -> None:
    client = at_home(signed_in, name="Mona Member")
    client.get(case.path)
    cookie = client.get_cookie("interlocal_session").value
    stranger = app.test_client(use_cookies=False)
    for forged in (cookie[:-1], cookie + "x", "", "a.b.c"):
        answer = stranger.get(case.path, headers={"Cookie": f"interlocal_session={forged}"})
        assert "Mona Member" not in answer.text
        assert 'href="/join"' in answer.text


def test_a_moderator_or_curator_sees_what_they_may_do(app: Flask, case: Post, signed_in: Signed) -> None:
    at_home(signed_in).get(case.path)
    assert "/curate/" in signed_in("curator").get(case.path).text
    assert "/moderation/log" in signed_in("moderator").get(case.path).text


def test_pages_that_are_not_kept_are_made_once(app: Flask, case: Post, signed_in: Signed) -> None:
    client = at_home(signed_in, name="Mona Member")
    with statements_of(app) as usual:
        client.get("/settings")
    client.get(case.path)
    with statements_of(app) as statements:
        assert "Mona Member" in client.get("/settings").text
    assert len(statements) <= len(usual)
    assert client.get("/cases/nothing").status_code == 404


def test_a_word_that_is_changed_on_its_way_is_noticed() -> None:
    assert Gapped(f"<b>{GAP}nameend</b>".encode()).filled({b"name": b"Mona"}) == b"<b>Mona</b>"
    with pytest.raises(ValueError, match="cut or changed"):
        Gapped(f"<b>{GAP}nam…</b>".encode())


def test_a_case_that_one_has_written_about_is_ones_own_after_it_was_read(
    app: Flask, case: Post, signed_in: Signed
) -> None:
    client = at_home(signed_in)
    client.get(case.path)
    with app.app_context(), write():
        post_comment(db.session.get_one(Person, client.person.id), db.session.get_one(Post, case.id), "Mine.")
    assert "Reply" in client.get(case.path).text
    assert "/edit" in client.get(case.path).text
