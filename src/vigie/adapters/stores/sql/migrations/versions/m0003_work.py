"""Long work and what came out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make jobs, their logs, and the index of kept results."""
    op.create_table(
        "jobs",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("ask", sa.JSON, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("worker", sa.Text, nullable=False),
        sa.Column("ts_created", sa.BigInteger, nullable=False),
        sa.Column("ts_started", sa.BigInteger),
        sa.Column("ts_finished", sa.BigInteger),
        sa.Column("ts_beat", sa.BigInteger),
        sa.Column("progress", sa.Float(53), nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("answer", sa.JSON),
        sa.Column("wants_cancel", sa.Boolean, nullable=False),
        sa.Column("attempts", sa.BigInteger, nullable=False),
        sa.Index(None, "state", "id"),
        sa.Index(None, "owner", "id"),
    )
    op.create_table(
        "job_lines",
        sa.Column("job", sa.Text, sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("ts", sa.BigInteger, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("folder", sa.Text, nullable=False),
        sa.Column("ts_created", sa.BigInteger, nullable=False),
        sa.Column("ask", sa.JSON, nullable=False),
        sa.Column("summary", sa.JSON, nullable=False),
        sa.Column("decision_hash", sa.Text, nullable=False),
        sa.Column("job", sa.Text, nullable=False),
        sa.Index(None, "owner", "id"),
    )


def downgrade() -> None:
    """Remove them."""
    for name in ("runs", "job_lines", "jobs"):
        op.drop_table(name)
