"""Digests and who gets them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "digest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=100), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("call", sa.String(length=400), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("editor_id", sa.Integer(), nullable=False),
        sa.Column("approver_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_html", sa.Text(), nullable=False),
        sa.Column("body_renderer", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'in_review', 'published', 'sent')", name=op.f("ck_digest_state_known")
        ),
        sa.ForeignKeyConstraint(["approver_id"], ["person.id"], name=op.f("fk_digest_approver_id")),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_digest_author_id")),
        sa.ForeignKeyConstraint(["editor_id"], ["person.id"], name=op.f("fk_digest_editor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest")),
        sa.UniqueConstraint("number", name=op.f("uq_digest_number")),
        sa.UniqueConstraint("slug", name=op.f("uq_digest_slug")),
    )
    op.create_index(op.f("ix_digest_newest"), "digest", ["state", "number"])

    op.create_table(
        "digest_subscription",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("frequency", sa.String(length=10), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("every_domain", sa.Boolean(), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "frequency IN ('weekly', 'never')", name=op.f("ck_digest_subscription_frequency_known")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_digest_subscription_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest_subscription")),
        sa.UniqueConstraint("person_id", name=op.f("uq_digest_subscription_person_id")),
        sa.UniqueConstraint("token", name=op.f("uq_digest_subscription_token")),
    )
    op.create_table(
        "digest_delivery",
        sa.Column("issue_id", sa.Integer(), nullable=False),
        sa.Column("subscription_id", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('mailed', 'nothing', 'refused')", name=op.f("ck_digest_delivery_outcome_known")
        ),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["digest.id"], name=op.f("fk_digest_delivery_issue_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["digest_subscription.id"],
            name=op.f("fk_digest_delivery_subscription_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("issue_id", "subscription_id", name=op.f("pk_digest_delivery")),
    )
    op.create_index(op.f("ix_digest_delivery_subscription_id"), "digest_delivery", ["subscription_id"])

    op.create_table(
        "digest_domain",
        sa.Column("subscription_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_digest_domain_service_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["digest_subscription.id"],
            name=op.f("fk_digest_domain_subscription_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("subscription_id", "service_id", name=op.f("pk_digest_domain")),
    )
    op.create_index(op.f("ix_digest_domain_service_id"), "digest_domain", ["service_id"])

    op.create_table(
        "digest_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("issue_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=True),
        sa.Column("answer_id", sa.Integer(), nullable=True),
        sa.Column("sentence", sa.String(length=300), nullable=False),
        sa.CheckConstraint(
            "(post_id IS NULL) <> (answer_id IS NULL)", name=op.f("ck_digest_item_one_target")
        ),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["answer.id"], name=op.f("fk_digest_item_answer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["digest.id"], name=op.f("fk_digest_item_issue_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["post_id"], ["post.id"], name=op.f("fk_digest_item_post_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest_item")),
        sa.UniqueConstraint("issue_id", "position", name=op.f("uq_digest_item_issue_id_position")),
    )
    op.create_index(op.f("ix_digest_item_answer_id"), "digest_item", ["answer_id"])
    op.create_index(op.f("ix_digest_item_post_id"), "digest_item", ["post_id"])


def downgrade() -> None:
    op.drop_table("digest_item")
    op.drop_table("digest_domain")
    op.drop_table("digest_delivery")
    op.drop_table("digest_subscription")
    op.drop_table("digest")
