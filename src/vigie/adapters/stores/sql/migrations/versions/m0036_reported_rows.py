"""What platforms reported of people's years, by asset and category."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    """Make room for them."""
    op.create_table(
        "reported_rows",
        sa.Column("statement", sa.Text, primary_key=True, nullable=False),
        sa.Column("asset", sa.Text, primary_key=True, nullable=False),
        sa.Column("category", sa.Text, primary_key=True, nullable=False),
        sa.Column("sort", sa.Text, primary_key=True, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("year", sa.BigInteger, nullable=False),
        sa.Column("units", sa.Text, nullable=False),
        sa.Column("amount", sa.Text, nullable=True),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("transactions", sa.BigInteger, nullable=True),
        sa.Column("ts_added", sa.BigInteger, nullable=False),
        sa.Index(None, "owner"),
    )


def downgrade() -> None:
    """Forget them."""
    op.drop_table("reported_rows")
