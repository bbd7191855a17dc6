"""Code and arguments of refusals, beside the sentences of jobs, connectors, channels and deliveries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

_TABLES = ("jobs", "source_health", "alert_channels", "alert_deliveries")


def upgrade() -> None:
    """Make room for them; rows of before have sentences alone."""
    for table in _TABLES:
        op.add_column(table, sa.Column("refusal", sa.JSON, nullable=True))


def downgrade() -> None:
    """Forget them."""
    for table in _TABLES:
        op.drop_column(table, "refusal")
