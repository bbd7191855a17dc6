"""When coins and pools of the emerging list were first seen, and the first reports of the press on them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Make room for them."""
    op.create_table(
        "first_sights",
        sa.Column("id", sa.Text, primary_key=True, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("kind", "name", "symbol", "token")),
        sa.Column("ts_seen", sa.BigInteger, nullable=False),
        sa.Column("ts_created", sa.BigInteger),
        *(_mark(name) for name in ("is_from_before", "is_generated")),
        sa.Index(None, "kind", "ts_seen"),
        sa.Index(None, "symbol"),
        sa.Index(None, "name"),
    )
    op.create_table(
        "press_reports",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer, "sqlite"),
            primary_key=True,
            autoincrement=True,
            nullable=False,
        ),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("newcomer", "item", "source", "outlet", "url", "title")
        ),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("ts_reported", "ts_known")),
        *(_mark(name) for name in ("is_day_only", "is_generated")),
        sa.Index(None, "newcomer", "ts_reported"),
    )


def downgrade() -> None:
    """Forget them."""
    op.drop_table("press_reports")
    op.drop_table("first_sights")


def _mark(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false())
