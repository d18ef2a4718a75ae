"""Who may do what with comments; each rule beside the SQL that says the same.

A comment is judged together with its post: nobody reaches it who may not see the post.
"""

from __future__ import annotations

from typing import Protocol

from sqlalchemy import ColumnElement, and_, false, or_, true

from forum.accounts.models import Person
from forum.comments.models import Comment
from forum.posts.models import Post
from forum.posts.policy import may_discuss


class Standing(Protocol):
    """What a rule asks of a comment, or of an answer: the object has it, and so has a row of a page."""

    @property
    def author_id(self) -> int:
        """Who wrote it."""

    @property
    def state(self) -> str:
        """visible, hidden or deleted."""


def may_comment(actor: Person | None, post: Post) -> bool:
    """Whoever may discuss the post."""
    return may_discuss(actor, post)


def may_see_comment(actor: Person | None, comment: Standing) -> bool:
    """Read its words: everybody what is visible; its author and moderators also what is hidden."""
    if comment.state != "hidden":
        return comment.state == "visible"
    return actor is not None and (actor.id == comment.author_id or actor.admits("moderator"))


def seen_by(actor: Person | None) -> ColumnElement[bool]:
    """The twin of `may_see_comment`."""
    if actor is None:
        return Comment.state == "visible"
    if actor.admits("moderator"):
        return Comment.state != "deleted"
    return or_(Comment.state == "visible", and_(Comment.state == "hidden", Comment.author_id == actor.id))


def may_reply(actor: Person | None, comment: Standing, post: Post) -> bool:
    """Whoever may comment on the post, to what is there to be read by all."""
    return comment.state == "visible" and may_comment(actor, post)


def may_edit_comment(actor: Person | None, comment: Standing, post: Post) -> bool:
    """Its author alone, as long as the thread is open to them: nobody puts words into another's mouth."""
    return actor is not None and actor.id == comment.author_id and may_reply(actor, comment, post)


def editable_by(actor: Person | None) -> ColumnElement[bool]:
    """The twin of `may_edit_comment`; for a query that is joined to Post."""
    if actor is None:
        return false()
    if actor.admits("moderator"):
        open_to_them: ColumnElement[bool] = true()
    else:
        open_to_them = and_(Post.state == "visible", Post.locked_at.is_(None))
    return and_(Comment.author_id == actor.id, Comment.state == "visible", open_to_them)


def may_delete_comment(actor: Person | None, comment: Standing) -> bool:
    """Its author, also in a locked thread. What a moderator hid stays as evidence until it is restored."""
    return actor is not None and actor.id == comment.author_id and comment.state == "visible"


def deletable_by(actor: Person | None) -> ColumnElement[bool]:
    """The twin of `may_delete_comment`."""
    if actor is None:
        return false()
    return and_(Comment.author_id == actor.id, Comment.state == "visible")


def may_hide_comment(actor: Person | None, comment: Standing) -> bool:
    """Moderators take out of sight, and put back, what is not deleted."""
    return actor is not None and actor.admits("moderator") and comment.state != "deleted"
