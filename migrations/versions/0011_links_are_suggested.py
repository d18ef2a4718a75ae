"""Links are suggested for the library"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "link_suggestion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("url", sa.String(length=1000), nullable=False),
        sa.Column("address_key", sa.String(length=1000), nullable=False),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=600), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resource_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "state IN ('suggested', 'approved', 'declined')", name=op.f("ck_link_suggestion_state_known")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_link_suggestion_person_id")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["person.id"], name=op.f("fk_link_suggestion_decided_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["post.id"], name=op.f("fk_link_suggestion_resource_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_suggestion")),
    )
    for columns in (["person_id"], ["address_key"], ["resource_id"]):
        op.create_index(op.f(f"ix_link_suggestion_{columns[0]}"), "link_suggestion", columns)
    op.create_index("ix_link_suggestion_queue", "link_suggestion", ["state", "id"])


def downgrade() -> None:
    op.drop_table("link_suggestion")
