"""Digests: what is new and worth reading, chosen by curators, published as pages and sent to who subscribed."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from forum.accounts.models import Person
from forum.core import clock
from forum.core.db import Model
from forum.core.vocabulary import Term, Vocabulary
from forum.posts.models import Written

# A published issue is sent when everybody has it who gets it.
ISSUE_STATES = Vocabulary.of(draft="Draft", in_review="In review", published="Published", sent="Sent")
PUBLIC = ("published", "sent")
FREQUENCIES = Vocabulary(
    Term("weekly", "Every week", "One mail when an issue comes out. A week without news has none."),
    Term("never", "Not by mail", "Read them here, or in a feed reader."),
)
# What became of an issue for one subscriber: in the outbox; nothing in it for them; no address to write to.
OUTCOMES = Vocabulary.of(mailed="Mailed", nothing="Nothing for them", refused="No valid address")
# Characters.
LONGEST_CALL = 400
LONGEST_SENTENCE = 300
# More than anybody reads in a week.
MOST_ITEMS = 20


def new_token() -> str:
    """256 bits that nobody guesses, for the address that ends a subscription."""
    return secrets.token_urlsafe(32)


class Issue(Model, Written):
    """One digest. Its opening is the body; `call` asks for examples, in plain text.

    `since` and `until` bound what it is about: from the issue before, to its own publication. It has its slug and
    number from then on.
    """

    __tablename__ = "digest"
    __table_args__ = (ISSUE_STATES.check("state"), Index("ix_digest_newest", "state", "number"))

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str | None] = mapped_column(String(100), unique=True)
    number: Mapped[int | None] = mapped_column(unique=True)
    title: Mapped[str] = mapped_column(String(120), default="")
    call: Mapped[str] = mapped_column(String(LONGEST_CALL), default="")
    state: Mapped[str] = mapped_column(String(10), default="draft")
    version: Mapped[int] = mapped_column(default=1)
    since: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    edited_at: Mapped[datetime] = mapped_column(default=clock.now)
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    # Who changed it last: with the author, those who do not approve it.
    editor_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    approver_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    # What whoever sent it back would change.
    note: Mapped[str] = mapped_column(String(400), default="")

    author: Mapped[Person] = relationship(foreign_keys=author_id)
    editor: Mapped[Person] = relationship(foreign_keys=editor_id)
    approver: Mapped[Person | None] = relationship(foreign_keys=approver_id)
    items: Mapped[list[IssueItem]] = relationship(
        order_by="IssueItem.position", cascade="all, delete-orphan", passive_deletes=True
    )

    @property
    def path(self) -> str:
        """Its permanent address; for curators alone until it is published."""
        return f"/digests/{self.slug}" if self.slug else f"/curate/digests/{self.id}"

    @property
    def public(self) -> bool:
        """Whether everybody may read it."""
        return self.state in PUBLIC


class IssueItem(Model):
    """A post, or an answer, with a curator's sentence on why to read it."""

    __tablename__ = "digest_item"
    __table_args__ = (
        UniqueConstraint("issue_id", "position"),
        CheckConstraint("(post_id IS NULL) <> (answer_id IS NULL)", name="one_target"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("digest.id", ondelete="CASCADE"))
    position: Mapped[int]
    post_id: Mapped[int | None] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), index=True)
    answer_id: Mapped[int | None] = mapped_column(ForeignKey("answer.id", ondelete="CASCADE"), index=True)
    sentence: Mapped[str] = mapped_column(String(LONGEST_SENTENCE), default="")

    @property
    def ref(self) -> str:
        """What it points to, as forms name it."""
        return f"post:{self.post_id}" if self.post_id else f"answer:{self.answer_id}"


class Subscription(Model):
    """Who gets the digest by mail. Ended ones stay, so that the links in mails that were sent stay good."""

    __tablename__ = "digest_subscription"
    __table_args__ = (FREQUENCIES.check("frequency"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), unique=True)
    frequency: Mapped[str] = mapped_column(String(10), default="weekly")
    # Since when without a break: issues that came out before are not sent afterwards.
    since: Mapped[datetime] = mapped_column(default=clock.now)
    every_domain: Mapped[bool] = mapped_column(default=True)
    # Whoever holds it may end this subscription, and nothing else.
    token: Mapped[str] = mapped_column(String(64), unique=True, default=new_token)

    person: Mapped[Person] = relationship()
    domains: Mapped[list[FollowedDomain]] = relationship(cascade="all, delete-orphan", passive_deletes=True)


class FollowedDomain(Model):
    """A domain that a subscriber follows, where they do not follow all."""

    __tablename__ = "digest_domain"

    subscription_id: Mapped[int] = mapped_column(
        ForeignKey("digest_subscription.id", ondelete="CASCADE"), primary_key=True
    )
    service_id: Mapped[int] = mapped_column(
        ForeignKey("service.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Delivery(Model):
    """What became of one issue for one subscriber. Written with the mail itself: both are there or neither."""

    __tablename__ = "digest_delivery"
    __table_args__ = (OUTCOMES.check("outcome"),)

    issue_id: Mapped[int] = mapped_column(ForeignKey("digest.id", ondelete="CASCADE"), primary_key=True)
    subscription_id: Mapped[int] = mapped_column(
        ForeignKey("digest_subscription.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    outcome: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(default=clock.now)
