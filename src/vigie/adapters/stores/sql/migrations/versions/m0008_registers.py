"""Public registers: rows as last seen, what became different, when each was looked at."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def _text(name: str, **more: Any) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, **more)


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "registers",
        _text("register", primary_key=True),
        _number("entries"),
        _number("ts_seen"),
        _number("ts_changed", nullable=True),
    )
    op.create_table(
        "register_entries",
        _text("register", primary_key=True),
        _text("key", primary_key=True),
        _text("name"),
        _text("lei", index=True),
        _text("country"),
        sa.Column("body", sa.JSON, nullable=False),
        sa.Index(None, "country"),
    )
    op.create_table(
        "register_changes",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer, "sqlite"),
            primary_key=True,
            autoincrement=True,
            nullable=False,
        ),
        *(_text(name) for name in ("register", "key", "kind")),
        _number("ts_seen"),
        _text("document"),
        sa.Column("before", sa.JSON, nullable=True),
        sa.Column("after", sa.JSON, nullable=True),
        sa.Index(None, "register", "ts_seen"),
        sa.Index(None, "ts_seen"),
    )


def downgrade() -> None:
    """Remove them."""
    for name in ("register_changes", "register_entries", "registers"):
        op.drop_table(name)
