"""What was learned: experiments, fits and models with their stages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    """Make room for them."""
    op.create_table(
        "experiments",
        sa.Column("name", sa.Text, primary_key=True, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("ts_created", sa.BigInteger, nullable=False),
        sa.Column("parameters", sa.JSON, nullable=False),
    )
    op.create_table(
        "fits",
        sa.Column("experiment", sa.Text, primary_key=True, nullable=False),
        sa.Column("version", sa.BigInteger, primary_key=True, nullable=False),
        sa.Column("ts_created", sa.BigInteger, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("data", sa.JSON, nullable=False),
        sa.Column("code", sa.JSON, nullable=False),
        sa.Column("until_ms", sa.BigInteger, nullable=False),
        sa.Column("figures", sa.JSON, nullable=False),
        sa.Column("evaluation", sa.JSON, nullable=False),
        sa.Column("card", sa.JSON, nullable=False),
        sa.Column("files", sa.JSON, nullable=False),
    )
    op.create_table(
        "models",
        sa.Column("name", sa.Text, primary_key=True, nullable=False),
        sa.Column("version", sa.BigInteger, primary_key=True, nullable=False),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("ts_changed", sa.BigInteger, nullable=False),
        sa.Column("opening", sa.JSON, nullable=True),
    )
    op.create_table(
        "shadow_decisions",
        sa.Column("name", sa.Text, primary_key=True, nullable=False),
        sa.Column("version", sa.BigInteger, primary_key=True, nullable=False),
        sa.Column("ts_bar", sa.BigInteger, primary_key=True, nullable=False),
        sa.Column("flags", sa.BigInteger, nullable=False),
        sa.Column("log_odds", sa.Float(53), nullable=True),
        sa.Column("bars", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Forget them."""
    for table in ("shadow_decisions", "models", "fits", "experiments"):
        op.drop_table(table)
