"""The index of words is merged two by two"""

from __future__ import annotations

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

# Of parts of like size SQLite merges four at a time, when it is asked to, or leaves them. A search reads all of them.
SETTING = "INSERT INTO search_fts(search_fts, rank) VALUES ('usermerge', {most})"


def upgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        op.execute(SETTING.format(most=2))


def downgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        op.execute(SETTING.format(most=4))
