"""Whose money at its venue a run traded; runs of before have none noted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Make room for the fingerprints of keys."""
    op.create_table(
        "trade_run_money",
        sa.Column("run", sa.Text, sa.ForeignKey("trade_runs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("fingerprint", sa.Text, primary_key=True),
    )
    op.create_index(op.f("ix_trade_run_money_fingerprint"), "trade_run_money", ["fingerprint"])


def downgrade() -> None:
    """Forget them."""
    op.drop_table("trade_run_money")
