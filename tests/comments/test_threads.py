"""Comments make threads: their order, their pages, and what stays when one goes."""

import pytest

from forum.comments import queries
from forum.comments.actions import delete_comment, edit_comment
from forum.comments.models import DEEPEST, Comment
from forum.core.db import write
from forum.core.errors import EditConflict, Forbidden, Invalid, NotFound
from forum.posts.models import Post
from tests.factories.cases import add_case, add_services
from tests.factories.comments import add_comment
from tests.factories.questions import add_answer, add_question
from tests.support.people import add_person
from tests.support.statements import statements_of


@pytest.fixture
def post(session):
    return add_question(add_person())


def drawn(post, **options):
    """(depth, text) of each comment, in the order of the page."""
    rows = queries.thread(None, post, **options).rows
    return [(row.depth, row.body_html.removeprefix("<p>").removesuffix("</p>")) for row in rows]


def test_replies_stand_below_what_they_answer_whenever_they_were_written(post):
    ana, ben = add_person(), add_person()
    first = add_comment(ana, post, "first")
    second = add_comment(ben, post, "second")
    add_comment(ben, post, "to the second", parent=second)
    reply = add_comment(ben, post, "to the first", parent=first)
    add_comment(ana, post, "to that", parent=reply)
    assert drawn(post) == [
        (0, "first"),
        (1, "to the first"),
        (2, "to that"),
        (0, "second"),
        (1, "to the second"),
    ]


def test_below_the_deepest_step_replies_stand_side_by_side(post):
    author = add_person()
    comment = None
    for number in range(DEEPEST + 3):
        comment = add_comment(author, post, f"step {number}", parent=comment)
    assert [depth for depth, _text in drawn(post)] == [0, 1, 2, 3, 3, 3]
    assert [text for _depth, text in drawn(post)] == [f"step {number}" for number in range(DEEPEST + 3)]


def test_a_long_thread_is_read_page_by_page_without_a_gap(post):
    author = add_person()
    for number in range(7):
        add_comment(author, post, str(number))
    read, after = [], None
    while True:
        page = queries.thread(None, post, after=after, limit=3)
        read += [row.body_html for row in page.rows]
        after = page.later
        if after is None:
            break
    assert read == [f"<p>{number}</p>" for number in range(7)]


def test_a_permalink_leads_to_the_page_that_holds_the_comment(post, monkeypatch):
    monkeypatch.setattr(queries, "PAGE", 3)
    author = add_person()
    comments = [add_comment(author, post, str(number)) for number in range(7)]
    assert queries.address(comments[2]) == f"{post.path}#comment-{comments[2].id}"
    path, _sharp, place = queries.address(comments[4]).partition("#")
    assert place == f"comment-{comments[4].id}"
    page = queries.thread(None, post, after=path.partition("?comments=")[2], limit=3)
    assert [row.id for row in page.rows] == [comment.id for comment in comments[3:6]]


def test_comments_on_an_answer_are_a_thread_of_their_own(post):
    author = add_person()
    answer = add_answer(author, post)
    add_comment(author, post, "on the question")
    on_answer = add_comment(author, post, "on the answer", answer_id=answer.id)
    add_comment(author, post, "a reply there", parent=on_answer)
    assert drawn(post) == [(0, "on the question")]
    assert drawn(post, answer_id=answer.id) == [(0, "on the answer"), (1, "a reply there")]
    assert queries.address(on_answer) == f"{post.path}/answers/{answer.id}#comment-{on_answer.id}"


def test_comments_are_counted_where_they_belong(post, session):
    author = add_person()
    answer = add_answer(author, post)
    comment = add_comment(author, post)
    on_answer = add_comment(author, post, answer_id=answer.id)
    add_comment(author, post, parent=on_answer)
    session.expire_all()
    assert (post.n_comments, answer.n_comments, on_answer.n_replies) == (1, 2, 1)
    delete_comment(author, comment)
    session.expire_all()
    assert (post.n_comments, answer.n_comments) == (0, 2)


def test_nobody_comments_on_an_answer_that_is_gone_or_belongs_elsewhere(post, session):
    author = add_person()
    other = add_question(author, title="What notice should a partner give before leaving?")
    answer = add_answer(author, other)
    with pytest.raises(NotFound):
        add_comment(author, post, answer_id=answer.id)
    with write():
        answer.state = "hidden"
    with pytest.raises(NotFound):
        add_comment(author, other, answer_id=answer.id)
    assert session.query(Comment).count() == 0


def test_deleting_leaves_a_placeholder_where_there_are_replies_and_nothing_elsewhere(post, session):
    author = add_person()
    top = add_comment(author, post, "top")
    reply = add_comment(author, post, "reply", parent=top)
    leaf = add_comment(author, post, "leaf", parent=reply)
    delete_comment(author, reply)
    assert drawn(post) == [(0, "top"), (1, ""), (2, "leaf")]
    assert reply.body == reply.body_html == ""
    delete_comment(author, leaf)
    assert drawn(post) == [(0, "top")], "a placeholder whose last reply is gone goes too"
    session.expire_all()
    assert (top.n_replies, post.n_comments) == (0, 1)
    with pytest.raises(NotFound):
        queries.by_id(reply.id, author)


