"""The spine that every contribution shares. Each kind of post is a table of its own joined to `post`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from forum.accounts.models import Person
from forum.core import clock
from forum.core.db import Model
from forum.core.vocabulary import Term, Vocabulary
from forum.topics.models import Service

KINDS = Vocabulary(
    Term("case", "Case study"),
    Term("question", "Question"),
    Term("guide", "Guide"),
    Term("resource", "Resource"),
)
# What a linked work is: in the library, and among the papers of a case.
RESOURCE_KINDS = Vocabulary.of(
    whitepaper="Whitepaper",
    research_report="Research report",
    survey_results="Survey results",
    webinar="Webinar",
    webinar_reflection="Webinar reflection",
    presentation="Presentation",
    book="Book",
    toolkit_or_handbook="Toolkit or handbook",
    checklist="Checklist",
    sample_agreement="Sample agreement",
    template="Template",
    calculator="Calculator",
    case_collection="Case collection",
    article_or_blog="Article or blog post",
    forum_thread="Forum thread",
    statute_or_regulation="Statute or regulation",
    court_or_ag_opinion="Court or attorney general opinion",
    dataset="Data set",
    audio_or_video="Audio or video",
    organization="Organization",
    news_item="News item",
)
# What guides and resources are about, and at which point of an agreement they help.
THEMES = Vocabulary.of(
    cost_sharing="Cost sharing",
    governance="Governance",
    legal="Legal",
    staffing="Staffing",
    measuring="Measuring results",
    change_management="Managing change",
    finding_partners="Finding partners",
    technology="Technology",
    engagement="Engagement",
)
READING_STAGES = Vocabulary.of(
    exploring="Exploring",
    planning="Planning",
    negotiating="Negotiating",
    running="Running",
    reviewing="Reviewing",
)
# Where each kind lives: part of the permanent address, so a fact about the post and not about HTTP.
FOLDERS = {"case": "cases", "question": "questions", "guide": "guides", "resource": "library"}


class Hideable:
    """Something that a moderator can take out of sight with a reason, and put back."""

    state: Mapped[str] = mapped_column(String(10), default="visible", index=True)
    hidden_reason: Mapped[str] = mapped_column(String(400), default="")
    hidden_at: Mapped[datetime | None]

    @declared_attr
    def hidden_by_id(cls) -> Mapped[int | None]:  # noqa: N805  # a declared attribute belongs to the class
        """Which moderator hid it."""
        return mapped_column(ForeignKey("person.id"))


class Written:
    """Text in Markdown, rendered once when it is written. `body_renderer` says by which renderer."""

    body: Mapped[str] = mapped_column(Text, default="")
    body_html: Mapped[str] = mapped_column(Text, default="")
    body_renderer: Mapped[int] = mapped_column(default=0)


# What lists depend on (`forum/pages.py`): which posts there are, what they are called and filtered by; and the numbers
# that they are sorted by, where those are counted: useful marks, costs.
POSTS, ORDERS = "posts", "orders"
# What is counted in a post's own row, and what of it tells of the others' talk.
COUNTED = ("n_comments", "n_useful", "last_activity_at")


class Post(Model, Hideable, Written):
    """A case, question, guide or resource: what they have in common.

    `summary` is plain text, for lists. The counters are kept by actions, never counted while reading.
    """

    __tablename__ = "post"
    __table_args__: tuple[Any, ...] = (
        KINDS.check("kind"),
        CheckConstraint("state IN ('draft', 'visible', 'hidden')", name="state_known"),
        UniqueConstraint("kind", "slug"),
        # The lists: newest and most useful, of one kind or of all.
        Index("ix_post_newest", "kind", "state", "created_at", "id"),
        Index("ix_post_useful", "kind", "state", "n_useful", "id"),
        Index("ix_post_all_newest", "state", "created_at", "id"),
        Index("ix_post_all_useful", "state", "n_useful", "id"),
        Index("ix_post_author", "author_id", "state", "created_at", "id"),
        Index("ix_post_region", "country", "region_code"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # Without an index of its own: that of the newest begins with it.
    state: Mapped[str] = mapped_column(String(10), default="visible")
    kind: Mapped[str] = mapped_column(String(10))
    slug: Mapped[str] = mapped_column(String(100))
    title: Mapped[str] = mapped_column(String(200))
    summary: Mapped[str] = mapped_column(String(1200), default="")
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    edited_at: Mapped[datetime | None]
    last_activity_at: Mapped[datetime] = mapped_column(default=clock.now)
    locked_at: Mapped[datetime | None]
    locked_reason: Mapped[str] = mapped_column(String(400), default="")

    # Where it is about. Typed freely; `place_id` is where it is on a map: that place in the gazetteer, or the first
    # of several that it names.
    place_name: Mapped[str] = mapped_column(String(160), default="")
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"), index=True)
    region: Mapped[str] = mapped_column(String(120), default="")
    region_code: Mapped[str] = mapped_column(String(6), default="")
    country: Mapped[str] = mapped_column(String(2), default="")
    place_population: Mapped[int | None]

    n_comments: Mapped[int] = mapped_column(default=0)
    n_useful: Mapped[int] = mapped_column(default=0)

    author: Mapped[Person] = relationship(foreign_keys=author_id)
    services: Mapped[list[PostService]] = relationship(
        order_by="PostService.position", cascade="all, delete-orphan", passive_deletes=True
    )

    __mapper_args__ = {"polymorphic_on": "kind", "version_id_col": None}

    @property
    def path(self) -> str:
        """Its permanent address."""
        return f"/{FOLDERS[self.kind]}/{self.slug}"

    @property
    def locked(self) -> bool:
        """Whether nobody may answer or comment any more."""
        return self.locked_at is not None

    @property
    def discreet(self) -> bool:
        """Whether its author asked that their organisation be left out on its page."""
        return False


class PostService(Model):
    """A service that a post is about; position 0 is the primary one."""

    __tablename__ = "post_service"
    __table_args__ = (Index("ix_post_service_service", "service_id", "post_id"),)

    post_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"), primary_key=True)
    position: Mapped[int] = mapped_column(default=0)

    service: Mapped[Service] = relationship()


class FormerSlug(Model):
    """A slug that a post once had: redirects for good, and is never given to another post of its kind."""

    __tablename__ = "former_slug"

    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    slug: Mapped[str] = mapped_column(String(100), primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), index=True)


class Revision(Model):
    """One saved version of a post, whole: `record` has the shape that the kind's form takes."""

    __tablename__ = "revision"
    __table_args__ = (UniqueConstraint("post_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"))
    version: Mapped[int]
    editor_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    record: Mapped[dict[str, Any]] = mapped_column(JSON)

    editor: Mapped[Person] = relationship()


class UsefulMark(Model):
    """One person found one post, or one answer, useful."""

    __tablename__ = "useful_mark"
    __table_args__ = (
        CheckConstraint("(post_id IS NULL) <> (answer_id IS NULL)", name="one_target"),
        UniqueConstraint("person_id", "post_id"),
        UniqueConstraint("person_id", "answer_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    post_id: Mapped[int | None] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), index=True)
    answer_id: Mapped[int | None] = mapped_column(ForeignKey("answer.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class Catalogued(Model):
    """What the lists filter, count and sort a post by, ready to be held in memory (`core.catalogue.Entry`).

    `seq` rises with every change of any post, so that who holds the rest asks for what is newer.
    """

    __tablename__ = "catalogued"

    post_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    seq: Mapped[int] = mapped_column(BigInteger, unique=True)
    # facet -> values
    facets: Mapped[dict[str, list[str]]] = mapped_column(JSON)
    # order -> number
    keys: Mapped[dict[str, float]] = mapped_column(JSON)
    visible: Mapped[bool]
