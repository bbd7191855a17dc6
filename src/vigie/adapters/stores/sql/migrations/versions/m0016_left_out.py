"""How many older entries a source shows that were not read; of before it is not known, and counts as none."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Make room for the number."""
    with op.batch_alter_table("item_sources") as table:
        table.add_column(sa.Column("left_out", sa.BigInteger, nullable=False, server_default="0"))


def downgrade() -> None:
    """Forget it."""
    with op.batch_alter_table("item_sources") as table:
        table.drop_column("left_out")
