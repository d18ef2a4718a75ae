"""Commenting: post, reply, edit, delete, and the permanent address of each comment."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from forum.accounts.models import Person
from forum.comments import actions, policy, queries
from forum.comments.forms import CommentShape
from forum.comments.models import Comment
from forum.core.errors import EditConflict, Forbidden
from forum.core.i18n import gettext as _
from forum.core.roles import Role
from forum.posts import queries as posts
from forum.posts.models import Post
from forum.web import limits
from forum.web.access import actor, opens_to, signed_in
from forum.web.forms import Form, forget_draft
from forum.web.render import page

blueprint = Blueprint("comments", __name__)
# Made once: it stands on every page that can be commented on, and a shape copies all its fields.
COMMENT = CommentShape()


@blueprint.app_template_global()
def blank_comment() -> Form:
    """An empty comment, for the forms that stand on other rooms' pages."""
    return Form(COMMENT)


def take_comment(
    post: Post, *, parent: Comment | None = None, answer_id: int | None = None
) -> ResponseReturnValue:
    """Post the comment of this request, or draw its form again on a page of its own with all that was typed."""
    form = Form.read(COMMENT)
    if form.ready():
        # Both ask who it is, and after a write that would be read again.
        key = form.once
        limits.spend("write", actor().id)
        with form.showing_faults():
            comment = actions.post_comment(
                actor(),
                post,
                form.data["comment"],
                parent=parent,
                answer_id=answer_id,
                kind=form.data["kind"],
                key=key,
            )
            forget_draft(request.path)
            return redirect(queries.address(comment), 303)
    drawn = page(
        "comments/write.html",
        form=form,
        post=post,
        parent=queries.row(actor(), parent) if parent else None,
        kinds=() if parent else queries.kinds_on(post),
        back_to=queries.page_of(post, answer_id),
    )
    return drawn, form.status


@blueprint.post("/posts/<int:post_id>/comments")
@opens_to(Role.MEMBER)
def comment_on_post(post_id: int) -> ResponseReturnValue:
    """Comment on any post."""
    return take_comment(posts.by_id(post_id, actor()))


@blueprint.get("/posts/<int:post_id>/comments")
@opens_to(Role.VISITOR)
def comments_of_post(post_id: int) -> ResponseReturnValue:
    """To the comments, for whoever opens the address that the form was sent to."""
    return redirect(f"{posts.by_id(post_id, signed_in()).path}#comments", 303)


@blueprint.get("/comments/<int:comment_id>")
@opens_to(Role.VISITOR)
def permalink(comment_id: int) -> ResponseReturnValue:
    """To where the comment stands now."""
    return redirect(queries.address(queries.by_id(comment_id, signed_in())), 303)


@blueprint.route("/comments/<int:comment_id>/reply", methods=["GET", "POST"])
@opens_to(Role.MEMBER)
def reply(comment_id: int) -> ResponseReturnValue:
    """Answer a comment, with its words in sight."""
    parent = queries.by_id(comment_id, actor())
    if not policy.may_reply(actor(), parent, parent.post):
        raise Forbidden(_("This comment cannot be replied to any more."))
    return take_comment(parent.post, parent=parent, answer_id=parent.answer_id)


@blueprint.route("/comments/<int:comment_id>/edit", methods=["GET", "POST"])
@opens_to(Role.MEMBER)
def edit(comment_id: int) -> ResponseReturnValue:
    """Change one's own words; whoever was slower sees both versions and loses neither."""
    person: Person = actor()
    comment = queries.by_id(comment_id, person)
    if not policy.may_edit_comment(person, comment, comment.post):
        raise Forbidden(_("You can only edit your own comments."))
    form = Form.read(COMMENT, {"comment": comment.body})
    conflict: EditConflict | None = None
    if form.ready():
        limits.spend("write", person.id)
        try:
            with form.showing_faults():
                opened_at = request.form.get("version", type=int)
                actions.edit_comment(person, comment, form.data["comment"], opened_at)
                forget_draft(request.path)
                return redirect(queries.address(comment), 303)
        except EditConflict as newer:
            conflict = newer
    drawn = page(
        "comments/edit.html",
        form=form,
        comment=comment,
        version=form.version(comment.version),
        theirs=conflict.current if conflict else None,
        back_to=queries.page_of(comment.post, comment.answer_id),
    )
    return drawn, conflict.status if conflict else form.status


@blueprint.route("/comments/<int:comment_id>/delete", methods=["GET", "POST"])
@opens_to(Role.MEMBER)
def delete(comment_id: int) -> ResponseReturnValue:
    """Ask once, then take one's own comment away."""
    person: Person = actor()
    comment = queries.by_id(comment_id, person)
    back_to = queries.page_of(comment.post, comment.answer_id)
    if request.method == "POST":
        limits.spend("write", person.id)
        actions.delete_comment(person, comment)
        return redirect(f"{back_to}#comments", 303)
    if not policy.may_delete_comment(person, comment):
        raise Forbidden(_("You can only delete your own comments."))
    return page("comments/delete.html", row=queries.row(person, comment), post=comment.post, back_to=back_to)
