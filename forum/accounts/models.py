"""People and the organisations they work for."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from forum.core import clock
from forum.core.db import Model
from forum.core.roles import Role
from forum.core.vocabulary import Term, Vocabulary

# What pages with bylines depend on (`forum/pages.py`): names and pages of people and of the bodies that they work for.
PEOPLE = "people"
ORGANISATION_KINDS = Vocabulary(
    Term("municipality", "City, town or village", group="government"),
    Term("county", "County or regional district", group="government"),
    Term("special_district", "Special district", group="government"),
    Term("school_district", "School district", group="government"),
    Term("tribal_government", "Tribal government", group="government"),
    Term("regional_council", "Regional council", group="government"),
    Term("public_authority", "Public authority or utility", group="government"),
    Term("state_provincial_agency", "State or provincial agency", group="government"),
    Term("federal_agency", "Federal agency", group="government"),
    Term("college_university", "College or university", group="partner"),
    Term("nonprofit", "Nonprofit", group="partner"),
    Term("community_association", "Community association", group="partner"),
    Term("faith_organization", "Faith organization", group="partner"),
    Term("business", "Business", group="partner"),
    Term("health_provider", "Health provider", group="partner"),
    Term("foundation", "Foundation", group="partner"),
    Term("volunteers", "Volunteers", group="people"),
    Term("informal_group", "Informal group", group="people"),
    Term("other", "Other", group="people"),
)
SETTINGS = Vocabulary.of(
    urban="Urban", suburban="Suburban", small_city="Small city", rural="Rural", mixed="Mixed"
)


class Organisation(Model):
    """A body that takes part in agreements or that a member works for."""

    __tablename__ = "organisation"
    __table_args__ = (
        ORGANISATION_KINDS.check("kind"),
        SETTINGS.check("setting"),
        CheckConstraint("population > 0", name="population_positive"),
        # The same name may stand for bodies in two regions, never twice in one.
        Index("uq_organisation_key", "key", "country", "region_code", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(100), unique=True)
    name: Mapped[str] = mapped_column(String(160))
    # compare_key(name): what finds it again however it was typed.
    key: Mapped[str] = mapped_column(String(160))
    kind: Mapped[str] = mapped_column(String(30))
    place_name: Mapped[str] = mapped_column(String(160), default="")
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"), index=True)
    region: Mapped[str] = mapped_column(String(120), default="")
    # Empty rather than NULL where unknown: NULLs would not be equal in the unique index.
    region_code: Mapped[str] = mapped_column(String(6), default="")
    country: Mapped[str] = mapped_column(String(2), default="")
    population: Mapped[int | None]
    population_year: Mapped[int | None]
    setting: Mapped[str | None] = mapped_column(String(20))
    website: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    @property
    def path(self) -> str:
        """Its permanent address."""
        return f"/organisations/{self.slug}"


class Person(Model):
    """Somebody with an account. The three `is_` and `get_id` are what Flask-Login asks of it."""

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint("role IN ('member', 'curator', 'moderator', 'admin')", name="role_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # Lower case: two accounts may not differ by case alone.
    email: Mapped[str] = mapped_column(String(254), unique=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    password_hash: Mapped[str] = mapped_column(String(200))
    # Stands in every session cookie; a new one ends all sessions at once.
    session_token: Mapped[str] = mapped_column(
        String(64), default=lambda: secrets.token_urlsafe(32), unique=True
    )
    role: Mapped[str] = mapped_column(String(12), default=Role.MEMBER.value)
    job_title: Mapped[str] = mapped_column(String(80), default="")
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    bio: Mapped[str] = mapped_column(String(600), default="")
    # Made by `interlocal demo`; such an account cannot sign in anywhere else.
    demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    suspended_at: Mapped[datetime | None]
    suspended_reason: Mapped[str] = mapped_column(String(400), default="")
    # When it was seen that mail to this address reaches them; None before that.
    email_confirmed_at: Mapped[datetime | None]

    organisation: Mapped[Organisation | None] = relationship()

    @property
    def path(self) -> str:
        """The permanent address of their page."""
        return f"/people/{self.slug}"

    @property
    def initials(self) -> str:
        """One or two letters for an avatar."""
        words = self.name.split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()

    @property
    def is_active(self) -> bool:
        """Whether they may be signed in at all."""
        return self.suspended_at is None

    is_authenticated = True
    is_anonymous = False

    def admits(self, needed: str) -> bool:
        """Whether their role reaches as far as `needed`."""
        return Role(self.role).admits(needed)

    def get_id(self) -> str:
        """What the session cookie carries: no id that stays the same for ever, but a token that can be ended."""
        return self.session_token


PURPOSES = Vocabulary.of(address="Confirm an address", password="Choose a new password")  # noqa: S106


class MailedToken(Model):
    """What a link in a mail proves: that its reader gets mail at `email`. It is used once, and then gone.

    Only its hash is kept: who reads the database cannot make the link.
    """

    __tablename__ = "mailed_token"
    __table_args__ = (PURPOSES.check("purpose"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    purpose: Mapped[str] = mapped_column(String(12))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    # For "address" the one that is to be theirs.
    email: Mapped[str] = mapped_column(String(254))
    ends_at: Mapped[datetime]

    person: Mapped[Person] = relationship()
