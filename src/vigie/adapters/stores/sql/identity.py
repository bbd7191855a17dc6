"""Which database holds the users of a home: an empty one, or another home's, must not take its place without a word.

The first record of the audit chain names a database: its hash is never changed, and comes along in a backup. A home
notes it beside the database as soon as there are users.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from sqlalchemy import inspect, select

from vigie.adapters.stores.files import write_atomically
from vigie.adapters.stores.sql import schema
from vigie.adapters.stores.sql.database import Database
from vigie.adapters.stores.sql.tables import AuditEventRow, UserRow
from vigie.domain.errors import ConfigError, StorageError
from vigie.ports.home import FIRST_RECORD, database_note


def refuse_other_database(database: Database, note: Path) -> None:
    """Refuse a database that is not the one a home's users are in; it is left as it is.

    Raises
    ------
    ConfigError
        If it is empty, or another one; the message says what to restore.
    """
    noted_hash = _read_note(note)
    if not noted_hash:
        return
    with database.reading() as connection:
        has_records = inspect(connection).has_table(AuditEventRow.__tablename__)
        first_hash = (
            connection.scalar(select(AuditEventRow.hash).where(AuditEventRow.seq == 1))
            if has_records
            else None
        )
        is_empty = not schema.read_step_in(connection) or first_hash is None
    if first_hash == noted_hash:
        return
    problem = "is empty" if is_empty else "is another one"
    raise ConfigError(
        "users_but_database",
        "{parent} has users, but its database {problem}: put the database back or name it in "
        "DATABASE_URL, or restore the newest backup: vigie backup restore FILE --replace (local backups "
        "are in {parent_2}). To give up its users, remove {note}",
        parent=note.parent,
        problem=problem,
        parent_2=note.parent / "backups",
        note=note,
    )


def note_database(database: Database, note: Path) -> None:
    """Note which database holds the users of a home, where there are users and nothing is noted yet."""
    if _read_note(note):
        return
    with database.reading() as connection:
        has_users = connection.scalar(select(UserRow.id).limit(1)) is not None
        first_hash = connection.scalar(select(AuditEventRow.hash).where(AuditEventRow.seq == 1))
    if has_users and first_hash and note.parent.is_dir():
        # A full disk, or a home that cannot be written, keeps nobody from reading; the next start notes it.
        with suppress(StorageError):
            write_atomically(note, database_note(first_hash))


def _read_note(note: Path) -> str:
    try:
        content = json.loads(note.read_bytes())
        return str(content[FIRST_RECORD])
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except (OSError, ValueError, TypeError, KeyError) as fault:
        raise ConfigError(
            "cannot_read_names",
            "{note} cannot be read ({fault}); it names the database of this home folder. Put it back, or "
            "remove it if DATABASE_URL and the files of the home folder are right",
            note=note,
            fault=fault,
        ) from fault
