"""The registry of trials in one SQLite file; it can only grow."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from vigie.domain.errors import StorageError

PATIENCE_S: Final = 30.0

_SCHEMA = """
CREATE TABLE IF NOT EXISTS trials (series TEXT NOT NULL, trial TEXT NOT NULL, PRIMARY KEY (series, trial))
WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS trials_stay BEFORE DELETE ON trials
BEGIN SELECT RAISE(ABORT, 'trials are never removed'); END;
CREATE TRIGGER IF NOT EXISTS trials_same BEFORE UPDATE ON trials
BEGIN SELECT RAISE(ABORT, 'trials never change'); END;
"""


class SqliteTrials:
    """Trials below the home folder; keeps the contract of `vigie.ports.trials.TrialRegistry`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Open the file for one transaction; what the machine refuses is said as an error of Vigie."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._path, timeout=PATIENCE_S)) as connection, connection:
                connection.execute("PRAGMA journal_mode=WAL")
                connection.executescript(_SCHEMA)
                yield connection
        except (sqlite3.Error, OSError) as fault:
            raise StorageError(
                f"trials cannot be counted in {self._path}: {fault}; nothing was changed. "
                "Free some space, or make the folder writable"
            ) from fault

    def record(self, trials: Iterable[tuple[str, str]]) -> None:
        """Add pairs of (series, trial) in one transaction."""
        with self._open() as connection:
            connection.executemany("INSERT OR IGNORE INTO trials VALUES (?, ?)", trials)

    def count(self, series: Sequence[str]) -> int:
        """Return how many distinct trials were ever run on any of the series."""
        if not self._path.exists() or not series:
            return 0
        marks = ",".join("?" * len(series))
        with self._open() as connection:
            query = f"SELECT COUNT(DISTINCT trial) FROM trials WHERE series IN ({marks})"  # noqa: S608 - marks only
            return int(connection.execute(query, list(series)).fetchone()[0])
