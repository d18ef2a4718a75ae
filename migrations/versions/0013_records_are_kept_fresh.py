"""Records are kept fresh, and cases say what they were made from"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "freshness",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=True),
        sa.Column("answer_id", sa.Integer(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("confirmed_by_id", sa.Integer(), nullable=True),
        sa.Column("confirmed_on", sa.Date(), nullable=False),
        sa.Column("review_by", sa.Date(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.CheckConstraint("kind IN ('case', 'guide', 'answer')", name=op.f("ck_freshness_kind_known")),
        sa.CheckConstraint("(post_id IS NULL) <> (answer_id IS NULL)", name=op.f("ck_freshness_one_target")),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["answer.id"], name=op.f("fk_freshness_answer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by_id"], ["person.id"], name=op.f("fk_freshness_confirmed_by_id")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_freshness_owner_id")),
        sa.ForeignKeyConstraint(
            ["post_id"], ["post.id"], name=op.f("fk_freshness_post_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_freshness")),
        sa.UniqueConstraint("answer_id", name=op.f("uq_freshness_answer_id")),
        sa.UniqueConstraint("post_id", name=op.f("uq_freshness_post_id")),
    )
    op.create_index("ix_freshness_due", "freshness", ["review_by", "id"])
    op.create_index("ix_freshness_owner", "freshness", ["owner_id", "review_by"])
    _look_after_what_is_there()
    op.create_table(
        "case_origin",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=True),
        sa.Column("answer_id", sa.Integer(), nullable=True),
        sa.Column("credited_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["answer.id"], name=op.f("fk_case_origin_answer_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_study.post_id"], name=op.f("fk_case_origin_case_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["credited_id"], ["person.id"], name=op.f("fk_case_origin_credited_id")),
        sa.ForeignKeyConstraint(
            ["question_id"], ["post.id"], name=op.f("fk_case_origin_question_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_origin")),
        sa.UniqueConstraint("answer_id", name=op.f("uq_case_origin_answer_id")),
    )
    op.create_index(op.f("ix_case_origin_question_id"), "case_origin", ["question_id"])


def _look_after_what_is_there() -> None:
    """Cases, published guides and accepted answers count as confirmed when they were last changed."""

    def months_later(day: str, months: int) -> str:
        if op.get_bind().dialect.name == "sqlite":
            return f"date({day}, '+{months} months')"
        return f"CAST({day} + INTERVAL '{months} months' AS date)"

    changed = "date(coalesce(post.edited_at, post.created_at))"
    given = "date(coalesce(answer.edited_at, answer.created_at))"
    # Only words of ours are put together here.
    columns = "INSERT INTO freshness (kind, post_id, answer_id, owner_id, confirmed_on, review_by)"
    op.execute(
        f"{columns} SELECT 'case', post.id, NULL, author_id, {changed}, {months_later(changed, 24)} "  # noqa: S608
        "FROM post WHERE kind = 'case' AND state <> 'draft'"
    )
    op.execute(
        f"{columns} SELECT 'guide', post.id, NULL, author_id, {changed}, "  # noqa: S608
        f"coalesce(guide.review_due, {months_later(changed, 12)}) "
        "FROM post JOIN guide ON guide.post_id = post.id "
        "WHERE state <> 'draft' AND guide_state IN ('published', 'needs_refresh')"
    )
    op.execute(
        f"{columns} SELECT 'answer', NULL, answer.id, answer.author_id, {given}, {months_later(given, 24)} "  # noqa: S608
        "FROM answer JOIN question ON question.accepted_answer_id = answer.id"
    )


def downgrade() -> None:
    op.drop_table("case_origin")
    op.drop_table("freshness")
