"""Ids of plans are each person's own: whoever chooses one learns nothing of what others chose."""

from __future__ import annotations

from alembic import op

revision = "0032"
down_revision = "0031"

_TABLE = "trade_plans"


def upgrade() -> None:
    """Let two people have plans of one id."""
    _index(["plan", "version"], ["owner", "plan", "version"])


def downgrade() -> None:
    """Let one id be one plan's; refused by the database where two people have one."""
    _index(["owner", "plan", "version"], ["plan", "version"])


def _index(before: list[str], after: list[str]) -> None:
    op.drop_index(op.f(f"ix_{_TABLE}_{'_'.join(before)}"), _TABLE)
    op.create_index(op.f(f"ix_{_TABLE}_{'_'.join(after)}"), _TABLE, after, unique=True)
