"""Which market a decision in the shadow is of: a model of several decides on each at the same close."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"

_TABLE = "shadow_decisions"
_BEFORE = ["name", "version", "ts_bar"]


def upgrade() -> None:
    """Make room for the market; empty where a model has one."""
    with op.batch_alter_table(_TABLE) as table:
        table.add_column(sa.Column("instrument", sa.Text, nullable=False, server_default=""))
    _key([*_BEFORE, "instrument"])


def downgrade() -> None:
    """Forget decisions of models that have several."""
    op.execute("DELETE FROM shadow_decisions WHERE instrument <> ''")
    _key(_BEFORE)
    with op.batch_alter_table(_TABLE) as table:
        table.drop_column("instrument")


def _key(columns: list[str]) -> None:
    with op.batch_alter_table(_TABLE) as table:
        table.drop_constraint(op.f(f"pk_{_TABLE}"), type_="primary")
        table.create_primary_key(op.f(f"pk_{_TABLE}"), columns)
