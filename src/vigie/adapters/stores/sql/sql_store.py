"""What every store of the database is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, select

from vigie.adapters.stores.sql.database import Database
from vigie.domain.errors import Conflict
from vigie.ports.clock import Clock

# Rows that are removed in one transaction: others want to write, too, and some bodies are long.
BATCH_ROWS: Final = 20


@dataclass(frozen=True, slots=True)
class SqlStore:
    """A database and a clock; what is kept is stamped with real time."""

    database: Database
    clock: Clock

    def remove_in_batches(self, row_class: Any, *conditions: ColumnElement[bool]) -> int:
        """Remove rows, a few at a time so that nobody waits for long, and return how many."""
        batch_query = select(row_class.id).where(*conditions).limit(BATCH_ROWS)
        removed = 0
        while True:
            with self.database.writing() as connection:
                ids = list(connection.scalars(batch_query))
                if ids:
                    connection.execute(delete(row_class).where(row_class.id.in_(ids)))
            removed += len(ids)
            if len(ids) < BATCH_ROWS:
                return removed


def refuse_stale(expected: int | None, current: int, message: str) -> None:
    """Refuse to write over what somebody else wrote meanwhile.

    Parameters
    ----------
    expected : int or None
        The revision that the change was made from; None: whatever there is.
    message : str
        ``this board changed meanwhile``.

    Raises
    ------
    Conflict
        Where `expected` is not the current one.
    """
    if expected is not None and expected != current:
        raise Conflict(
            "bad_revision",
            "{message}: revision must be {current}, was {expected}; reload and repeat the change",
            message=message,
            current=current,
            expected=expected,
        )
