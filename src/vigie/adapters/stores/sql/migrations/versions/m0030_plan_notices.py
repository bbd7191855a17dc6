"""What is told of open plans, and what was kept because the day was full."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    """Make room for it."""
    op.create_table(
        "trade_plan_notices",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer, "sqlite"),
            primary_key=True,
            autoincrement=True,
            nullable=False,
        ),
        sa.Column(
            "version",
            sa.BigInteger().with_variant(sa.Integer, "sqlite"),
            sa.ForeignKey("trade_plans.number", ondelete="CASCADE"),
            nullable=False,
        ),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("key", "kind", "facts")),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("ts_known", "ts")),
        sa.Column("ts_due", sa.BigInteger, nullable=False, index=True),
        sa.Column("is_counted", sa.Boolean, nullable=False),
        sa.Column("held", sa.Text, nullable=False),
        sa.Index(None, "version", "key", unique=True),
    )


def downgrade() -> None:
    """Forget it."""
    op.drop_table("trade_plan_notices")
