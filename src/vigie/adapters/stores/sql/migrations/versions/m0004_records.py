"""The audit chain, which the database itself lets nobody change, and raw documents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_SQLITE = """
CREATE TRIGGER audit_events_no_{word} BEFORE {word} ON audit_events
BEGIN SELECT RAISE(ABORT, 'audit records are never changed or removed'); END
"""
_FUNCTION = """
CREATE FUNCTION audit_events_stay() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'audit records are never changed or removed'; END $$
"""
_POSTGRESQL = """
CREATE TRIGGER audit_events_no_{word} BEFORE {word} ON audit_events
FOR EACH STATEMENT EXECUTE FUNCTION audit_events_stay()
"""


def upgrade() -> None:
    """Make the chain with its guards, its texts and its head, and documents."""
    op.create_table(
        "audit_events",
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("ts", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False, index=True),
        sa.Column("actor", sa.Text, nullable=False, index=True),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
    )
    op.create_table(
        "audit_texts",
        sa.Column(
            "seq", sa.BigInteger, sa.ForeignKey("audit_events.seq"), primary_key=True, autoincrement=False
        ),
        sa.Column("salt", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_table(
        "audit_heads",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
    )
    op.create_table(
        "documents",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("ts_known", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
        sa.Index(None, "kind", "key", "ts_known"),
        sa.Index(None, "kind", "ts_known"),
    )
    _guard()


def _guard() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for word in ("UPDATE", "DELETE"):
            op.execute(_SQLITE.format(word=word))
        return
    op.execute(_FUNCTION)
    for word in ("UPDATE", "DELETE", "TRUNCATE"):
        op.execute(_POSTGRESQL.format(word=word))


def downgrade() -> None:
    """Remove them."""
    for name in ("documents", "audit_heads", "audit_texts", "audit_events"):
        op.drop_table(name)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION audit_events_stay()")
