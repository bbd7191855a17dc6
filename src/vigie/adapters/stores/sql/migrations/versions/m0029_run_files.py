"""Versions of run files, as people changed them on pages, and what became of each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """Make room for them."""
    op.create_table(
        "run_file_versions",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer, "sqlite"),
            primary_key=True,
            autoincrement=True,
            nullable=False,
        ),
        _text("account"),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("owner", sa.Text, nullable=False, index=True),
        *(_text(name) for name in ("run", "before", "after", "by")),
        sa.Column("ts", sa.BigInteger, nullable=False),
        sa.Index(None, "account", "version", unique=True),
    )
    op.create_table(
        "run_file_marks",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer, "sqlite"),
            sa.ForeignKey("run_file_versions.number", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("mark", sa.Text, primary_key=True, nullable=False),
        _text("note"),
        sa.Column("ts", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """Forget them."""
    op.drop_table("run_file_marks")
    op.drop_table("run_file_versions")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)
