"""Settlements of funding are found by when they were settled."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Make them found."""
    op.create_index(op.f("ix_trade_fundings_run_ts"), "trade_fundings", ["run", "ts"])


def downgrade() -> None:
    """Find them by reading all again."""
    op.drop_index(op.f("ix_trade_fundings_run_ts"), "trade_fundings")
