"""What has changed: numbered in the order of commits, by triggers that `forum.core.changes` puts on the tables.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "change",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_change")),
    )
    op.create_index(op.f("ix_change_number"), "change", ["number"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE SEQUENCE change_number OWNED BY change.number")


def downgrade() -> None:
    op.drop_table("change")
