"""Runs of accounts that were decided afterwards are marked; those of before were all traded."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Make room for the mark."""
    op.add_column(
        "trade_runs", sa.Column("is_replayed", sa.Boolean, nullable=False, server_default=sa.false())
    )


def downgrade() -> None:
    """Forget it."""
    op.drop_column("trade_runs", "is_replayed")
