"""Entities: what a house itself knows of names, and watchlists that hold entities."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "entity_amendments",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer, "sqlite"),
            primary_key=True,
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("id", sa.Text, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("kind", "entity", "text", "into", "author")),
        sa.Column("ts", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("id"),
    )
    op.add_column("watchlists", sa.Column("entities", sa.JSON, nullable=False, server_default="[]"))


def downgrade() -> None:
    """Remove them."""
    op.drop_column("watchlists", "entities")
    op.drop_table("entity_amendments")
