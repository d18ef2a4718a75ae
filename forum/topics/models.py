"""The curated vocabulary of services: two levels, each with the words people use for it."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from forum.core.db import Model

# What pages with names of services depend on (`forum/pages.py`).
SERVICES = "services"


class Service(Model):
    """A service of local government. Those without a parent are the domains that group the others."""

    __tablename__ = "service"
    __table_args__ = (CheckConstraint("id <> parent_id", name="not_its_own_parent"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    description: Mapped[str] = mapped_column(String(600), default="")
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("service.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)

    parent: Mapped[Service | None] = relationship(remote_side="Service.id")
    synonyms: Mapped[list[Synonym]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, order_by="Synonym.id"
    )


class Synonym(Model):
    """Another word for a service ("rec center", "PSAP")."""

    __tablename__ = "service_synonym"
    __table_args__ = (UniqueConstraint("service_id", "term"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id", ondelete="CASCADE"))
    term: Mapped[str] = mapped_column(String(120))
