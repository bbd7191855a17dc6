"""Trading accounts: who may trade them, their runs and logs, intents, fills and funding."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def _text(name: str, **more: Any) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, **more)


def _number(name: str, **more: Any) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False, **more)


def _account(**more: Any) -> sa.Column[str]:
    return sa.Column(
        "account",
        sa.Text,
        sa.ForeignKey("trade_accounts.account", ondelete="CASCADE"),
        nullable=False,
        **more,
    )


def _run(**more: Any) -> sa.Column[str]:
    return sa.Column(
        "run", sa.Text, sa.ForeignKey("trade_runs.id", ondelete="CASCADE"), nullable=False, **more
    )


def upgrade() -> None:
    """Make them; amounts are the venue's decimal strings."""
    op.create_table(
        "trade_accounts",
        _text("account", primary_key=True),
        _text("owner"),
        sa.Column("run", sa.Text, nullable=True),
        _text("state"),
        _text("ordered"),
        _text("holder"),
        _number("token"),
        _number("ts_until"),
    )
    op.create_table(
        "trade_runs",
        _text("id", primary_key=True),
        _account(index=True),
        _text("owner", index=True),
        _text("venue"),
        _text("mode"),
        _text("plan"),
        _text("capital"),
        _number("ts"),
    )
    op.create_table(
        "trade_steps",
        _run(primary_key=True),
        _number("number", primary_key=True, autoincrement=False),
        _text("kind"),
        _number("ts"),
        _text("body"),
    )
    _make_intents()
    _make_bookings()


def _make_intents() -> None:
    op.create_table(
        "trade_intents",
        _text("id", primary_key=True),
        _run(),
        _number("number"),
        *(_text(name) for name in ("account", "slot", "instrument", "leg")),
        _number("side"),
        _number("lots"),
        _text("qty"),
        _number("ts_bar"),
        _number("ts"),
        sa.Column("stop", sa.Text, nullable=True),
        sa.Column("target", sa.Text, nullable=True),
        _number("attempt"),
        _text("reason"),
        _number("ts_expires"),
        _text("state"),
        _number("ts_moved"),
        _text("order_id"),
        _text("filled"),
        _text("why"),
        sa.Index(None, "run", "number", unique=True),
        sa.Index(None, "run", "state"),
    )


def _make_bookings() -> None:
    op.create_table(
        "trade_fills",
        _account(primary_key=True),
        _text("instrument", primary_key=True),
        _text("id", primary_key=True),
        _run(),
        _number("number"),
        _text("order_id"),
        _text("client_id"),
        _number("side"),
        *(_text(name) for name in ("qty", "price", "fee")),
        _number("ts"),
        sa.Column("is_maker", sa.Boolean, nullable=False),
        _text("cause"),
        sa.Index(None, "run", "number", unique=True),
    )
    op.create_table(
        "trade_fundings",
        _account(primary_key=True),
        _text("instrument", primary_key=True),
        _text("id", primary_key=True),
        _run(),
        _number("number"),
        _text("amount"),
        _number("ts"),
        sa.Index(None, "run", "number", unique=True),
    )


def downgrade() -> None:
    """Remove them."""
    for name in ("fundings", "fills", "intents", "steps", "runs", "accounts"):
        op.drop_table(f"trade_{name}")
