"""Who may see and change posts; each rule beside the SQL that says the same."""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_, true

from forum.accounts.models import Person
from forum.posts.models import Post


def may_see_post(actor: Person | None, post: Post) -> bool:
    """Everybody sees what is visible; its author and moderators also see what is hidden; curators see drafts."""
    if post.state == "visible":
        return True
    if actor is None:
        return False
    if actor.id == post.author_id or actor.admits("moderator"):
        return True
    return post.state == "draft" and actor.admits("curator")


def seen_by(actor: Person | None) -> ColumnElement[bool]:
    """The twin of `may_see_post`."""
    if actor is None:
        return Post.state == "visible"
    if actor.admits("moderator"):
        return true()
    mine = or_(Post.state == "visible", Post.author_id == actor.id)
    return or_(mine, Post.state == "draft") if actor.admits("curator") else mine


def may_see_organisation(actor: Person | None, post: Post) -> bool:
    """See where its author works: where the author asked to leave that out, moderators alone."""
    return not post.discreet or (actor is not None and actor.admits("moderator"))


def may_edit_post(actor: Person | None, post: Post) -> bool:
    """The author edits their own; curators tidy everybody's; a locked or hidden post only curators and up."""
    if actor is None:
        return False
    if actor.admits("curator"):
        return True
    return actor.id == post.author_id and post.state != "hidden"


def editable_by(actor: Person | None) -> ColumnElement[bool]:
    """The twin of `may_edit_post`."""
    if actor is None:
        return ~true()
    if actor.admits("curator"):
        return true()
    return (Post.author_id == actor.id) & (Post.state != "hidden")


def may_mark_useful(actor: Person | None, post: Post) -> bool:
    """Anyone signed in, on what they can see, but not on their own."""
    return actor is not None and may_see_post(actor, post) and actor.id != post.author_id


def may_discuss(actor: Person | None, post: Post) -> bool:
    """Comment or answer: anyone signed in, on a visible post that is not locked; moderators also on a locked one."""
    if actor is None or not may_see_post(actor, post):
        return False
    return actor.admits("moderator") or (post.state == "visible" and not post.locked)


def may_curate(actor: Person | None) -> bool:
    """Keep the library and write guides: curators and up."""
    return actor is not None and actor.admits("curator")


def may_see_versions(actor: Person | None, post: Post) -> bool:
    """Who may edit it: an earlier version may hold what its author took out on purpose."""
    return may_see_post(actor, post) and may_edit_post(actor, post)
