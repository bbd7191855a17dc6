"""What people own: events, the batches that brought them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    """Make room for them."""
    op.create_table(
        "holding_batches",
        sa.Column("id", sa.Text, primary_key=True, nullable=False),
        *(_text(name) for name in ("owner", "kind", "name")),
        sa.Column("ts_added", sa.BigInteger, nullable=False),
        sa.Column("ts_undone", sa.BigInteger),
        sa.Index(None, "owner", "ts_added"),
    )
    op.create_table(
        "holding_revisions",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer, "sqlite"),
            primary_key=True,
            autoincrement=True,
            nullable=False,
        ),
        *(_text(name) for name in ("owner", "event")),
        sa.Column("batch", sa.Text, sa.ForeignKey("holding_batches.id", ondelete="CASCADE"), nullable=False),
        _text("content"),
        sa.Index(None, "owner", "event"),
        sa.Index(None, "batch"),
    )


def downgrade() -> None:
    """Forget them."""
    for name in ("holding_revisions", "holding_batches"):
        op.drop_table(name)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)
