"""The exchange's memory on disk: one file to which every change is added as a whole, so that it survives being killed.

A change is one line. A line that was not finished never happened: nobody has been told of it. When the file is opened,
and when it has grown to several times what it says, it is written anew beside itself and takes its own place at once.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from vigie.domain.errors import StorageError

RowChange = Mapping[tuple[str, str], Any]
"""(table, key) -> row; None takes the row away."""

_FORMAT: Final = "vigie-exchange-1"
_SPARE_BYTES: Final = 8_000_000


class ExchangeJournal:
    """What the exchange must not forget.

    Parameters
    ----------
    path : Path or None
        The file; None keeps nothing.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._file = -1
        self._size = 0
        self._size_rewritten = 0

    def load(self) -> dict[tuple[str, str], Any]:
        """Return every row as it was last written, in the order of first writing; empty where nothing was kept."""
        rows: dict[tuple[str, str], Any] = {}
        if self._path is None or not self._path.exists():
            return rows
        head, *lines = self._path.read_bytes().split(b"\n")
        if head.decode(errors="replace") != _FORMAT:
            raise StorageError(f"{self._path} is not the memory of a simulated exchange; name another file")
        for line in lines[:-1]:  # what follows the last line's end was never finished
            for table, key, row in json.loads(line):
                if row is None:
                    rows.pop((table, key), None)
                else:
                    rows[table, key] = row
        return rows

    def append(self, change: RowChange) -> None:
        """Remember one change as a whole.

        Raises
        ------
        StorageError
            If it could not be written; then the file is as before.
        """
        if self._path is None:
            return
        if self._file < 0:
            self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND)
        line = _make_line(change)
        try:
            n_written = os.write(self._file, line)
        except OSError as error:
            n_written, reason = 0, str(error)
        else:
            reason = "the disk is full"
        if n_written < len(line):
            os.ftruncate(self._file, self._size)
            raise StorageError(f"could not write {self._path}: {reason}")
        self._size += n_written

    @property
    def is_oversized(self) -> bool:
        """Whether the file should be written anew."""
        return self._path is not None and self._size > 4 * self._size_rewritten + _SPARE_BYTES

    def rewrite(self, rows: Iterable[tuple[tuple[str, str], Any]]) -> None:
        """Replace the file by one that says the same in as few words as possible."""
        if self._path is None:
            return
        new_path = self._path.with_name(self._path.name + ".new")
        with new_path.open("wb") as file:
            file.write(_FORMAT.encode() + b"\n")
            for key, row in rows:
                file.write(_make_line({key: row}))
            file.flush()
            os.fsync(file.fileno())
            self._size = self._size_rewritten = file.tell()
        os.replace(new_path, self._path)
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def _make_line(change: RowChange) -> bytes:
    rows = [(table, key, row) for (table, key), row in change.items()]
    return json.dumps(rows, separators=(",", ":")).encode() + b"\n"
