"""Most useful of all kinds"""

from __future__ import annotations

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_post_all_useful", "post", ["state", "n_useful", "id"])


def downgrade() -> None:
    op.drop_index("ix_post_all_useful", "post")
