"""Guides go through a review, and are filtered"""

from __future__ import annotations

from datetime import UTC

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

STATES = "state IN ('draft', 'in_review', 'published', 'needs_refresh', 'archived')"


def upgrade() -> None:
    op.create_table(
        "guide_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("guide_id", sa.Integer(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("step", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=15), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.CheckConstraint(STATES, name=op.f("ck_guide_step_state_known")),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_guide_step_actor_id")),
        sa.ForeignKeyConstraint(
            ["guide_id"], ["post.id"], name=op.f("fk_guide_step_guide_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guide_step")),
    )
    op.create_index(op.f("ix_guide_step_guide_id"), "guide_step", ["guide_id"])
    _catalogue_guides()


def _catalogue_guides() -> None:
    """Enter the guides that are there into the catalogue, which until now did not know them."""
    meta = sa.MetaData()
    connection = op.get_bind()
    names = ("post", "guide", "guide_item", "post_service", "service", "catalogued", "stamp")
    post, guide, item, tagged, service, catalogued, stamp = (
        sa.Table(name, meta, autoload_with=connection) for name in names
    )
    rows = connection.execute(
        sa.select(post.c.id, post.c.state, post.c.created_at, post.c.n_useful, guide.c.themes, guide.c.stage)
        .join(guide, guide.c.post_id == post.c.id)
        .where(post.c.id.not_in(sa.select(catalogued.c.post_id)))
        .order_by(post.c.id)
    ).all()
    if not rows:
        return
    parents = {
        row.id: row
        for row in connection.execute(sa.select(service.c.id, service.c.slug, service.c.parent_id))
    }
    services: dict[int, set[str]] = {}
    for post_id, service_id in connection.execute(sa.select(tagged.c.post_id, tagged.c.service_id)):
        own = parents[service_id]
        above = parents.get(own.parent_id)
        services.setdefault(post_id, set()).update({own.slug} | ({above.slug} if above else set()))
    links: dict[int, int] = dict(
        connection.execute(
            sa.select(item.c.guide_id, sa.func.count())
            .where(item.c.post_id.is_not(None) | item.c.answer_id.is_not(None))
            .group_by(item.c.guide_id)
        ).all()
    )
    seq = connection.scalar(sa.select(stamp.c.value).where(stamp.c.name == "catalogue"))
    if seq is None:
        connection.execute(stamp.insert().values(name="catalogue", value=0))
    for number, row in enumerate(rows, (seq or 0) + 1):
        connection.execute(
            catalogued.insert().values(
                post_id=row.id,
                kind="guide",
                seq=number,
                facets={"service": sorted(services.get(row.id, ())), "theme": row.themes, "stage": row.stage},
                keys={
                    "newest": (
                        row.created_at if row.created_at.tzinfo else row.created_at.replace(tzinfo=UTC)
                    ).timestamp(),
                    "useful": row.n_useful,
                    "links": links.get(row.id, 0),
                },
                visible=row.state == "visible",
            )
        )
    connection.execute(stamp.update().where(stamp.c.name == "catalogue").values(value=(seq or 0) + len(rows)))


def downgrade() -> None:
    op.drop_table("guide_step")
