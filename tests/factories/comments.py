"""Comments in the database."""

from typing import Any

from forum.accounts.models import Person
from forum.comments.actions import post_comment
from forum.comments.models import Comment
from forum.posts.models import Post


def add_comment(author: Person, post: Post, body: str = "Thanks, that helps.", **options: Any) -> Comment:
    """A comment on a post, or on an answer of it (`answer_id=`), or a reply (`parent=`)."""
    return post_comment(author, post, body, **options)
