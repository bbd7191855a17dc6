"""The registry of trials in one SQLite file; it can only grow.

A run that lasts two milliseconds cannot wait for a database, nor can a sweep that lasts forty. What they note are
lines of a file beside, which are taken over into the database before anybody counts.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from vigie.adapters.stores.files import own_folder
from vigie.adapters.stores.trial_histories import SCHEMA, TrialHistories
from vigie.adapters.stores.trial_lines import lines_of, read_lines
from vigie.domain.errors import StorageError
from vigie.domain.trials import TradedSeries, TrialCount, TriedVariants
from vigie.locks import wait_for

PATIENCE_S: Final = 30.0
# Lines beyond this are taken over at once, so that the file beside stays small however long nobody counts.
MOST_BYTES: Final = 4_000_000


class SqliteTrials:
    """Trials below the home folder; keeps the contract of `vigie.ports.trials.TrialRegistry`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._noted = path.with_suffix(".noted")

    @contextmanager
    def _said(self) -> Iterator[None]:
        """Say what the machine refuses as an error of Vigie."""
        try:
            yield
        except (sqlite3.Error, OSError) as fault:
            raise StorageError(
                f"trials cannot be counted in {self._path}: {fault}; nothing was changed. "
                "Free some space, or make the folder writable"
            ) from fault

    @contextmanager
    def _open(self, *, keep: bool = True) -> Iterator[TrialHistories]:
        """Open the file for one transaction; without `keep` it leaves no trace."""
        own_folder(self._path.parent)
        with closing(sqlite3.connect(self._path, timeout=PATIENCE_S, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'variants_same'").fetchone():
                connection.executescript(f"BEGIN IMMEDIATE; {SCHEMA} COMMIT;")
            # At once for writing: two processes that both look for a history must not both add it.
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield TrialHistories(connection)
            except BaseException:  # whatever ends it leaves nothing half done
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT" if keep else "ROLLBACK")

    def record(self, trials: Iterable[TriedVariants]) -> None:
        """Add trials in one transaction."""
        with self._said(), self._open() as histories:
            for tried in trials:
                histories.add(tried)

    def note(self, trials: Iterable[TriedVariants]) -> None:
        """Append trials to the file beside, whole lines or none."""
        lines = lines_of(trials)
        with self._said():
            with self._appending() as file:
                # The lock keeps a line from being cut off by the one who takes them over.
                wait_for(file)
                size = file.seek(0, 2)
                if file.write(lines) < len(lines):
                    file.truncate(size)
                    raise OSError("no space left")
            if size + len(lines) > MOST_BYTES:
                self._take_over()

    def _appending(self) -> BinaryIO:
        try:
            return open(self._noted, "ab", buffering=0)
        except FileNotFoundError:
            own_folder(self._noted.parent)
            return open(self._noted, "ab", buffering=0)

    def _take_over(self) -> None:
        """Move noted lines into the database; killed between, they are moved again, which adds nothing."""
        with open(self._noted, "r+b", buffering=0) as file:
            wait_for(file)
            noted = file.read()
            if noted:
                with self._open() as histories:
                    for line in read_lines(noted):
                        if isinstance(line, TriedVariants):
                            histories.add(line)
                        else:
                            histories.add_former(line)
                file.truncate(0)

    def count(self, series: Sequence[TradedSeries]) -> TrialCount:
        """Return how often the histories of some series were tried."""
        with self._said():
            if self._noted.exists():
                self._take_over()
            if not series or not self._path.exists():
                return TrialCount(0, 0, 0, markets=0)
            # A series that was never tried is looked for, not added.
            with self._open(keep=False) as histories:
                return histories.count(series)
