"""The pages of moderators: a reason for each act, and the log."""

import pytest

from forum.core.db import db
from forum.moderation.models import LogEntry
from forum.posts.models import Post
from tests.factories.comments import add_comment
from tests.factories.moderation import add_log_entry
from tests.factories.questions import add_answer, add_question
from tests.support.people import add_person, sign_in
from tests.support.statements import statements_of


@pytest.fixture
def thread(app):
    """Addresses of the acts on a question, its answer, a comment and its author; and the question's own."""
    with app.app_context():
        author = add_person(name="Ana Ruiz")
        question = add_question(author)
        answer = add_answer(author, question, "We **always** split it in half.")
        comment = add_comment(author, question)
        return {
            "post": f"post/{question.id}",
            "answer": f"answer/{answer.id}",
            "comment": f"comment/{comment.id}",
            "person": f"person/{author.id}",
            "path": question.path,
        }


def test_a_moderator_hides_an_answer_and_says_why(thread, signed_in, client):
    moderator = signed_in("moderator")
    page = moderator.get(f"/moderation/hide/{thread['answer']}")
    assert "Hide this answer" in page.text
    assert "<strong>always</strong>" in page.text
    sent = moderator.submit(f"/moderation/hide/{thread['answer']}", {"reason": "It sells\n something."})
    assert sent.status_code == 303
    assert sent.location == f"{thread['path']}/answers/{thread['answer'].partition('/')[2]}"
    log = moderator.get("/moderation/log").text
    assert "Answer by Ana Ruiz to" in log
    assert "It sells something." in log


@pytest.mark.parametrize("reason", ["", "  ", "no", "x" * 401])
def test_without_a_reason_nothing_is_done_and_the_form_comes_back(app, thread, signed_in, reason):
    page = signed_in("moderator").submit(f"/moderation/hide/{thread['post']}", {"reason": reason})
    assert page.status_code == 422
    with app.app_context():
        assert {post.state for post in Post.query} == {"visible"}
        assert LogEntry.query.count() == 0


def test_every_act_has_a_page_and_leads_back_to_what_it_was_done_to(thread, signed_in, app):
    moderator = signed_in("moderator")
    acts = [
        *((act, kind) for kind in ("post", "answer", "comment") for act in ("hide", "restore")),
        ("lock", "post"),
        ("unlock", "post"),
        ("suspend", "person"),
        ("reinstate", "person"),
    ]
    for act, kind in acts:
        sent = moderator.submit(f"/moderation/{act}/{thread[kind]}", {"reason": "There is a reason."})
        assert sent.status_code == 303, (act, kind)
    with app.app_context():
        assert [entry.act for entry in LogEntry.query.order_by(LogEntry.id)] == [act for act, _kind in acts]


def test_what_was_hidden_meanwhile_is_told_on_the_form(thread, signed_in):
    first, second = signed_in("moderator"), signed_in("moderator")
    page = second.get(f"/moderation/hide/{thread['post']}")
    assert page.status_code == 200
    first.submit(f"/moderation/hide/{thread['post']}", {"reason": "It sells something."})
    late = second.submit(f"/moderation/hide/{thread['post']}", {"reason": "It sells something."})
    assert late.status_code == 422
    assert "This is not in sight any more." in late.text


def test_the_author_of_a_hidden_post_sees_it_and_why_and_others_do_not(app, thread, signed_in, client):
    moderator = signed_in("moderator")
    moderator.submit(f"/moderation/hide/{thread['post']}", {"reason": "It names a resident."})
    assert client.get(thread["path"]).status_code == 404
    assert signed_in("member").get(thread["path"]).status_code == 404
    with app.app_context():
        author = db.session.get_one(Post, int(thread["post"].partition("/")[2])).author
        hers = sign_in(app.test_client(), author)
    assert "It names a resident." in hers.get(thread["path"]).text
    assert "It names a resident." in moderator.get(thread["path"]).text


def test_a_suspended_person_is_signed_out_and_told_why_at_the_door(app, thread, signed_in):
    from forum.accounts.actions import hash_password

    with app.app_context():
        person = add_person(email="rowdy@example.com", password_hash=hash_password("four words in a row"))
        rowdy = sign_in(app.test_client(), person)
        person_id = person.id
    assert rowdy.get("/settings").status_code == 200
    signed_in("moderator").submit(
        f"/moderation/suspend/person/{person_id}", {"reason": "Insults, three times."}
    )
    assert rowdy.get("/settings").status_code == 303
    door = rowdy.submit(
        "/sign-in", {"email": "rowdy@example.com", "password": "four words in a row"}, action="/sign-in"
    )
    assert "Insults, three times." in door.text


@pytest.mark.parametrize("role", ["member", "curator"])
@pytest.mark.parametrize(
    "address", ["/moderation/log", "/moderation/hide/post/1", "/moderation/suspend/person/1"]
)
def test_the_pages_are_closed_to_those_who_do_not_moderate(client, signed_in, role, address):
    assert signed_in(role).get(address).status_code == 403
    assert client.get(address).status_code == 303


@pytest.mark.parametrize(
    "address",
    [
        "/moderation/hide/post/999999",
        "/moderation/hide/post/99999999999999999999",
        "/moderation/hide/person/1",
        "/moderation/lock/comment/1",
        "/moderation/suspend/post/1",
        "/moderation/delete/post/1",
        "/moderation/log?act=delete",
        "/moderation/log?after=nonsense",
    ],
)
def test_what_is_not_there_or_cannot_be_done_is_not_found(thread, signed_in, address):
    assert signed_in("admin").get(address).status_code == 404


def test_a_moderator_cannot_open_the_page_that_suspends_an_admin(app, signed_in):
    with app.app_context():
        admin_id = add_person("admin").id
    assert signed_in("moderator").get(f"/moderation/suspend/person/{admin_id}").status_code == 403


def test_the_log_is_read_from_the_newest_on_and_narrowed_to_one_act(app, signed_in):
    moderator = signed_in("moderator")
    with app.app_context():
        for number in range(45):
            add_log_entry(moderator.person, "hide" if number % 2 else "lock", f"Post number {number}")
    first = moderator.get("/moderation/log")
    assert "Post number 44" in first.text
    assert "Post number 24<" not in first.text
    locks = moderator.get("/moderation/log?act=lock").text
    assert "Post number 44" in locks
    assert "Post number 43" not in locks
    assert "act=lock&amp;after=" in locks


@pytest.mark.parametrize("rows", [1, 50])
def test_the_log_takes_as_many_statements_however_long_it_is(app, signed_in, rows):
    moderator = signed_in("moderator")
    with app.app_context():
        for _number in range(rows):
            add_log_entry(moderator.person)
    moderator.get("/nowhere")  # a page that is not kept; what its header tells is remembered
    with statements_of(app) as statements:
        moderator.get("/moderation/log")
    assert len(statements) == 2, statements  # who asks, and the rows


def test_an_empty_log_says_so(signed_in):
    assert "Nobody has had to step in" in signed_in("admin").get("/moderation/log").text
