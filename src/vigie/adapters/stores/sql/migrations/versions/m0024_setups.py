"""Changes of setups, and what is remembered of each side of a slot between two closes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Make room for them."""
    op.create_table(
        "setup_changes",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer, "sqlite"),
            primary_key=True,
            autoincrement=True,
            nullable=False,
        ),
        *(_text(name) for name in ("setup", "scope", "venue", "slot", "side", "state")),
        *(
            sa.Column(name, sa.BigInteger, nullable=False)
            for name in ("ts_bar", "ts_known", "ts_begun", "ts_written")
        ),
        *(_text(name) for name in ("body", "digest")),
        sa.Index(None, "scope", "setup", "state", unique=True),
        sa.Index(None, "setup"),
    )
    op.create_table(
        "setup_lives",
        *(sa.Column(name, sa.Text, primary_key=True, nullable=False) for name in ("scope", "slot", "side")),
        sa.Column("ts_bar", sa.BigInteger),
        _text("body"),
    )


def downgrade() -> None:
    """Forget them."""
    op.drop_table("setup_lives")
    op.drop_table("setup_changes")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)
