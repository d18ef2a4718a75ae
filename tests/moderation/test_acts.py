"""What moderators do: it shows at once, is counted, says why, and stands in the log."""

from types import SimpleNamespace

import pytest

from forum.core import events
from forum.core.errors import Forbidden, Invalid, NotFound
from forum.moderation import actions, queries
from forum.moderation.events import PersonSuspended, ThreadLocked
from forum.moderation.models import LogEntry
from forum.posts.events import ItemHidden, ItemRestored
from forum.questions.actions import accept_answer
from tests.factories.comments import add_comment
from tests.factories.questions import add_answer, add_question
from tests.support.people import add_person


@pytest.fixture
def thread(session):
    """A question with an answer that was accepted, a comment on each, and who takes part."""
    asker, helper, moderator = add_person(), add_person(), add_person("moderator")
    question = add_question(asker)
    answer = add_answer(helper, question)
    accept_answer(asker, question, answer)
    return SimpleNamespace(
        asker=asker,
        helper=helper,
        moderator=moderator,
        question=question,
        answer=answer,
        comment=add_comment(helper, question),
        remark=add_comment(helper, question, answer_id=answer.id),
    )


@pytest.mark.parametrize("kind", ["question", "answer", "comment", "remark"])
def test_what_is_hidden_says_why_and_comes_back_as_it_was(thread, kind):
    item = getattr(thread, kind)
    actions.hide(thread.moderator, item, "It names a resident.")
    assert (item.state, item.hidden_reason) == ("hidden", "It names a resident.")
    assert item.hidden_by_id == thread.moderator.id
    assert item.hidden_at is not None
    actions.restore(thread.moderator, item, "The name is gone.")
    assert (item.state, item.hidden_reason, item.hidden_at, item.hidden_by_id) == ("visible", "", None, None)


def test_what_is_hidden_is_not_counted(thread):
    counts = lambda: (thread.question.n_answers, thread.question.n_comments, thread.answer.n_comments)  # noqa: E731
    assert counts() == (1, 1, 1)
    for item in (thread.answer, thread.comment, thread.remark):
        actions.hide(thread.moderator, item, "Off topic.")
    assert counts() == (0, 0, 0)
    for item in (thread.answer, thread.comment, thread.remark):
        actions.restore(thread.moderator, item, "It is to the point.")
    assert counts() == (1, 1, 1)


def test_a_hidden_answer_is_not_the_accepted_one_any_more(thread):
    actions.hide(thread.moderator, thread.answer, "It sells something.")
    assert (thread.question.accepted_answer_id, thread.question.status) == (None, "open")


def test_a_second_moderator_who_is_too_late_is_told_and_nothing_is_counted_twice(thread):
    actions.hide(thread.moderator, thread.comment, "Off topic.")
    with pytest.raises(Invalid, match="not in sight any more"):
        actions.hide(add_person("admin"), thread.comment, "Off topic.")
    assert thread.question.n_comments == 0
    assert LogEntry.query.count() == 1


def test_a_locked_thread_says_since_when_and_why(thread):
    actions.lock(thread.moderator, thread.question, "It goes in circles.")
    assert (thread.question.locked, thread.question.locked_reason) == (True, "It goes in circles.")
    with pytest.raises(Forbidden):
        add_comment(thread.helper, thread.question)
    with pytest.raises(Invalid, match="locked already"):
        actions.lock(thread.moderator, thread.question, "Again.")
    actions.unlock(thread.moderator, thread.question, "They have calmed down.")
    assert (thread.question.locked, thread.question.locked_reason) == (False, "")
    add_comment(thread.helper, thread.question)


def test_a_suspended_person_is_signed_out_everywhere_and_may_come_back(thread):
    before = thread.helper.session_token
    actions.suspend(thread.moderator, thread.helper, "Three posts that sell something.")
    assert not thread.helper.is_active
    assert thread.helper.session_token != before
    with pytest.raises(Invalid, match="suspended already"):
        actions.suspend(thread.moderator, thread.helper, "Again.")
    actions.reinstate(thread.moderator, thread.helper, "They wrote to us.")
    assert (thread.helper.is_active, thread.helper.suspended_reason) == (True, "")


