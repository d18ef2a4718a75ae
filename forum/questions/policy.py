"""Who may do what with questions and answers; each rule beside the SQL that says the same.

An answer is judged together with its question: nobody reaches it who may not see the question. Asking and
editing a question follow the rules of all posts.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, false, or_, true

from forum.accounts.models import Person
from forum.comments.policy import Standing
from forum.posts.models import Post
from forum.posts.policy import may_discuss, may_see_post
from forum.questions.models import Answer, Question


def may_answer(actor: Person | None, question: Question) -> bool:
    """Whoever may discuss it; also the asker, who may have found out."""
    return may_discuss(actor, question)


def may_see_answer(actor: Person | None, answer: Standing) -> bool:
    """Read its words: everybody what is visible; its author and moderators also what is hidden."""
    if answer.state != "hidden":
        return answer.state == "visible"
    return actor is not None and (actor.id == answer.author_id or actor.admits("moderator"))


def answers_seen_by(actor: Person | None) -> ColumnElement[bool]:
    """The twin of `may_see_answer`."""
    if actor is None:
        return Answer.state == "visible"
    if actor.admits("moderator"):
        return Answer.state != "deleted"
    return or_(Answer.state == "visible", and_(Answer.state == "hidden", Answer.author_id == actor.id))


def may_comment_on_answer(actor: Person | None, answer: Standing, question: Question) -> bool:
    """Whoever may discuss the question, on an answer that is there to be read by all."""
    return answer.state == "visible" and may_discuss(actor, question)


def may_edit_answer(actor: Person | None, answer: Standing, question: Question) -> bool:
    """Its author alone, as long as the thread is open to them: nobody puts words into another's mouth."""
    return (
        actor is not None and actor.id == answer.author_id and may_comment_on_answer(actor, answer, question)
    )


def answers_editable_by(actor: Person | None) -> ColumnElement[bool]:
    """The twin of `may_edit_answer`; for a query that is joined to Post."""
    if actor is None:
        return false()
    open_to_them: ColumnElement[bool] = true()
    if not actor.admits("moderator"):
        open_to_them = and_(Post.state == "visible", Post.locked_at.is_(None))
    return and_(Answer.author_id == actor.id, Answer.state == "visible", open_to_them)


def may_delete_answer(actor: Person | None, answer: Standing) -> bool:
    """Its author, also in a locked thread. What a moderator hid stays as evidence until it is restored."""
    return actor is not None and actor.id == answer.author_id and answer.state == "visible"


def answers_deletable_by(actor: Person | None) -> ColumnElement[bool]:
    """The twin of `may_delete_answer`."""
    if actor is None:
        return false()
    return and_(Answer.author_id == actor.id, Answer.state == "visible")


def may_hide_answer(actor: Person | None, answer: Standing) -> bool:
    """Moderators take out of sight, and put back, what is not deleted."""
    return actor is not None and actor.admits("moderator") and answer.state != "deleted"


def may_mark_answer(actor: Person | None, answer: Standing) -> bool:
    """Find it useful: anyone signed in, but not the author."""
    return actor is not None and actor.id != answer.author_id and answer.state == "visible"


def may_write_up(actor: Person | None, answer: Standing, question: Question) -> bool:
    """Make a case of it: its author, and curators, who credit the author."""
    if actor is None or answer.state != "visible" or question.state != "visible":
        return False
    return actor.id == answer.author_id or actor.admits("curator")


def may_accept(actor: Person | None, question: Question) -> bool:
    """Choose the answer that helped: the asker, or a moderator for one who never came back."""
    if actor is None or not may_see_post(actor, question):
        return False
    return actor.id == question.author_id or actor.admits("moderator")


def accepting_by(actor: Person | None) -> ColumnElement[bool]:
    """The twin of `may_accept`: the questions on which they choose."""
    if actor is None:
        return false()
    return true() if actor.admits("moderator") else Post.author_id == actor.id


def may_say_same_here(actor: Person | None, question: Question) -> bool:
    """Anyone signed in but the asker, on a question that everybody sees."""
    return actor is not None and actor.id != question.author_id and question.state == "visible"


def may_decide(actor: Person | None, question: Question) -> bool:
    """Tell what was decided: the asker alone knows."""
    return actor is not None and actor.id == question.author_id and question.state == "visible"


def deciding_by(actor: Person | None) -> ColumnElement[bool]:
    """The twin of `may_decide`."""
    if actor is None:
        return false()
    return and_(Post.author_id == actor.id, Post.state == "visible")
