"""Links: each web address that posts point to, how it was when it was last visited, and where it is used."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from forum.core import clock
from forum.core.db import Model
from forum.core.vocabulary import Term, Vocabulary

LINK_STATES = Vocabulary(
    Term("unchecked", "Not checked yet"),
    Term("ok", "Works"),
    Term("moved", "Moved", "It leads on to another address for good."),
    Term("changed", "Changed", "The page has another title than before, or leads to the front page."),
    Term("login_wall", "Asks to sign in", "It opens only to people with an account, or not to programs."),
    Term("gone", "Not found", "The site says that there is no such page."),
    Term("unreachable", "No answer", "The site did not answer, or with an error."),
    Term("broken", "Broken", "It failed at least three times, over a week or more."),
    Term("retired", "Retired", "Given up by a curator; an archived copy may be left."),
)
# States in which a reader is better off with an archived copy.
DEAD = ("gone", "broken", "retired")
# States in which a reader finds the page.
WELL = ("ok", "moved", "login_wall")
# States that a curator should look at.
IN_NEED = ("broken", "moved", "changed")
# Why a visit failed, beside a status of the site.
PROBLEMS = Vocabulary.of(
    refused="not an address that we visit",
    name="no site of this name",
    connection="no connection",
    tls="its certificate is not valid",
    timeout="no answer in time",
    redirects="too many redirects",
    answer="no proper answer",
    front_page="leads to the front page",
    title="another title",
    robots="asks programs to stay away",
    sign_in="leads to a sign-in page",
)


class Link(Model):
    """A web address. `key` is what all its spellings share; `url` the spelling that is visited."""

    __tablename__ = "link"
    __table_args__ = (
        LINK_STATES.check("state"),
        Index("ix_link_due", "next_check_at", "host"),
        Index("ix_link_queue", "state", "failures_since", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(1000), unique=True)
    url: Mapped[str] = mapped_column(String(1000))
    host: Mapped[str] = mapped_column(String(260), index=True)
    state: Mapped[str] = mapped_column(String(15), default="unchecked")
    checked_at: Mapped[datetime | None]
    # None: not to be visited, since no post uses it or a curator has retired it.
    next_check_at: Mapped[datetime | None] = mapped_column(default=clock.now)
    n_failures: Mapped[int] = mapped_column(default=0)
    failures_since: Mapped[datetime | None]
    # Of the last visit: the status of the answer (0: none), a key of PROBLEMS or "".
    status: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str] = mapped_column(String(15), default="")
    # The title by which the page is known, and another one that it has now.
    title: Mapped[str] = mapped_column(String(300), default="")
    title_now: Mapped[str] = mapped_column(String(300), default="")
    # Where permanent redirects lead.
    proposed_url: Mapped[str] = mapped_column(String(1000), default="")
    # A copy that a curator has chosen; otherwise the public archive's is offered.
    archive_url: Mapped[str] = mapped_column(String(1000), default="")
    etag: Mapped[str] = mapped_column(String(300), default="")
    last_modified: Mapped[str] = mapped_column(String(60), default="")


class LinkUse(Model):
    """A post that points to a link, and where in its record: "url", "sources-2-url", "items-0-ref"."""

    __tablename__ = "link_use"

    post_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), primary_key=True)
    link_id: Mapped[int] = mapped_column(
        ForeignKey("link.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    place: Mapped[str] = mapped_column(String(80), primary_key=True)
    # Raised when what readers see of the link changes: pages of this post are then made anew.
    stamp: Mapped[int] = mapped_column(default=0)


class LinkCheck(Model):
    """One visit."""

    __tablename__ = "link_check"
    __table_args__ = (Index("ix_link_check_link", "link_id", "id"), Index("ix_link_check_at", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    link_id: Mapped[int] = mapped_column(ForeignKey("link.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(default=clock.now)
    state: Mapped[str] = mapped_column(String(15))
    status: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str] = mapped_column(String(15), default="")
    # Where the visit ended, if that was elsewhere.
    url: Mapped[str] = mapped_column(String(1000), default="")
    # The curator who did something by hand, such as retiring it; None for a visit.
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class LinkHost(Model):
    """What a site wants of visitors like us: its robots.txt, and not to be visited before a moment."""

    __tablename__ = "link_host"

    host: Mapped[str] = mapped_column(String(260), primary_key=True)
    robots: Mapped[str] = mapped_column(Text, default="")
    robots_at: Mapped[datetime | None]
    not_before: Mapped[datetime | None]
