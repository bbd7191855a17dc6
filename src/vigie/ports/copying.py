"""A database as plain rows: read as one state while others write, and filled all at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

# Values by column, nothing but text, numbers, truth, None and plain JSON.
Row = dict[str, Any]


class DatabaseSnapshot(Protocol):
    """One state of a database; what others write meanwhile is not seen."""

    @property
    def step(self) -> str:
        """The schema it is in."""
        ...

    def tables(self) -> Sequence[str]:
        """Return the tables, those that others refer to first.

        Returns
        -------
        sequence of str
            Names, without the schema's own version table and search indexes.
        """
        ...

    def rows(self, table: str) -> Iterator[Row]:
        """Yield the rows of a table by its key; never all of them in memory.

        Parameters
        ----------
        table : str
            One of `tables`.

        Returns
        -------
        iterator of Row
            Without columns that the database computes; binary values do not occur.
        """
        ...


class DatabaseCopier(Protocol):
    """The whole of one database."""

    def snapshot(self) -> AbstractContextManager[DatabaseSnapshot]:
        """Open one state of it.

        Returns
        -------
        context manager of DatabaseSnapshot
            Holds a read transaction until it is closed; others go on writing.
        """
        ...

    def state(self) -> tuple[str, str]:
        """Return its schema's step, and whether that is ``empty``, ``older``, ``current`` or ``newer``.

        Returns
        -------
        (str, str)
            Step (empty in an empty database), and one of the four words.
        """
        ...

    def others(self) -> Sequence[str]:
        """Return the parts of Vigie, on whatever machine, that are connected; a file's are not known.

        Returns
        -------
        sequence of str
            Names of the connected parts, sorted; always empty for SQLite, which knows none.
        """
        ...

    def knows(self, step: str) -> bool:
        """Tell whether this program can read a schema.

        Parameters
        ----------
        step : str
            As a backup names its schema.

        Returns
        -------
        bool
            True for this program's step and every earlier one.
        """
        ...

    def fill(
        self, step: str, tables: Sequence[str], rows: Callable[[str], Iterable[Row]], *, move: bool = True
    ) -> None:
        """Put rows in the place of everything there is: all of it, or nothing when it fails or is killed.

        Parameters
        ----------
        step : str
            The schema the rows are of.
        move : bool
            Whether the schema becomes this program's afterwards.
        """
        ...

    def move(self) -> None:
        """Make the schema this program's: all of it, or nothing."""
        ...

    def check(self) -> None:
        """Raise `vigie.domain.errors.DataError` where the database's own check finds a fault."""
        ...

    def refuse_damaged(self, most_bytes: int) -> None:
        """Raise `vigie.domain.errors.DataError` where a quick check finds damage; larger databases are not read.

        Parameters
        ----------
        most_bytes : int
            Size up to which the quick check reads the file.
        """
        ...

    def close_connections(self) -> None:
        """Close every connection, so that a file can be moved; the next call opens one again."""
        ...
