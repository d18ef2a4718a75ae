"""The search index

`search_fts` is kept by triggers on `search_entry`. Its words come folded, stemmed and marked, with single blanks
between them, so neither engine is to do anything to them but to tell them apart.
A later migration that rebuilds `search_entry` on SQLite (batch mode) loses the triggers: make them again there.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SQLITE_UP = (
    """CREATE VIRTUAL TABLE search_fts USING fts5(
        words, content='search_entry', content_rowid='id', columnsize=0,
        tokenize="unicode61 remove_diacritics 0 tokenchars ':-'"
    )""",
    """CREATE TRIGGER search_entry_insert AFTER INSERT ON search_entry BEGIN
        INSERT INTO search_fts(rowid, words) VALUES (new.id, new.words);
    END""",
    """CREATE TRIGGER search_entry_delete AFTER DELETE ON search_entry BEGIN
        INSERT INTO search_fts(search_fts, rowid, words) VALUES ('delete', old.id, old.words);
    END""",
    """CREATE TRIGGER search_entry_update AFTER UPDATE OF words ON search_entry BEGIN
        INSERT INTO search_fts(search_fts, rowid, words) VALUES ('delete', old.id, old.words);
        INSERT INTO search_fts(rowid, words) VALUES (new.id, new.words);
    END""",
)
# No parser and no dictionary, and so no extension either: the words are the lexemes.
POSTGRES_UP = (
    """CREATE FUNCTION search_vector(words text) RETURNS tsvector LANGUAGE sql IMMUTABLE AS $$
        SELECT coalesce(string_agg(quote_literal(word) || ':' || least(place, 16383), ' '), '')::tsvector
        FROM unnest(string_to_array(words, ' ')) WITH ORDINALITY AS one(word, place)
        WHERE word <> ''
    $$""",
    """CREATE TABLE search_fts (
        entry_id integer PRIMARY KEY REFERENCES search_entry(id) ON DELETE CASCADE,
        words tsvector NOT NULL
    )""",
    "CREATE INDEX ix_search_fts_words ON search_fts USING gin (words)",
    # It decides between the index of words and that of ids by how common a word is: let it know of 10,000 words.
    "ALTER TABLE search_fts ALTER COLUMN words SET STATISTICS 1000",
    """CREATE FUNCTION search_entry_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO search_fts VALUES (new.id, search_vector(new.words))
        ON CONFLICT (entry_id) DO UPDATE SET words = excluded.words;
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER search_entry_changed AFTER INSERT OR UPDATE OF words ON search_entry
        FOR EACH ROW EXECUTE FUNCTION search_entry_changed()""",
)
SQLITE_DOWN = (
    "DROP TRIGGER search_entry_insert",
    "DROP TRIGGER search_entry_delete",
    "DROP TRIGGER search_entry_update",
    "DROP TABLE search_fts",
)
POSTGRES_DOWN = (
    "DROP TRIGGER search_entry_changed ON search_entry",
    "DROP FUNCTION search_entry_changed",
    "DROP TABLE search_fts",
    "DROP FUNCTION search_vector",
)


def upgrade() -> None:
    op.create_table(
        "search_gap",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("times > 0", name=op.f("ck_search_gap_times_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_gap")),
        sa.UniqueConstraint("words", name=op.f("uq_search_gap_words")),
    )
    with op.batch_alter_table("search_gap", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_search_gap_last_at"), ["last_at"], unique=False)

    op.create_table(
        "search_synonym",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("terms", sa.String(length=600), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_synonym")),
        sa.UniqueConstraint("terms", name=op.f("uq_search_synonym_terms")),
    )
    op.create_table(
        "search_word",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "word",
            sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("middle", sa.String(length=3), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_word")),
    )
    with op.batch_alter_table("search_word", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_search_word_middle"), ["middle"], unique=False)
        batch_op.create_index(batch_op.f("ix_search_word_word"), ["word"], unique=False)

    op.create_table(
        "search_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=True),
        sa.Column("answer_id", sa.Integer(), nullable=True),
        sa.Column("comment_id", sa.Integer(), nullable=True),
        sa.Column("service_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('case', 'question', 'guide', 'resource', 'answer', 'comment', 'service', 'organisation')",
            name=op.f("ck_search_entry_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["answer.id"], name=op.f("fk_search_entry_answer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comment.id"], name=op.f("fk_search_entry_comment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_search_entry_organisation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["post_id"], ["post.id"], name=op.f("fk_search_entry_post_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_search_entry_service_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_entry")),
        sa.UniqueConstraint("comment_id", name=op.f("uq_search_entry_comment_id")),
        sa.UniqueConstraint("organisation_id", name=op.f("uq_search_entry_organisation_id")),
        sa.UniqueConstraint("service_id", name=op.f("uq_search_entry_service_id")),
    )
    with op.batch_alter_table("search_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_search_entry_answer_id"), ["answer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_search_entry_post_id"), ["post_id"], unique=False)

    for statement in SQLITE_UP if op.get_context().dialect.name == "sqlite" else POSTGRES_UP:
        op.execute(statement)


def downgrade() -> None:
    for statement in SQLITE_DOWN if op.get_context().dialect.name == "sqlite" else POSTGRES_DOWN:
        op.execute(statement)
    with op.batch_alter_table("search_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_search_entry_post_id"))
        batch_op.drop_index(batch_op.f("ix_search_entry_answer_id"))

    op.drop_table("search_entry")
    with op.batch_alter_table("search_word", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_search_word_word"))
        batch_op.drop_index(batch_op.f("ix_search_word_middle"))

    op.drop_table("search_word")
    op.drop_table("search_synonym")
    with op.batch_alter_table("search_gap", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_search_gap_last_at"))

    op.drop_table("search_gap")
