"""Work on the curators' desk."""

from datetime import timedelta

from forum.core import clock
from forum.core.db import db, write
from forum.posts.models import Post


def written_before(post: Post, days: int) -> None:
    """Let a post be so many days old."""
    with write():
        db.session.refresh(post)
        post.created_at = clock.now() - timedelta(days=days)
