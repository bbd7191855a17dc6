"""Stories that ended because they tell of the same event as another one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Make room for them."""
    op.create_table(
        "story_joins",
        sa.Column("story", sa.Text, primary_key=True, nullable=False),
        sa.Column("kept", sa.Text, nullable=False, index=True),
        sa.Column("item", sa.Text, nullable=False, index=True),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("ts", sa.BigInteger, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("signs", sa.JSON, nullable=False),
        sa.ForeignKeyConstraint(["item"], ["items.id"], ondelete="CASCADE"),
    )


def downgrade() -> None:
    """Forget them: links to stories that ended lead nowhere."""
    op.drop_table("story_joins")
