"""SQLite that does not wait for the disk: for folders whose tests let processes die while the machine goes on."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from vigie.adapters.stores.sql.database import Database


def unhurried(database: Database) -> Database:
    """Let a database that nobody has used yet not wait for the disk."""
    for engine in {database.engine, database.durable}:
        event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous = OFF"))
    return database


@pytest.fixture(scope="module")
def sqlite_database(sqlite_database: Database) -> Database:
    """Give this module's SQLite, which does not wait for the disk."""
    return unhurried(sqlite_database)
