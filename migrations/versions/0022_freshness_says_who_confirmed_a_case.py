"""Freshness says who confirmed a case, and when: the columns of the case, which nothing used, go"""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

FOREIGN_KEY = "fk_case_study_confirmed_by_id"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _forget_foreign_key()
    else:
        op.drop_constraint(FOREIGN_KEY, "case_study", type_="foreignkey")
    op.drop_column("case_study", "confirmed_by_id")
    op.drop_column("case_study", "confirmed_on")


def _forget_foreign_key() -> None:
    """Take the constraint out of what SQLite keeps of the table: it stands in no row.

    SQLite drops no column that a constraint of the table names, and would have the table made anew, to which seven
    others refer. For constraints it documents this way (https://www.sqlite.org/lang_altertable.html, section 8).
    """
    connection = op.get_bind()
    table = sa.text("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = 'case_study'")
    before = connection.scalar(table)
    # Where the column was put back (below), the constraint is part of it and goes with it.
    after = re.sub(rf",\s*CONSTRAINT {FOREIGN_KEY} FOREIGN KEY\s*\(\w+\) REFERENCES \w+ \(\w+\)", "", before)
    if after != before:
        version = connection.scalar(sa.text("PRAGMA schema_version"))
        connection.execute(sa.text("PRAGMA writable_schema=ON"))
        connection.execute(
            sa.text("UPDATE sqlite_schema SET sql = :sql WHERE type = 'table' AND name = 'case_study'"),
            {"sql": after},
        )
        connection.execute(sa.text(f"PRAGMA schema_version={version + 1}"))
        connection.execute(sa.text("PRAGMA writable_schema=RESET"))


def downgrade() -> None:
    op.add_column("case_study", sa.Column("confirmed_on", sa.Date(), nullable=True))
    if op.get_bind().dialect.name == "sqlite":
        # With its constraint, in one: a later one could only be added by making the table anew.
        op.execute(
            f"ALTER TABLE case_study ADD COLUMN confirmed_by_id INTEGER CONSTRAINT {FOREIGN_KEY} REFERENCES person (id)"
        )
    else:
        op.add_column("case_study", sa.Column("confirmed_by_id", sa.Integer(), nullable=True))
        op.create_foreign_key(FOREIGN_KEY, "case_study", "person", ["confirmed_by_id"], ["id"])
