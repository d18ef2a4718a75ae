"""Reading what can be moderated, and the log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from forum.accounts.models import Person
from forum.comments.models import Comment
from forum.core.db import db
from forum.core.errors import NotFound
from forum.core.i18n import gettext as _
from forum.core.listing import Listing, keyset
from forum.moderation.models import LogEntry
from forum.posts.models import Post
from forum.questions.models import Answer

Item = Post | Answer | Comment
MODELS: dict[str, type[Any]] = {"post": Post, "answer": Answer, "comment": Comment, "person": Person}


@dataclass(frozen=True)
class Subject:
    """What is moderated, in words and as an address; `body_html` is the text of an answer or comment."""

    words: str
    path: str
    body_html: str = ""


@dataclass(frozen=True)
class LogRow:
    """One act of the log."""

    id: int
    created_at: datetime
    act: str
    subject: str
    subject_path: str
    reason: str
    actor_name: str
    actor_slug: str

    @property
    def actor_path(self) -> str:
        """The address of the page of whoever did it."""
        return f"/people/{self.actor_slug}"


def by_id(kind: str, item_id: int) -> Item | Person:
    """A "post", "answer", "comment" or "person". Raises NotFound, also for what its author deleted."""
    item: Item | Person | None = db.session.get(MODELS[kind], item_id)
    if item is None or getattr(item, "state", "") == "deleted":
        raise NotFound
    return item


def subject(item: Item | Person) -> Subject:
    """How to call what is moderated, and where it is."""
    if isinstance(item, Person):
        return Subject(item.name, item.path)
    if isinstance(item, Post):
        return Subject(item.title, item.path)
    if isinstance(item, Comment):
        words, title, path = _("Comment by %(name)s on “%(title)s”"), item.post.title, f"/comments/{item.id}"
    else:
        words, title, path = _("Answer by %(name)s to “%(title)s”"), item.question.title, item.path
    return Subject(words % {"name": item.author.name, "title": title}, path, item.body_html)


def log(act: str = "", cursor: str | None = None) -> Listing[LogRow]:
    """One page of the log, newest first; of one act or of all. One statement."""
    query: Any = select(
        LogEntry.id,
        LogEntry.created_at,
        LogEntry.act,
        LogEntry.subject,
        LogEntry.subject_path,
        LogEntry.reason,
        Person.name.label("actor_name"),
        Person.slug.label("actor_slug"),
    ).join(Person, Person.id == LogEntry.actor_id)
    if act:
        query = query.where(LogEntry.act == act)
    order: tuple[Any, ...] = (LogEntry.created_at, LogEntry.id)
    return keyset(
        query,
        order,
        cursor,
        session=db.session,
        key=lambda row: (row.created_at, row.id),
        shape=lambda row: LogRow(**row._mapping),
    )
