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

from vigie.adapters.stores.files import make_private_folder
from vigie.adapters.stores.trial_histories import SCHEMA, TrialHistories
from vigie.adapters.stores.trial_lines import format_trials, read_lines
from vigie.domain.errors import StorageError
from vigie.domain.refusal import Refusal
from vigie.domain.trials import TradedSeries, TrialCount, TriedVariants
from vigie.locks import acquire

LOCK_TIMEOUT_S: Final = 30.0
# Lines beyond this are taken over at once, so that the file beside stays small however long nobody counts.
MAX_LINES_BYTES: Final = 4_000_000


class SqliteTrials:
    """Trials below the home folder; keeps the contract of `vigie.ports.trials.TrialRegistry`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lines_path = path.with_suffix(".noted")

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
        """Say what the machine refuses as an error of Vigie."""
        try:
            yield
        except (sqlite3.Error, OSError) as fault:
            raise StorageError(
                "trials_cannot_counted",
                "trials cannot be counted in {path}: {fault}; nothing was changed. "
                "Free some space, or make the folder writable",
                path=self._path,
                fault=fault,
            ) from fault

    @contextmanager
    def _open(self, *, is_committed: bool = True) -> Iterator[TrialHistories]:
        """Open the file for one transaction; without `is_committed` it leaves no trace."""
        make_private_folder(self._path.parent)
        with closing(sqlite3.connect(self._path, timeout=LOCK_TIMEOUT_S, isolation_level=None)) as connection:
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
            connection.execute("COMMIT" if is_committed else "ROLLBACK")

    def record(self, trials: Iterable[TriedVariants]) -> None:
        """Add trials in one transaction."""
        with self._translate_errors(), self._open() as histories:
            for trial in trials:
                histories.add(trial)

    def note(self, trials: Iterable[TriedVariants]) -> None:
        """Append trials to the file beside, whole lines or none."""
        lines = format_trials(trials)
        with self._translate_errors():
            with self._open_lines() as file:
                # The lock keeps a line from being cut off by the one who takes them over.
                acquire(file)
                size = file.seek(0, 2)
                if file.write(lines) < len(lines):
                    file.truncate(size)
                    raise OSError(Refusal("no_space_left", "no space left"))
            if size + len(lines) > MAX_LINES_BYTES:
                self._import_lines()

    def _open_lines(self) -> BinaryIO:
        try:
            return open(self._lines_path, "ab", buffering=0)
        except FileNotFoundError:
            make_private_folder(self._lines_path.parent)
            return open(self._lines_path, "ab", buffering=0)

    def _import_lines(self) -> None:
        """Move noted lines into the database; killed between, they are moved again, which adds nothing."""
        with open(self._lines_path, "r+b", buffering=0) as file:
            acquire(file)
            content = file.read()
            if content:
                with self._open() as histories:
                    for line in read_lines(content):
                        if isinstance(line, TriedVariants):
                            histories.add(line)
                        else:
                            histories.add_former(line)
                file.truncate(0)

    def count(self, series: Sequence[TradedSeries]) -> TrialCount:
        """Return how often the histories of some series were tried."""
        with self._translate_errors():
            if self._lines_path.exists():
                self._import_lines()
            if not series or not self._path.exists():
                return TrialCount(0, 0, 0, markets=0)
            # A series that was never tried is looked for, not added.
            with self._open(is_committed=False) as histories:
                return histories.count(series)
