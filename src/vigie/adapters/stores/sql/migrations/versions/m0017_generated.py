"""Items of a simulated home's past, which nobody saw then, are marked; those of before were all seen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Make room for the mark."""
    op.add_column("items", sa.Column("is_generated", sa.Boolean, nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Forget it."""
    op.drop_column("items", "is_generated")
