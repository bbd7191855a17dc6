"""The registry of trials in one SQLite file; it can only grow.

A run that lasts two milliseconds cannot wait for a database, nor can a sweep that lasts forty. What they note are
lines of a file beside, which are taken over into the database before anybody counts.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, Final

from vigie.adapters.stores.files import own_folder
from vigie.domain.errors import StorageError
from vigie.locks import wait_for

PATIENCE_S: Final = 30.0
# Lines beyond this are taken over at once, so that the file beside stays small however long nobody counts.
MOST_BYTES: Final = 1_000_000
_AT_ONCE: Final = 10_000

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
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Open the file for one transaction."""
        own_folder(self._path.parent)
        with closing(sqlite3.connect(self._path, timeout=PATIENCE_S)) as connection, connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.executescript(_SCHEMA)
            yield connection

    def record(self, trials: Iterable[tuple[str, str]]) -> None:
        """Add pairs of (series, trial) in one transaction."""
        with self._said(), self._open() as connection:
            _insert(connection, iter(trials))

    def note(self, trials: Iterable[tuple[str, str]]) -> None:
        """Append pairs of (series, trial) to the file beside, a line a series, whole lines or none."""
        # A line begins with its break: one that a power cut left in pieces does not swallow the next.
        lines = "".join([f"\n{json.dumps(line)}" for line in _by_series(trials).items()]).encode()
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
            noted = dict.fromkeys(file.read().splitlines())
            if noted:
                with self._open() as connection:
                    _insert(connection, chain.from_iterable(map(_pairs, noted)))
                file.truncate(0)

    def count(self, series: Sequence[str]) -> int:
        """Return how many distinct trials were ever run on any of the series."""
        if not series:
            return 0
        with self._said():
            if self._noted.exists():
                self._take_over()
            if not self._path.exists():
                return 0
            marks = ",".join("?" * len(series))
            # Within one series all are distinct: telling them apart would take ten times as long.
            what = "*" if len(series) == 1 else "DISTINCT trial"
            query = f"SELECT COUNT({what}) FROM trials WHERE series IN ({marks})"  # noqa: S608 - marks only
            with self._open() as connection:
                return int(connection.execute(query, list(series)).fetchone()[0])


def _insert(connection: sqlite3.Connection, pairs: Iterator[tuple[str, str]]) -> None:
    # A statement a series in place of one a trial takes half of the time.
    while some := list(islice(pairs, _AT_ONCE)):
        rows = [(series, json.dumps(names)) for series, names in _by_series(some).items()]
        connection.executemany("INSERT OR IGNORE INTO trials SELECT ?, value FROM json_each(?)", rows)


def _by_series(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for series, trial in pairs:
        found.setdefault(series, []).append(trial)
    return found


def _pairs(line: bytes) -> list[tuple[str, str]]:
    try:
        series, names = json.loads(line)
    except (ValueError, TypeError):  # in pieces, or empty
        return []
    # Lines of an older version hold one trial each.
    return [(str(series), str(name)) for name in ([names] if isinstance(names, str) else names)]
