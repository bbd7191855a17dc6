"""Setups belong to accounts, whatever run they were in, and go with them; nobody wrote any before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from vigie.adapters.stores.sql.migrations.versions import m0024_setups as before

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Make the tables anew, with the account, its replayed past and how far it was followed."""
    before.downgrade()
    op.create_table(
        "setup_changes",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer, "sqlite"),
            primary_key=True,
            autoincrement=True,
            nullable=False,
        ),
        _account(index=True),
        sa.Column("is_replayed", sa.Boolean, nullable=False),
        *(_text(name) for name in ("setup", "run", "venue", "slot", "side", "state", "cause")),
        *(
            sa.Column(name, sa.BigInteger, nullable=False)
            for name in ("ts_bar", "ts_known", "ts_begun", "ts_written")
        ),
        *(_text(name) for name in ("body", "digest")),
        sa.Index(None, "account", "is_replayed", "setup", "state", unique=True),
        sa.Index(None, "setup"),
    )
    op.create_table(
        "setup_lives",
        *_scope(),
        *(sa.Column(name, sa.Text, primary_key=True, nullable=False) for name in ("slot", "side")),
        sa.Column("ts_bar", sa.BigInteger),
        _text("body"),
    )
    op.create_table("setup_reach", *_scope(), _text("run"), sa.Column("step", sa.BigInteger, nullable=False))


def downgrade() -> None:
    """Make them as they were."""
    op.drop_table("setup_reach")
    before.downgrade()
    before.upgrade()


def _account(*, index: bool = False, primary_key: bool = False) -> sa.Column[str]:
    parent = sa.ForeignKey("trade_accounts.account", ondelete="CASCADE")
    return sa.Column("account", sa.Text, parent, nullable=False, index=index, primary_key=primary_key)


def _scope() -> tuple[sa.Column[str], sa.Column[bool]]:
    return _account(primary_key=True), sa.Column("is_replayed", sa.Boolean, primary_key=True, nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)
