"""Names from public lists: one row an import, the newest of a source is read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Make room for them."""
    op.create_table(
        "entity_imports",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer, "sqlite"),
            primary_key=True,
            autoincrement=True,
            nullable=False,
        ),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("id", "source", "licence", "author")),
        sa.Column("ts", sa.BigInteger, nullable=False),
        sa.Column("names", sa.JSON, nullable=False),
        sa.UniqueConstraint("id"),
        sa.Index(None, "source", "number"),
    )


def downgrade() -> None:
    """Forget them."""
    op.drop_table("entity_imports")
