"""Writing comments, changing them and taking them away."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import Update, bindparam, func, update
from sqlalchemy.orm.util import identity_key

from forum.accounts.models import Person
from forum.comments import policy
from forum.comments.events import CommentDeleted, CommentEdited, CommentPosted, CommentsCounted
from forum.comments.models import COMMENT_KINDS, DEEPEST, SEGMENT, Comment
from forum.core import clock, once
from forum.core.db import UtcDateTime, db, lock, table_of, write
from forum.core.errors import EditConflict, Forbidden, Invalid
from forum.core.events import publish
from forum.core.i18n import gettext as _
from forum.core.rows import Prepared, insert_now, next_id, read_again
from forum.posts.actions import rendered
from forum.posts.events import ItemHidden, ItemRestored
from forum.posts.models import Post


@Prepared
def _counted() -> Update:
    """One comment more, or less; and when something last happened there."""
    post = table_of(Post)
    return (
        update(post)
        .where(post.c.id == bindparam("post"))
        .values(
            n_comments=post.c.n_comments + bindparam("change"),
            last_activity_at=func.coalesce(bindparam("at", type_=UtcDateTime), post.c.last_activity_at),
        )
    )


def post_comment(
    actor: Person,
    post: Post,
    body: str,
    *,
    parent: Comment | None = None,
    answer_id: int | None = None,
    kind: str = "comment",
    key: str = "",
) -> Comment:
    """Comment on a post, or on an answer of it, once for each `key`. Raises Forbidden, Invalid.

    `parent` is the comment replied to; a reply belongs to the answer that its parent belongs to. Whether `answer_id`
    is an answer of this post that can be commented on is for the room of answers to say: it hears CommentPosted within
    the same transaction.
    """
    # Several comments stand on one page: what names their footnotes must differ, and the id is not known yet.
    text = rendered(body, "comment", scope=secrets.token_hex(4))
    with write() as session:
        if made := once.claim(key):
            return session.get_one(Comment, made)
        read_again(actor, "id", "role")
        read_again(post, "id", "kind", "slug", "state", "author_id", "locked_at")
        if not policy.may_comment(actor, post):
            raise Forbidden(_closed(post))
        if parent is not None:
            if parent.post_id != post.id or not policy.may_reply(actor, parent, post):
                raise Forbidden(_("The comment that you reply to is not there any more."))
            answer_id = parent.answer_id
        if kind not in COMMENT_KINDS or (kind != "comment" and post.kind != "case"):
            raise Invalid({"kind": _("A comment here cannot be of this kind.")})
        depth = 0 if parent is None else min(parent.depth + 1, DEEPEST)
        above = parent.path[: depth * SEGMENT] if parent else ""
        id_ = next_id(Comment)
        comment = Comment(
            id=id_,
            post_id=post.id,
            answer_id=answer_id,
            parent_id=parent.id if parent else None,
            author_id=actor.id,
            kind=kind,
            path=f"{above}{id_:0{SEGMENT}x}",
            depth=depth,
        )
        text.put_on(comment)
        insert_now(comment)
        if parent is not None:
            _count_reply(parent.id, 1)
        _count(comment, 1, at=clock.now())
        publish(CommentPosted(comment.id, post.id, answer_id))
        once.note(key, comment.id)
    return comment


def edit_comment(actor: Person, comment: Comment, body: str, opened_at: int | None = None) -> None:
    """Change one's own words. Raises EditConflict when they were changed since version `opened_at` was opened."""
    text = rendered(body, "comment", scope=f"c{comment.id}")
    with write():
        if not policy.may_edit_comment(actor, comment, comment.post):
            raise Forbidden(_closed(comment.post))
        lock(comment)
        if opened_at is not None and opened_at != comment.version:
            raise EditConflict(comment.body, comment.author.name)
        if text.source == comment.body:
            return
        text.put_on(comment)
        comment.version += 1
        comment.edited_at = clock.now()
        publish(CommentEdited(comment.id, comment.post_id))


def delete_comment(actor: Person, comment: Comment) -> None:
    """Take one's own comment away: a placeholder stays where there are replies, else nothing."""
    with write():
        if not policy.may_delete_comment(actor, comment):
            raise Forbidden(_("You can only delete your own comments."))
        comment.state = "deleted"
        comment.body = comment.body_html = ""
        _count(comment, -1)
        _leave_thread(comment)
        publish(CommentDeleted(comment.id, comment.post_id, comment.answer_id))


def _closed(post: Post) -> str:
    if post.locked:
        return _("This thread is locked: nobody can comment any more.")
    return _("Your account may not do this.")


def count_hidden(event: ItemHidden) -> None:
    """A hidden comment is not counted."""
    if event.kind == "comment":
        _count(db.session.get_one(Comment, event.id), -1)


def count_restored(event: ItemRestored) -> None:
    """A restored comment is counted again."""
    if event.kind == "comment":
        _count(db.session.get_one(Comment, event.id), 1)


def _count(comment: Comment, change: int, *, at: datetime | None = None) -> None:
    """Keep the number of comments on the post that are in sight; those on answers are counted by who hears of it.

    `at`: when something last happened there.
    """
    counted = change if comment.answer_id is None else 0
    if counted or at:
        _counted.run(post=comment.post_id, change=counted, at=at)
        # Who asks the post that is loaded reads it again: to apply the change to it would take longer than the rest.
        loaded = db.session.identity_map.get(identity_key(Post, comment.post_id))
        if loaded is not None:
            db.session.expire(loaded, ["n_comments", "last_activity_at"])
    publish(CommentsCounted(comment.post_id, comment.answer_id, change))


def _count_reply(comment_id: int, change: int) -> None:
    """Keep the number of replies that are drawn below a comment."""
    db.session.execute(
        update(Comment).where(Comment.id == comment_id).values(n_replies=Comment.n_replies + change)
    )


def _leave_thread(comment: Comment) -> None:
    """A deleted comment without replies is not drawn; nor is a placeholder above it that has lost its last one."""
    leaf: Comment | None = comment
    while leaf is not None and leaf.state == "deleted" and leaf.n_replies == 0 and leaf.parent_id is not None:
        _count_reply(leaf.parent_id, -1)
        leaf = db.session.get(Comment, leaf.parent_id, populate_existing=True)
