"""Audit records of a kind are found by their number: who reads what is new of a kind reads nothing older."""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Make them found."""
    op.create_index(op.f("ix_audit_events_kind_seq"), "audit_events", ["kind", "seq"])
    op.drop_index(op.f("ix_audit_events_kind"), "audit_events")


def downgrade() -> None:
    """Find all of a kind."""
    op.create_index(op.f("ix_audit_events_kind"), "audit_events", ["kind"])
    op.drop_index(op.f("ix_audit_events_kind_seq"), "audit_events")
