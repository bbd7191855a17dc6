"""Addresses of chains whose balances people read, encrypted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    """Make room for them."""
    op.create_table(
        "holding_addresses",
        sa.Column("id", sa.Text, primary_key=True, nullable=False),
        *(_text(name) for name in ("owner", "kind", "chain", "label", "sealed", "mark")),
        sa.Column("ts_added", sa.BigInteger, nullable=False),
        _text("host"),
        sa.Column("ts_agreed", sa.BigInteger),
        sa.Index(None, "owner", "chain", "mark", unique=True),
    )


def downgrade() -> None:
    """Forget them."""
    op.drop_table("holding_addresses")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)
