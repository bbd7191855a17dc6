"""Alerts: channels, rules, what was told, and the outbox of deliveries."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def _text(name: str, **more: Any) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, **more)


def _number(name: str, **more: Any) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False, **more)


def _truth(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False)


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "alert_channels",
        _text("id", primary_key=True),
        *(_text(name) for name in ("owner", "kind", "address")),
        _truth("is_confirmed"),
        _text("code_key"),
        *(_number(name) for name in ("code_tries", "ts_code", "ts_dead")),
        _text("why"),
        _number("ts_created"),
        sa.Index(None, "owner", "kind", "address", unique=True),
    )
    op.create_table(
        "alert_rules",
        _text("id", primary_key=True),
        _text("owner", index=True),
        _text("kind"),
        _truth("is_live"),
        *(_number(name) for name in ("revision", "ts_created", "ts_deleted")),
        sa.Column("body", sa.JSON, nullable=False),
        sa.Index(None, "kind", "is_live"),
    )
    _make_alerts()


def _make_alerts() -> None:
    op.create_table(
        "alerts",
        _text("id", primary_key=True),
        *(_text(name) for name in ("rule", "owner", "mark", "kind", "key", "status")),
        _number("ts"),
        sa.Column("ts_event", sa.BigInteger, nullable=True),
        *(_number(name) for name in ("ts_seen", "ts_processed")),
        *(_text(name) for name in ("title", "url", "source")),
        sa.Column("facts", sa.JSON, nullable=False),
        _number("ts_read"),
        sa.Index(None, "kind", "key"),
        sa.Index(None, "owner", "ts_read"),
    )
    op.create_table(
        "alert_deliveries",
        _text("id", primary_key=True),
        sa.Column(
            "alert", sa.Text, sa.ForeignKey("alerts.id", ondelete="CASCADE"), nullable=False, index=True
        ),
        *(_text(name) for name in ("rule", "owner", "channel", "kind", "state")),
        *(_number(name) for name in ("ts", "ts_due", "ts_done", "tries")),
        *(_text(name) for name in ("why", "bundle", "holder")),
        _number("ts_until"),
        sa.Index(None, "state", "ts_due"),
        sa.Index(None, "owner", "ts", "id"),
        sa.Index(None, "rule", "ts_due"),
        sa.Index(None, "bundle"),
    )


def downgrade() -> None:
    """Remove them."""
    for name in ("alert_deliveries", "alerts", "alert_rules", "alert_channels"):
        op.drop_table(name)
