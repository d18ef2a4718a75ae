"""Posts by state are found by the index of the newest, which begins with it.

Revision ID: 0018
Revises: 0017
"""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_post_state", table_name="post")


def downgrade() -> None:
    op.create_index("ix_post_state", "post", ["state"])