def test_every_act_is_in_the_log_with_who_what_and_why(thread):
    moderator, title = thread.moderator, thread.question.title
    acts = [
        (actions.hide, thread.question),
        (actions.restore, thread.question),
        (actions.hide, thread.answer),
        (actions.hide, thread.comment),
        (actions.lock, thread.question),
        (actions.unlock, thread.question),
        (actions.suspend, thread.helper),
        (actions.reinstate, thread.helper),
    ]
    for number, (act, item) in enumerate(acts):
        act(moderator, item, f"Reason {number}")
    rows = queries.log().rows
    assert [row.act for row in reversed(rows)] == [act.__name__ for act, _item in acts]
    assert [row.reason for row in reversed(rows)] == [f"Reason {number}" for number in range(len(acts))]
    assert {row.actor_name for row in rows} == {moderator.name}
    helper = thread.helper
    assert [(row.subject, row.subject_path) for row in reversed(rows)][2:4] == [
        (f"Answer by {helper.name} to “{title}”", thread.answer.path),
        (f"Comment by {helper.name} on “{title}”", f"/comments/{thread.comment.id}"),
    ]
    assert (rows[0].subject, rows[0].subject_path) == (helper.name, helper.path)


def test_what_follows_from_an_act_is_told_in_the_same_transaction(thread, monkeypatch):
    heard = []
    kinds = (ItemHidden, ItemRestored, ThreadLocked, PersonSuspended)
    monkeypatch.setattr(events, "_reactions", {kind: [heard.append] for kind in kinds})
    actions.hide(thread.moderator, thread.comment, "Off topic.")
    actions.restore(thread.moderator, thread.comment, "On topic.")
    actions.lock(thread.moderator, thread.question, "Enough.")
    actions.suspend(thread.moderator, thread.helper, "Enough.")
    assert heard == [
        ItemHidden("comment", thread.comment.id),
        ItemRestored("comment", thread.comment.id),
        ThreadLocked(thread.question.id),
        PersonSuspended(thread.helper.id),
    ]


def test_an_act_whose_consequence_fails_is_neither_done_nor_logged(thread, monkeypatch):
    def fail(_event):
        raise RuntimeError("no")

    monkeypatch.setattr(events, "_reactions", {ItemHidden: [fail]})
    with pytest.raises(RuntimeError):
        actions.hide(thread.moderator, thread.comment, "Off topic.")
    assert thread.comment.state == "visible"
    assert LogEntry.query.count() == 0


@pytest.mark.parametrize("role", ["member", "curator"])
@pytest.mark.parametrize("act", ["hide", "restore", "lock", "unlock"])
def test_only_moderators_and_admins_may(thread, role, act):
    with pytest.raises(Forbidden):
        getattr(actions, act)(add_person(role), thread.question, "Because.")


@pytest.mark.parametrize(
    ("role", "other", "may"),
    [
        ("curator", "member", False),
        ("moderator", "member", True),
        ("moderator", "curator", True),
        ("moderator", "moderator", False),
        ("moderator", "admin", False),
        ("admin", "moderator", True),
        ("admin", "admin", True),
    ],
)
def test_people_suspend_those_below_them_on_the_ladder(session, role, other, may):
    actor, person = add_person(role), add_person(other)
    if may:
        actions.suspend(actor, person, "Because.")
    else:
        with pytest.raises(Forbidden):
            actions.suspend(actor, person, "Because.")
    assert person.is_active is not may


def test_nobody_suspends_themselves(session):
    admin = add_person("admin")
    with pytest.raises(Forbidden):
        actions.suspend(admin, admin, "Because.")


def test_what_its_author_deleted_is_not_there_to_be_moderated(thread):
    from forum.comments.actions import delete_comment

    delete_comment(thread.helper, thread.comment)
    with pytest.raises(NotFound):
        queries.by_id("comment", thread.comment.id)
