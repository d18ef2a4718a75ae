"""Addresses are confirmed, and passwords chosen anew, by links in mails"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person", sa.Column("email_confirmed_at", sa.DateTime(timezone=True), nullable=True))
    # Those of the demo have no mailbox that could be asked.
    op.execute("UPDATE person SET email_confirmed_at = created_at WHERE demo")
    op.create_table(
        "mailed_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=12), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("purpose IN ('address', 'password')", name=op.f("ck_mailed_token_purpose_known")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_mailed_token_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailed_token")),
        sa.UniqueConstraint("hash", name=op.f("uq_mailed_token_hash")),
    )
    op.create_index(op.f("ix_mailed_token_person_id"), "mailed_token", ["person_id"])


def downgrade() -> None:
    op.drop_table("mailed_token")
    op.drop_column("person", "email_confirmed_at")
