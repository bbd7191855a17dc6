"""Namesakes of emerging coins are found by name, kind and time: of a ticker there are more every day."""

from __future__ import annotations

from alembic import op

revision = "0021"
down_revision = "0020"

_COLUMNS = ("symbol", "name")


def upgrade() -> None:
    """Make room for them."""
    for column in _COLUMNS:
        op.create_index(
            op.f(f"ix_first_sights_{column}_kind_ts_seen"), "first_sights", [column, "kind", "ts_seen"]
        )
        op.drop_index(op.f(f"ix_first_sights_{column}"), "first_sights")


def downgrade() -> None:
    """Find them by name alone."""
    for column in _COLUMNS:
        op.create_index(op.f(f"ix_first_sights_{column}"), "first_sights", [column])
        op.drop_index(op.f(f"ix_first_sights_{column}_kind_ts_seen"), "first_sights")
