"""The index, the words that it knows, and what curators and searches that found nothing add to it.

Beside `search_entry` stands `search_fts`, made by the migration and kept by triggers: on SQLite an FTS5 table
without content of its own, on PostgreSQL a table of tsvectors. It holds `Entry.words` and nothing else.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from forum.core import clock
from forum.core.db import Model
from forum.core.vocabulary import Vocabulary

ENTRY_KINDS = Vocabulary.of(
    case="Cases",
    question="Questions",
    guide="Guides",
    resource="Resources",
    answer="Answers",
    comment="Comments",
    service="Services",
    organisation="Organizations",
)
# Those that are posts, and so rows of the results.
POST_KINDS = ("case", "question", "guide", "resource")
# What is raised (`core.changes`) with every word that can be searched for, and the synonyms.
WORDS = "words"
LONGEST_SYNONYMS = 600
LONGEST_GAP = 200
LONGEST_SAVED = 800


class Entry(Model):
    """What one post, answer, comment, service or organisation says. Only what everybody may read is here.

    An answer or comment has its thread as `post_id`. `body` is plain text, for passages. `words` is what is
    searched and ranked by: four parts (see `SEAM`) of terms from `core.words` and marks.
    """

    __tablename__ = "search_entry"
    __table_args__ = (ENTRY_KINDS.check("kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    post_id: Mapped[int | None] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), index=True)
    answer_id: Mapped[int | None] = mapped_column(ForeignKey("answer.id", ondelete="CASCADE"), index=True)
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"), unique=True)
    service_id: Mapped[int | None] = mapped_column(ForeignKey("service.id", ondelete="CASCADE"), unique=True)
    organisation_id: Mapped[int | None] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), unique=True
    )
    created_at: Mapped[datetime]
    title: Mapped[str] = mapped_column(String(300), default="")
    # Before the body, so that SQLite reads it without passing through that.
    words: Mapped[str] = mapped_column(Text, default="")
    body: Mapped[str] = mapped_column(Text, default="")


# Between the parts of `Entry.words`: title, lead, body, marks. A word of its own, so no phrase reaches across.
SEAM = "::"


class Mark:
    """Words of the index that no text contains, each with what follows the colon.

    They carry what a search is narrowed by, so that both engines do it inside the index.
    """

    KIND = "k:"  # a key of ENTRY_KINDS
    POST = "k:post"  # any of POST_KINDS
    TITLE = "t:"  # a term of the title
    PARTY = "p:"  # a term of a party's name
    SERVICE = "s:"  # slug of a service, also of the domain above it
    AREA = "in:"  # country ("us") or region ("us-wi")
    PLACE = "at:"  # a term of the place's name
    AUTHOR = "a:"  # id of the person
    PUBLISHER = "by:"  # a term of who published or wrote a linked work
    NAME = "n:"  # a term of what a service is called
    YEAR = "y:"  # when it was written: "2026"
    MONTH = "m:"  # "2026-04"
    CAPITALS = "c:"  # a common word that stands in capitals: the IT of "IT department"


class Word(Model):
    """A word as it is written in some post, for "did you mean". `middle`: its second to fourth letters.

    Not unique: whoever adds a word at the same moment need not wait for the other. Readers take each once.
    """

    __tablename__ = "search_word"

    id: Mapped[int] = mapped_column(primary_key=True)
    word: Mapped[str] = mapped_column(
        String(40).with_variant(String(40, collation="C"), "postgresql"), index=True
    )
    middle: Mapped[str] = mapped_column(String(3), index=True)


class Synonyms(Model):
    """Words that mean the same, separated by commas: "ILA, IGA, interlocal agreement". Curators keep them."""

    __tablename__ = "search_synonym"

    id: Mapped[int] = mapped_column(primary_key=True)
    terms: Mapped[str] = mapped_column(String(LONGEST_SYNONYMS), unique=True)


class Gap(Model):
    """Words that somebody looked for and did not find. Who it was is not kept."""

    __tablename__ = "search_gap"
    __table_args__ = (CheckConstraint("times > 0", name="times_positive"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    words: Mapped[str] = mapped_column(String(LONGEST_GAP), unique=True)
    times: Mapped[int] = mapped_column(default=1)
    last_at: Mapped[datetime] = mapped_column(default=clock.now, index=True)


class SavedSearch(Model):
    """A list or search that a person keeps an eye on: its address on this site, and when they last looked."""

    __tablename__ = "saved_search"
    __table_args__ = (UniqueConstraint("person_id", "path"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    path: Mapped[str] = mapped_column(String(LONGEST_SAVED))
    name: Mapped[str] = mapped_column(String(160))
    looked_at: Mapped[datetime] = mapped_column(default=clock.now)
