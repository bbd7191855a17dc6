"""The registry of trials in one SQLite file; it can only grow."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS trials (series TEXT NOT NULL, trial TEXT NOT NULL, PRIMARY KEY (series, trial)) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS trials_stay BEFORE DELETE ON trials BEGIN SELECT RAISE(ABORT, 'trials are never removed'); END;
CREATE TRIGGER IF NOT EXISTS trials_same BEFORE UPDATE ON trials BEGIN SELECT RAISE(ABORT, 'trials never change'); END;
"""


class SqliteTrials:
    """Trials below the home folder; keeps the contract of `vigie.ports.trials.TrialRegistry`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._path, timeout=30.0)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.executescript(_SCHEMA)
        return connection

    def record(self, trials: Iterable[tuple[str, str]]) -> None:
        """Add pairs of (series, trial) in one transaction."""
        with closing(self._open()) as connection, connection:
            connection.executemany("INSERT OR IGNORE INTO trials VALUES (?, ?)", trials)

    def count(self, series: Sequence[str]) -> int:
        """Return how many distinct trials were ever run on any of the series."""
        if not self._path.exists() or not series:
            return 0
        marks = ",".join("?" * len(series))
        with closing(self._open()) as connection:
            query = f"SELECT COUNT(DISTINCT trial) FROM trials WHERE series IN ({marks})"  # noqa: S608 - marks only
            return int(connection.execute(query, list(series)).fetchone()[0])
