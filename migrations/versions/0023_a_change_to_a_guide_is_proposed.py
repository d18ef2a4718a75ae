"""A change to a guide is proposed"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "guide_proposal",
        sa.Column("guide_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_guide_proposal_author_id")),
        sa.ForeignKeyConstraint(
            ["guide_id"], ["post.id"], name=op.f("fk_guide_proposal_guide_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("guide_id", name=op.f("pk_guide_proposal")),
    )


def downgrade() -> None:
    op.drop_table("guide_proposal")
