"""Fills made elsewhere, the addresses that they are read of, and what a person said of proposed setups."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Make room for them."""
    op.create_table(
        "outside_addresses",
        sa.Column("id", sa.Text, primary_key=True, nullable=False),
        *(_text(name) for name in ("owner", "venue", "sealed", "mark")),
        _time("ts_added"),
        sa.Column("ts_read", sa.BigInteger),
        _time("reached"),
        sa.Index(None, "owner", "venue", "mark", unique=True),
    )
    op.create_table(
        "outside_fills",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer, "sqlite"),
            primary_key=True,
            autoincrement=True,
            nullable=False,
        ),
        *(_text(name) for name in ("owner", "key", "venue", "instrument", "asset", "side")),
        *(_text(name) for name in ("price", "qty", "fee", "fee_currency")),
        _time("ts"),
        *(_text(name) for name in ("origin", "outside_id")),
        sa.Column("position_before", sa.Text),
        sa.Column("address", sa.Text, sa.ForeignKey("outside_addresses.id", ondelete="CASCADE")),
        sa.Index(None, "owner", "key", unique=True),
        sa.Index(None, "owner", "ts"),
    )
    op.create_table(
        "outside_matches",
        *(
            sa.Column(name, sa.Text, primary_key=True, nullable=False)
            for name in ("owner", "trade", "kind", "target", "account")
        ),
        _text("verdict"),
    )


def downgrade() -> None:
    """Forget them."""
    for name in ("outside_matches", "outside_fills", "outside_addresses"):
        op.drop_table(name)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _time(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False)
