"""Runs the steps inside the transaction that `schema.move` opened."""

from __future__ import annotations

from alembic import context

from vigie.adapters.stores.sql.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
)
context.run_migrations()
