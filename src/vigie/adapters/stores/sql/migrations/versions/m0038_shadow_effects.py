"""What each column added to a decision in the shadow; earlier ones have none."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    """Make room for effects."""
    op.add_column("shadow_decisions", sa.Column("effects", sa.JSON, nullable=False, server_default="[]"))


def downgrade() -> None:
    """Forget them."""
    op.drop_column("shadow_decisions", "effects")
