"""Traders that die are tasks here, and the machine goes on: nobody waits for the disk."""

from __future__ import annotations

import pytest

from tests.databases import unhurried
from vigie.adapters.stores.sql.database import Database


@pytest.fixture(scope="module")
def sqlite_database(sqlite_database: Database) -> Database:
    """Give this module's SQLite, which does not wait for the disk."""
    return unhurried(sqlite_database)
