"""The newest quotes, and how connectors do."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make counters, quotes, and the connectors' states, wishes and bookmarks."""
    op.create_table(
        "counters",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "quotes",
        sa.Column("venue", sa.Text, primary_key=True),
        sa.Column("instrument", sa.Text, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False, index=True),
        sa.Column("ts_event", sa.BigInteger, nullable=False),
        sa.Column("ts_known", sa.BigInteger, nullable=False),
        sa.Column("last", sa.Float(53), nullable=False),
        sa.Column("bid", sa.Float(53)),
        sa.Column("ask", sa.Float(53)),
        sa.Column("mark", sa.Float(53)),
        sa.Column("index", sa.Float(53)),
        sa.Column("change_24h", sa.Float(53)),
        sa.Column("volume_24h", sa.Float(53)),
        sa.Column("open_interest", sa.Float(53)),
        sa.Column("funding_rate", sa.Float(53)),
        sa.Column("funding_next_ts", sa.BigInteger),
        sa.Column("funding_hours", sa.Float(53)),
    )
    op.create_table(
        "source_health",
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("ts_success", sa.BigInteger),
        sa.Column("ts_attempt", sa.BigInteger),
        sa.Column("usual_gap_s", sa.Float(53), nullable=False),
        sa.Column("budget_left", sa.Float(53)),
        sa.Column("errors", sa.BigInteger, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("mode", sa.Text, nullable=False),
    )
    op.create_table(
        "source_wants",
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("what", sa.Text, nullable=False),
    )
    op.create_table(
        "bookmarks",
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("bookmark", sa.Text, nullable=False),
        sa.Column("ts", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """Remove them."""
    for name in ("bookmarks", "source_wants", "source_health", "quotes", "counters"):
        op.drop_table(name)
