"""Trade plans, each version as it was written, and when it was armed or cancelled."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Make room for them."""
    op.create_table(
        "trade_plans",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer, "sqlite"),
            primary_key=True,
            autoincrement=True,
            nullable=False,
        ),
        _text("plan"),
        sa.Column("version", sa.BigInteger, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False, index=True) for name in ("owner", "account")),
        *(_text(name) for name in ("body", "digest")),
        sa.Column("ts_written", sa.BigInteger, nullable=False),
        sa.Index(None, "plan", "version", unique=True),
    )
    op.create_table(
        "trade_plan_marks",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer, "sqlite"),
            sa.ForeignKey("trade_plans.number", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("mark", sa.Text, primary_key=True, nullable=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("ts", "ts_written")),
    )


def downgrade() -> None:
    """Forget them."""
    op.drop_table("trade_plan_marks")
    op.drop_table("trade_plans")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)
