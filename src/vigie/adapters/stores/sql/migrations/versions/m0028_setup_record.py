"""What seals a change of a setup in the chain, and which changes were candidates for an alert."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"

_TEXTS = ("salt", "seal", "seal_before")


def upgrade() -> None:
    """Make room for them; changes of before have no seal."""
    for name in _TEXTS:
        op.add_column("setup_changes", sa.Column(name, sa.Text, nullable=False, server_default=""))
    op.add_column("setup_changes", sa.Column("sealed_at", sa.BigInteger, nullable=False, server_default="0"))
    op.create_table(
        "setup_notices",
        sa.Column(
            "account",
            sa.Text,
            sa.ForeignKey("trade_accounts.account", ondelete="CASCADE"),
            nullable=False,
            primary_key=True,
        ),
        *(sa.Column(name, sa.Text, primary_key=True, nullable=False) for name in ("setup", "state")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("slot", "side")),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("change", "ts_known", "ts")),
        *(sa.Column(name, sa.Float, nullable=False) for name in ("expected_r", "total")),
        sa.Column("threshold", sa.Float),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("rank", "of")),
        sa.Column("held", sa.Text, nullable=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("ts_first", "ts_last")),
        sa.Index(None, "account", "ts_known"),
    )


def downgrade() -> None:
    """Forget them."""
    op.drop_table("setup_notices")
    for name in (*_TEXTS, "sealed_at"):
        op.drop_column("setup_changes", name)
