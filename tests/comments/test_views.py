"""Commenting over HTTP, with the forms that the pages draw and without JavaScript."""

import pytest

from forum.core.db import write
from forum.posts.models import Post
from tests.factories.cases import add_case, add_services
from tests.factories.comments import add_comment
from tests.factories.questions import add_question
from tests.support.forms import find_form
from tests.support.people import add_person, sign_in


@pytest.fixture
def post(session):
    return add_question(add_person())


def on(post):
    return f"/posts/{post.id}/comments"


def test_a_member_comments_and_lands_on_what_they_wrote(post, signed_in):
    client = signed_in()
    answer = client.submit(post.path, {"comment": "We do **this** too."}, action=on(post))
    assert answer.status_code == 303
    path, _sharp, place = answer.location.partition("#")
    page = client.get(path)
    assert f'id="{place}"' in page.text
    assert "We do <strong>this</strong> too." in page.text
    assert '<meta name="saved-drafts"' in page.text, "the browser may forget the draft"


@pytest.mark.parametrize("words", ["", " ", "x", "y" * 4001, "[^1]" * 501])
def test_words_that_cannot_be_taken_come_back_as_they_were_typed(post, signed_in, words):
    answer = signed_in().submit(post.path, {"comment": words}, action=on(post))
    assert answer.status_code == 422
    assert words.strip() in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_a_reply_shows_what_it_answers_and_ends_below_it(post, session, signed_in):
    comment = add_comment(add_person(name="Ruth Delgado"), post, "Which year is that?")
    client = signed_in()
    page = client.get(f"/comments/{comment.id}/reply")
    assert "Reply to Ruth Delgado" in page.text
    assert "Which year is that?" in page.text
    answer = client.submit(f"/comments/{comment.id}/reply", {"comment": "It is 2023."})
    assert answer.status_code == 303
    assert "comment--1" in client.get(post.path).text


def test_a_visitor_reads_and_is_asked_to_sign_in(post, client):
    comment = add_comment(add_person(), post, "Which year is that?")
    page = client.get(post.path)
    assert "Which year is that?" in page.text
    assert f"/sign-in?next={post.path}%23comments" in page.text
    assert "csrf_token" not in page.text
    assert client.get(f"/comments/{comment.id}/reply").location.startswith("/sign-in?next=")


def test_a_permalink_leads_there(post, client):
    comment = add_comment(add_person(), post)
    assert client.get(f"/comments/{comment.id}").location == f"{post.path}#comment-{comment.id}"
    assert client.get("/comments/999").status_code == 404


def test_the_author_edits_and_others_do_not(post, signed_in):
    client = signed_in()
    comment = add_comment(client.person, post, "It is 2022.")
    answer = client.submit(f"/comments/{comment.id}/edit", {"comment": "It is 2023."})
    assert answer.status_code == 303
    page = client.get(post.path)
    assert "It is 2023." in page.text
    assert "edited" in page.text
    assert signed_in("curator").get(f"/comments/{comment.id}/edit").status_code == 403


def test_of_two_windows_the_slower_is_told_and_keeps_both_texts(post, signed_in):
    client = signed_in()
    comment = add_comment(client.person, post, "It is 2022.")
    path = f"/comments/{comment.id}/edit"
    faster = {"comment": "It is 2023.", "version": "1"}
    slower = {"comment": "It is 2024.", "version": "1"}
    assert client.submit(path, faster).status_code == 303
    told = client.submit(path, slower)
    assert told.status_code == 409
    assert "It is 2023." in told.text
    assert "It is 2024." in told.text
    assert client.submit(path, {"comment": "It is 2024."}).status_code == 303
    assert "It is 2024." in client.get(post.path).text


def test_deleting_asks_once_and_then_leaves_nothing(post, signed_in):
    client = signed_in()
    comment = add_comment(client.person, post, "It is 2022.")
    path = f"/comments/{comment.id}/delete"
    assert "It is 2022." in client.get(path).text
    assert client.submit(path).location == f"{post.path}#comments"
    assert "It is 2022." not in client.get(post.path).text
    assert client.get(path).status_code == 404


def test_a_locked_thread_says_so_and_offers_no_form(post, session, signed_in):
    add_services()
    case = add_case(add_person())
    client = signed_in()
    with write():
        for item in (post, case):
            item.locked_at, item.locked_reason = item.created_at, "This went in circles."
    for item in (post, case):
        page = client.get(item.path)
        assert page.text.count("This went in circles.") == 1
        assert f'action="{on(item)}"' not in page.text
        refused = client.post(on(item), data={"comment": "One more thing.", "csrf_token": token(client)})
        assert refused.status_code == 403
        assert "One more thing." in refused.text, "what was typed is given back"


def token(client):
    """A token of this client's session, from a page that has a form."""
    return find_form(client.get("/questions/ask").text).values["csrf_token"][0]


def test_on_a_case_the_kind_of_comment_can_be_chosen(session, signed_in):
    add_services()
    case = add_case(add_person())
    client = signed_in()
    fields = {"comment": "We share a grader like that.", "kind": "same_here"}
    assert client.submit(case.path, fields, action=on(case)).status_code == 303
    assert "We do this too" in client.get(case.path).text


def test_too_many_comments_in_a_row_are_refused_with_the_text_given_back(make_app, post):
    app = make_app(limits={"write": (1, 60)})
    with app.app_context():
        client = sign_in(app.test_client(), add_person())
    assert client.submit(post.path, {"comment": "The first."}, action=on(post)).status_code == 303
    refused = client.submit(post.path, {"comment": "The second."}, action=on(post))
    assert refused.status_code == 429
    assert "The second." in refused.text
    assert refused.headers["Retry-After"]


def test_nobody_comments_on_a_post_they_may_not_see(post, session, signed_in):
    client = signed_in()
    with write():
        session.get(Post, post.id).state = "hidden"
    refused = client.post(on(post), data={"comment": "Hello there.", "csrf_token": token(client)})
    assert refused.status_code == 404