def test_what_is_hidden_its_author_and_moderators_read_with_the_reason_and_others_see_that_it_was_there(post):
    author = add_person()
    comment = add_comment(author, post, "too much")
    with write():
        comment.state, comment.hidden_reason = "hidden", "Names a resident."
    for reader, sees in [
        (None, False),
        (add_person(), False),
        (author, True),
        (add_person("moderator"), True),
    ]:
        (row,) = queries.thread(reader, post).rows
        assert bool(row.body_html) is sees
        assert row.hidden_reason == ("Names a resident." if sees else "")
        assert row.state == "hidden"


def test_two_windows_of_one_author_lose_neither_text(post, session):
    author = add_person()
    comment = add_comment(author, post, "as it was")
    opened_at = comment.version
    edit_comment(author, comment, "from the first window", opened_at)
    with pytest.raises(EditConflict) as conflict:
        edit_comment(author, comment, "from the second window", opened_at)
    assert conflict.value.current == "from the first window"
    assert comment.body == "from the first window"
    edit_comment(author, comment, "from the second window", comment.version)
    assert (comment.version, comment.body) == (3, "from the second window")


def test_saving_the_same_words_is_no_edit(post):
    author = add_person()
    comment = add_comment(author, post, "as it was")
    edit_comment(author, comment, "as it was", comment.version)
    assert (comment.version, comment.edited_at) == (1, None)


def test_only_a_case_has_comments_of_several_kinds(session):
    add_services()
    author = add_person()
    case = add_case(author)
    add_comment(author, case, "It was $64,000.", kind="correction")
    (row,) = queries.thread(None, case).rows
    assert row.kind_label == "Correction"
    assert [key for key, _label in queries.thread(None, case).kinds][:2] == ["comment", "correction"]
    with pytest.raises(Invalid):
        add_comment(author, add_question(author), "It was $64,000.", kind="correction")
    with pytest.raises(Invalid):
        add_comment(author, case, "It was $64,000.", kind="rumor")


def test_a_locked_thread_takes_comments_from_moderators_alone(post, session):
    author = add_person()
    comment = add_comment(author, post)
    with write():
        post.locked_at = post.created_at
    with pytest.raises(Forbidden, match="locked"):
        add_comment(author, post)
    with pytest.raises(Forbidden, match="locked"):
        edit_comment(author, comment, "Something else")
    add_comment(add_person("moderator"), post)
    delete_comment(author, comment)
    session.expire_all()
    assert post.n_comments == 1


def test_nobody_replies_to_what_is_not_there_any_more(post):
    author = add_person()
    comment = add_comment(author, post)
    delete_comment(author, comment)
    with pytest.raises(Forbidden):
        add_comment(author, post, parent=comment)


def test_the_asker_who_asked_for_it_has_no_organisation_in_the_thread(session):
    from forum.accounts.actions import find_or_make_organisation

    with write():
        alder = find_or_make_organisation("Town of Alder", "municipality")
    asker, other = add_person(organisation_id=alder.id), add_person(organisation_id=alder.id)
    question = add_question(asker, hide_org=True)
    for person in (asker, other):
        add_comment(person, question)
    assert [row.author.organisation for row in queries.thread(None, question).rows] == [
        "",
        "Town of Alder",
    ]
    assert queries.thread(None, question).rows[0].author.path == ""
    moderator = add_person("moderator")
    assert queries.thread(moderator, question).rows[0].author.organisation == "Town of Alder"


def test_footnotes_of_two_comments_do_not_lead_into_each_other(post):
    author = add_person()
    for _ in range(2):
        add_comment(author, post, "See[^1].\n\n[^1]: The minutes.")
    first, second = (row.body_html for row in queries.thread(None, post).rows)
    assert first != second


@pytest.mark.parametrize("cursor", ["x", "WzFd", "WyIiLCAiIl0"])
def test_a_cursor_that_is_not_ours_leads_nowhere(post, cursor):
    with pytest.raises(NotFound):
        queries.thread(None, post, after=cursor)


def test_the_statements_for_a_thread_do_not_grow_with_it(app, post, session):
    author = add_person()

    def count():
        session.expire_all()
        with statements_of(app) as statements:
            queries.thread(author, post)
        return len(statements)

    add_comment(author, post)
    few = count()
    for _ in range(49):
        add_comment(author, post)
    assert count() == few <= 3


def test_a_post_that_is_out_of_sight_takes_its_comments_along(post):
    comment = add_comment(add_person(), post)
    with write():
        post.state = "hidden"
    with pytest.raises(NotFound):
        queries.by_id(comment.id, None)
    assert queries.by_id(comment.id, add_person("moderator")).id == comment.id


def test_hidden_comments_are_not_counted_until_they_are_restored(post, session):
    from forum.moderation.actions import hide, restore

    moderator = add_person("moderator")
    answer = add_answer(add_person(), post)
    on_post, on_answer = (
        add_comment(add_person(), post),
        add_comment(add_person(), post, answer_id=answer.id),
    )
    for act, n in ((hide, 0), (restore, 1)):
        for comment in (on_post, on_answer):
            act(moderator, comment, "Once more.")
        session.expire_all()
        assert (session.get(Post, post.id).n_comments, answer.n_comments) == (n, n)
