"""Of each address one suggestion waits"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "uq_link_suggestion_waiting",
        "link_suggestion",
        ["address_key"],
        unique=True,
        sqlite_where=sa.text("state = 'suggested'"),
        postgresql_where=sa.text("state = 'suggested'"),
    )


def downgrade() -> None:
    op.drop_index("uq_link_suggestion_waiting", "link_suggestion")
