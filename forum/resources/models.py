"""Resources: annotated links."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit, urlunsplit

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from forum.core.vocabulary import Vocabulary
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
LINK_STATES = Vocabulary.of(
    unchecked="Not checked yet", ok="Works", moved="Moved", broken="Broken", archived_copy="Archived copy"
)


def normal_address(url: str) -> str:
    """The one spelling of a web address under which it is kept: what means the same is written the same."""
    parts = urlsplit(url)
    default = {"http": ":80", "https": ":443"}[parts.scheme]
    path = parts.path or "/"
    return urlunsplit(
        (parts.scheme, parts.netloc.lower().removesuffix(default), path, parts.query, parts.fragment)
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
    link_state: Mapped[str] = mapped_column(String(20), default="unchecked")
    checked_on: Mapped[datetime | None]
