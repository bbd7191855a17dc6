"""Whether a home can be worked in now: its database answers, has this program's schema, and its disk has room.

And how much of it the database takes.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Final

from sqlalchemy import text

from vigie.adapters.stores.disk_space import MIN_FREE_BYTES, free_bytes
from vigie.adapters.stores.sql import schema
from vigie.adapters.stores.sql.database import Database
from vigie.adapters.stores.sql.stores import Stores
from vigie.domain.errors import StorageError

# What SQLite keeps beside a database that is open.
_FILE_SUFFIXES: Final = ("", "-wal", "-shm")


def run_checks(database: Database, home: Path) -> dict[str, str]:
    """Return what a home needs, by name, with the trouble in words; the empty word where there is none."""
    return {**_check_database(database), "disk": _check_disk(home)}


def size_bytes(stores: Stores) -> int:
    """Return how much room a database takes, the raw documents in it left aside."""
    database = stores.database
    if database.is_sqlite:
        total = 0
        for suffix in _FILE_SUFFIXES:
            with suppress(FileNotFoundError):
                total += Path(f"{database.engine.url.database}{suffix}").stat().st_size
    else:
        with database.reading() as connection:
            total = int(connection.scalar(text("SELECT pg_database_size(current_database())")) or 0)
    return max(0, total - stores.documents.size_bytes())


def _check_database(database: Database) -> dict[str, str]:
    try:
        step = schema.read_step(database)
    except StorageError as fault:
        return {"database": str(fault), "schema": "the database does not answer"}
    if schema.classify_step(step) == "current":
        return {"database": "", "schema": ""}
    return {
        "database": "",
        "schema": f"the database has schema {step or 'none'}, this Vigie needs {schema.NEWEST}; run: vigie upgrade",
    }


def _check_disk(home: Path) -> str:
    try:
        free = free_bytes(home)
    except OSError as fault:
        return f"{home} cannot be looked at: {fault.strerror or fault}"
    if free >= MIN_FREE_BYTES:
        return ""
    return f"{free / 1e9:.2f} GB are free where {home} lies, {MIN_FREE_BYTES / 1e9:.2f} are needed; make room"
