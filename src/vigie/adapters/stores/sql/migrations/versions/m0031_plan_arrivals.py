"""When the first and the last of a notice of a plan arrives; it takes a place of the days of both."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"

_TABLE = "trade_plan_notices"
# What waits: a digest, or the end of quiet hours.
_LAST = """
    UPDATE trade_plan_notices SET ts_last = waiting.ts_due
    FROM (
        SELECT alerts."key" AS name, max(delivery.ts_due) AS ts_due
        FROM alert_deliveries AS delivery JOIN alerts ON alerts.id = delivery.alert
        WHERE delivery.state = 'waiting' AND alerts.kind = 'desk' GROUP BY alerts."key"
    ) AS waiting
    WHERE trade_plan_notices.held = '' AND waiting.ts_due > trade_plan_notices.ts_last
    AND waiting.name = 'plan/' || trade_plan_notices.version || '/' || trade_plan_notices."key"
"""
_FIRST = """
    UPDATE trade_plan_notices SET ts_first = CASE WHEN ts < ts_last THEN ts ELSE ts_last END WHERE held = ''
"""


def upgrade() -> None:
    """Count what was sent from when it was noticed, as it may be in the inbox since, to the last that waits."""
    _rename("ts_due", "ts_last")
    op.add_column(_TABLE, sa.Column("ts_first", sa.BigInteger, nullable=False, server_default="0"))
    op.execute(_LAST)
    op.execute(_FIRST)


def downgrade() -> None:
    """Forget when the first arrives."""
    op.drop_column(_TABLE, "ts_first")
    _rename("ts_last", "ts_due")


def _rename(before: str, after: str) -> None:
    op.drop_index(op.f(f"ix_{_TABLE}_{before}"), _TABLE)
    op.execute(f"ALTER TABLE {_TABLE} RENAME COLUMN {before} TO {after}")
    op.create_index(op.f(f"ix_{_TABLE}_{after}"), _TABLE, [after])
