"""The hot tail: one line an observation, appended and fsynced, read on from where the last look ended."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from vigie.adapters.stores.file_cache import FileState, read_file_state
from vigie.adapters.stores.files import write_atomically
from vigie.domain.errors import StorageError
from vigie.domain.fact import Observation

if TYPE_CHECKING:
    from polars import DataFrame

# The first line numbers the tail: after sealing a new one begins, and readers notice by the number.
_HEADER: Final = b"facts %010d\n"
_HEADER_BYTES: Final = len(_HEADER % 0)

# When, known when, and what: every process that reads facts holds the tail, and objects would take ten times the room.
_ROW: Final = struct.Struct("<qqd")
_ROW_TYPE: Final = np.dtype([("ts_event", "<i8"), ("ts_known", "<i8"), ("value", "<f8")])


class FactTail:
    """The lines of one file, as far as they were read.

    A line that a kill cut short is not read, and is cut away before the next one is written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.number = -1
        self.count = 0
        self._rows: dict[str, bytearray] = {}
        self._offset = 0
        self._last_state: FileState | None = None

    def refresh(self) -> tuple[bool, list[Observation]]:
        """Read what was written since the last look; tells whether a new tail has begun, and what is new."""
        state = read_file_state(self.path)
        if state is None:
            return self._reset(0) if self.number != 0 else False, []
        if state == self._last_state:
            return False, []
        with open(self.path, "rb") as file:
            number = _parse_header(self.path, file.read(_HEADER_BYTES))
            is_new = self._reset(number) if number != self.number else False
            file.seek(self._offset)
            content = file.read()
        complete = content[: content.rfind(b"\n") + 1]
        self._offset += len(complete)
        self._last_state = state if len(complete) == len(content) else None
        fresh = []
        for observation, row in _parse_lines(complete):
            self._rows.setdefault(observation.series, bytearray()).extend(row)
            fresh.append(observation)
        self.count += len(fresh)
        return is_new, fresh

    def append(self, observations: Iterable[Observation]) -> None:
        """Write lines durably; the caller holds the folder's lock and has refreshed."""
        lines = b"".join(_format_line(observation) for observation in observations)
        try:
            if not self.path.exists():
                write_atomically(self.path, _HEADER % 0)
            with open(self.path, "r+b") as file:
                file.seek(self._offset)
                file.truncate()
                file.write(lines)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise StorageError(
                "could_not_written",
                "{path} could not be written: {strerror}; data stored before is "
                "intact. Free some space, then writing resumes by itself",
                path=self.path,
                strerror=error.strerror or error,
            ) from error

    def start_new(self) -> None:
        """Put an empty tail in the place of this one, once its lines are sealed."""
        write_atomically(self.path, _HEADER % (self.number + 1))

    def frame(self) -> DataFrame:
        """Return everything in the tail as a table: each series in the order of its lines.

        As objects, the lines would take ten times the room.
        """
        import polars as pl

        rows = np.frombuffer(b"".join(self._rows.values()), _ROW_TYPE)
        counts = [self.count_of(series) for series in self._rows]
        numbers = pl.Series(np.repeat(np.arange(len(counts), dtype=np.uint32), counts))
        columns = (pl.Series(name, np.ascontiguousarray(rows[name])) for name in _ROW_TYPE.names or ())
        return pl.DataFrame([pl.Series("series", list(self._rows), pl.String).gather(numbers), *columns])

    def read_series(self, series: str) -> Iterator[Observation]:
        """Yield the lines of one series as they were written; they are all taken before the tail is looked at again."""
        for row in _ROW.iter_unpack(self._rows.get(series, b"")):
            yield Observation(series, *row)

    def count_of(self, series: str) -> int:
        """Return how many lines of a series there are."""
        return len(self._rows.get(series, b"")) // _ROW.size

    def _reset(self, number: int) -> bool:
        self.number = number
        self._rows = {}
        self.count = 0
        self._offset = _HEADER_BYTES
        self._last_state = None
        return True


def _parse_header(path: Path, header: bytes) -> int:
    try:
        magic, number = header.split()
        if magic != b"facts":
            raise ValueError(magic)
        return int(number)
    except ValueError:
        raise StorageError(
            "not_data_file", "{path} is not a data file; move it away, then collection continues", path=path
        ) from None


def _format_line(observation: Observation) -> bytes:
    o = observation
    return f"{o.series} {o.ts_event} {o.ts_known} {o.value!r}\n".encode()


def _parse_lines(content: bytes) -> Iterator[tuple[Observation, bytes]]:
    for line in content.splitlines():
        try:
            series, *words = line.decode().split(" ")
            ts_event, ts_known, value = words
            row = _ROW.pack(int(ts_event), int(ts_known), float(value))
        except (ValueError, struct.error):  # a line that a power cut garbled: the rest is still good
            continue
        yield Observation(series, *_ROW.unpack(row)), row
