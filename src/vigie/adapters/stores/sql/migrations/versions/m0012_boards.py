"""The Studio: what somebody asked to be put on each of their boards."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Make room for boards."""
    op.create_table(
        "boards",
        sa.Column("id", sa.Text, primary_key=True, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("plan", sa.JSON, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("ts_changed", sa.BigInteger, nullable=False),
        sa.Column("ts_deleted", sa.BigInteger, nullable=True),
    )
    op.create_index(op.f("ix_boards_owner"), "boards", ["owner"])


def downgrade() -> None:
    """Remove them."""
    op.drop_table("boards")
