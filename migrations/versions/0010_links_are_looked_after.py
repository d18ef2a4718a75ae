"""Links are looked after: where they are used, how they were when they were visited"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

STATES = (
    "IN ('unchecked', 'ok', 'moved', 'changed', 'login_wall', 'gone', 'unreachable', 'broken', 'retired')"
)


def upgrade() -> None:
    op.create_table(
        "link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=1000), nullable=False),
        sa.Column("url", sa.String(length=1000), nullable=False),
        sa.Column("host", sa.String(length=260), nullable=False),
        sa.Column("state", sa.String(length=15), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_check_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("n_failures", sa.Integer(), nullable=False),
        sa.Column("failures_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(length=15), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("title_now", sa.String(length=300), nullable=False),
        sa.Column("proposed_url", sa.String(length=1000), nullable=False),
        sa.Column("archive_url", sa.String(length=1000), nullable=False),
        sa.Column("etag", sa.String(length=300), nullable=False),
        sa.Column("last_modified", sa.String(length=60), nullable=False),
        sa.CheckConstraint(f"state {STATES}", name=op.f("ck_link_state_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link")),
        sa.UniqueConstraint("key", name=op.f("uq_link_key")),
    )
    op.create_index("ix_link_due", "link", ["next_check_at", "host"])
    op.create_index("ix_link_queue", "link", ["state", "failures_since", "id"])
    op.create_index(op.f("ix_link_host"), "link", ["host"])
    op.create_table(
        "link_use",
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("link_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=80), nullable=False),
        sa.Column("stamp", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["post.id"], name=op.f("fk_link_use_post_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["link_id"], ["link.id"], name=op.f("fk_link_use_link_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", "link_id", "place", name=op.f("pk_link_use")),
    )
    op.create_index(op.f("ix_link_use_link_id"), "link_use", ["link_id"])
    op.create_table(
        "link_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("link_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=15), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(length=15), nullable=False),
        sa.Column("url", sa.String(length=1000), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["link_id"], ["link.id"], name=op.f("fk_link_check_link_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_link_check_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_check")),
    )
    op.create_index("ix_link_check_link", "link_check", ["link_id", "id"])
    op.create_table(
        "link_host",
        sa.Column("host", sa.String(length=260), nullable=False),
        sa.Column("robots", sa.Text(), nullable=False),
        sa.Column("robots_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_link_host")),
    )
    # Nothing refers to this table, so rebuilding it for SQLite takes nothing along.
    with op.batch_alter_table("resource") as resource:
        resource.add_column(
            sa.Column("address_key", sa.String(length=1000), nullable=False, server_default="")
        )
        resource.drop_constraint(op.f("ck_resource_link_state_known"), type_="check")
        resource.create_check_constraint(op.f("ck_resource_link_state_known"), f"link_state {STATES}")
    op.create_index(op.f("ix_resource_address_key"), "resource", ["address_key"])
    _key_addresses()


def _key_addresses() -> None:
    """What all spellings of an address share, for those that are there: here without the rules that may change."""
    connection = op.get_bind()
    resource = sa.table("resource", sa.column("post_id"), sa.column("url"), sa.column("address_key"))
    for post_id, url in connection.execute(sa.select(resource.c.post_id, resource.c.url)).all():
        key = url.partition("#")[0].partition("://")[2].removesuffix("/")
        connection.execute(resource.update().where(resource.c.post_id == post_id).values(address_key=key))


def downgrade() -> None:
    op.drop_index(op.f("ix_resource_address_key"), "resource")
    with op.batch_alter_table("resource") as resource:
        resource.drop_column("address_key")
    op.drop_table("link_host")
    op.drop_table("link_check")
    op.drop_table("link_use")
    op.drop_table("link")
