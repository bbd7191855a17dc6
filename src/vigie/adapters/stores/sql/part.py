"""What every store of the database is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, select

from vigie.adapters.stores.sql.database import Database
from vigie.domain.errors import Conflict
from vigie.ports.clock import Clock

# Rows that are removed in one transaction: others want to write, too, and some bodies are long.
AT_ONCE: Final = 20


@dataclass(frozen=True, slots=True)
class Part:
    """A database and a clock; what is kept is stamped with real time."""

    database: Database
    clock: Clock

    def remove_some(self, kind: Any, *which: ColumnElement[bool]) -> int:
        """Remove rows, a few at a time so that nobody waits for long, and return how many."""
        some = select(kind.id).where(*which).limit(AT_ONCE)
        removed = 0
        while True:
            with self.database.writing() as connection:
                ids = list(connection.scalars(some))
                if ids:
                    connection.execute(delete(kind).where(kind.id.in_(ids)))
            removed += len(ids)
            if len(ids) < AT_ONCE:
                return removed


def refuse_stale(given: int | None, current: int, changed: str) -> None:
    """Refuse to write over what somebody else wrote meanwhile.

    Parameters
    ----------
    given : int or None
        The revision that the change was made from; None: whatever there is.
    changed : str
        ``this board changed meanwhile``.

    Raises
    ------
    Conflict
        Where `given` is not the current one.
    """
    if given is not None and given != current:
        raise Conflict(
            f"{changed}: revision must be {current}, was {given}; load again and repeat the change"
        )
