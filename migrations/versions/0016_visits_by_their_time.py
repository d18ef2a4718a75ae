"""Visits to links are found by their time"""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_link_check_at", "link_check", ["at"])


def downgrade() -> None:
    op.drop_index("ix_link_check_at", "link_check")
