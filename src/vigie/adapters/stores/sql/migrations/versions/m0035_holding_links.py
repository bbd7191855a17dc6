"""Links by which people share what they own, by the digest of their words."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    """Make room for them."""
    op.create_table(
        "holding_links",
        sa.Column("id", sa.Text, primary_key=True, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("ts_created", sa.BigInteger, nullable=False),
        sa.Column("ts_expires", sa.BigInteger, nullable=False),
        sa.Index(None, "digest", unique=True),
        sa.Index(None, "owner"),
    )


def downgrade() -> None:
    """Forget them."""
    op.drop_table("holding_links")
