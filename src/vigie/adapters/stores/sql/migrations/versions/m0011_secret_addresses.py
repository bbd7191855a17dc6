"""Alerts: addresses that are secrets are kept encrypted, beside what is shown of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make room for them."""
    op.add_column("alert_channels", sa.Column("secret", sa.Text, nullable=False, server_default=""))


def downgrade() -> None:
    """Remove channels that nothing is left to send to, and the room."""
    op.execute("DELETE FROM alert_channels WHERE secret <> ''")
    op.drop_column("alert_channels", "secret")
