"""Resources: annotated links."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from forum.accounts.models import Person
from forum.core import clock
from forum.core.db import Model
from forum.core.vocabulary import Vocabulary
from forum.links.models import LINK_STATES
from forum.posts.models import RESOURCE_KINDS, Post

AUDIENCES = Vocabulary.of(
    manager="Managers",
    elected="Elected officials",
    department_head="Department heads",
    finance="Finance officers",
    attorney="Attorneys",
    nonprofit_partner="Nonprofit partners",
    resident="Residents",
)
ACCESS = Vocabulary.of(
    free="Free",
    registration="Free with registration",
    members_only="Members only",
    paid="Paid",
    library="In libraries",
)
REUSE = Vocabulary.of(
    public_domain="Public domain", open_license="Open license", link_only="Link only", unknown="Not known"
)


class Resource(Post):
    """A link with a curator's annotation (kept in `summary`). Lists of keys are only shown, hence JSON."""

    __tablename__ = "resource"
    __table_args__ = (
        RESOURCE_KINDS.check("resource_kind"),
        ACCESS.check("access"),
        REUSE.check("reuse"),
        LINK_STATES.check("link_state"),
        CheckConstraint("url LIKE 'http://%' OR url LIKE 'https://%'", name="url_is_web"),
    )
    __mapper_args__ = {"polymorphic_identity": "resource"}

    post_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), primary_key=True)
    url: Mapped[str] = mapped_column(String(1000), unique=True)
    # What all spellings of the address share: there is one resource for each.
    address_key: Mapped[str] = mapped_column(String(1000), default="", server_default="", index=True)
    resource_kind: Mapped[str] = mapped_column(String(30), index=True)
    publisher: Mapped[str] = mapped_column(String(200), default="")
    # The writer of the linked work; the post's own `author` is who shared the link.
    written_by: Mapped[str] = mapped_column(String(200), default="")
    year: Mapped[int | None]
    stage: Mapped[list[str]] = mapped_column(JSON, default=list)
    themes: Mapped[list[str]] = mapped_column(JSON, default=list)
    audience: Mapped[list[str]] = mapped_column(JSON, default=list)
    reach: Mapped[str] = mapped_column(String(120), default="")
    access: Mapped[str | None] = mapped_column(String(20))
    effort: Mapped[str] = mapped_column(String(30), default="")
    reuse: Mapped[str] = mapped_column(String(20), default="link_only")
    # As the link was when it was last visited (forum.links), kept here for lists and their filters.
    link_state: Mapped[str] = mapped_column(String(20), default="unchecked")
    checked_on: Mapped[datetime | None]


SUGGESTION_STATES = Vocabulary.of(suggested="Waiting", approved="In the library", declined="Declined")


class Suggestion(Model):
    """A link that a member suggests for the library, and what became of it."""

    __tablename__ = "link_suggestion"
    __table_args__ = (
        SUGGESTION_STATES.check("state"),
        Index("ix_link_suggestion_queue", "state", "id"),
        Index(
            "uq_link_suggestion_waiting",
            "address_key",
            unique=True,
            sqlite_where=text("state = 'suggested'"),
            postgresql_where=text("state = 'suggested'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(String(1000))
    address_key: Mapped[str] = mapped_column(String(1000), index=True)
    # SuggestionShape: what the member says of it, and what the page says of itself.
    record: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(10), default="suggested")
    reason: Mapped[str] = mapped_column(String(600), default="")
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    resource_id: Mapped[int | None] = mapped_column(ForeignKey("post.id", ondelete="SET NULL"), index=True)

    person: Mapped[Person] = relationship(foreign_keys=person_id)
    decided_by: Mapped[Person | None] = relationship(foreign_keys=decided_by_id)

    @property
    def title(self) -> str:
        """What to call it: the title, or else the address."""
        return str(self.record.get("title") or self.url)
