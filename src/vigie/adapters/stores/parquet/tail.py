"""The tail of a series: bars appended since the last sealing, 64 bytes each behind a header of 64 bytes.

Bars in a tail are ascending and newer than every sealed bar; of two records of one time the later one counts. A
record carries a checksum. An append that a kill or a power cut left incomplete is ignored by readers and overwritten by
the next append.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import numpy as np

from vigie.adapters.stores.files import write_atomically
from vigie.adapters.stores.parquet.frames import bar_schema, no_bars, to_epoch_ms
from vigie.domain.bar import BAR_COLUMNS
from vigie.domain.errors import StorageError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from polars import DataFrame

TAIL: Final = "tail.bars"
# Of a tail that takes no bars: a writer looks into the sealed files before it begins the next one.
CLOSED: Final = (1 << 63) - 1
# Before every bar: nothing was sealed when the tail began.
NOTHING_SEALED: Final = -(1 << 63)

_MAGIC: Final = b"vigiebar"
_HEADER: Final = struct.Struct("<8sqq32sQ")
_RECORD_BYTES: Final = 64
# Records align with sectors and pages. A page is flushed when it is full: until then the system may hold it back.
_PAGE_BYTES: Final = 4_096
_RECORD: Final = np.dtype(
    [("ts", "<i8"), *((name, "<f8") for name in BAR_COLUMNS[1:]), ("unused", "<u8"), ("check", "<u8")]
)
# Odd, so that a change of one word always changes the sum; the seed tells a record from zeros.
_SEED: Final = np.uint64(0x9E3779B97F4A7C15)
_WEIGHTS: Final = np.array(
    [
        0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F,
        0xE7037ED1A0B428DB, 0x8EBC6AF09C88C6E3, 0x589965CC75374CC3,
    ],
    dtype=np.uint64,
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class BarTail:
    """A tail as it was read.

    Attributes
    ----------
    generation : int
        Counts up whenever another tail takes the place of this one.
    after_ms : int
        Open time of the newest sealed bar when the tail began, `NOTHING_SEALED` or `CLOSED`.
    rows : array
        One record a bar.
    """

    generation: int
    after_ms: int
    rows: NDArray[Any]

    @property
    def is_open(self) -> bool:
        """Whether bars may be appended."""
        return self.after_ms != CLOSED

    @property
    def last_ms(self) -> int:
        """Open time of the last bar; of an empty tail, of the newest sealed bar."""
        return int(self.rows["ts"][-1]) if len(self.rows) else self.after_ms

    def frame(self, start_ms: int | None = None, end_ms: int | None = None) -> DataFrame:
        """Return the bars that open in [start_ms, end_ms)."""
        import polars as pl

        first, after = 0, len(self.rows)
        if start_ms is not None:
            first = int(np.searchsorted(self.rows["ts"], start_ms))
        if end_ms is not None:
            after = int(np.searchsorted(self.rows["ts"], end_ms))
        rows = self.rows[first:after]
        if not len(rows):
            return no_bars()
        columns = {name: np.ascontiguousarray(rows[name]) for name in BAR_COLUMNS[1:]}
        times = pl.Series("timestamp", np.ascontiguousarray(rows["ts"])).cast(bar_schema()["timestamp"])
        return pl.DataFrame([times, *(pl.Series(name, column) for name, column in columns.items())])


NO_TAIL: Final = BarTail(0, CLOSED, np.empty(0, _RECORD))


class TailWriter:
    """A tail open for writing: what an append must know of it; the caller holds the folder's lock."""

    __slots__ = ("_file", "_last", "_path", "_size", "after_ms", "count", "first_ms", "generation", "last_ms")

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        self._path, self._file = path, file
        self.generation, self.after_ms = _parse_header(path, file.read(_RECORD_BYTES))
        self._size = os.fstat(file.fileno()).st_size
        self.count = max(0, self._size - _RECORD_BYTES) // _RECORD_BYTES
        self.first_ms = self.last_ms = self.after_ms
        self._last = NO_TAIL.rows
        if self.count:
            self._read_last_page()

    def _read_last_page(self) -> None:
        # What a power cut may have left incomplete lies in the last page: earlier ones were flushed.
        page_start = max(_RECORD_BYTES, (self.count * _RECORD_BYTES) // _PAGE_BYTES * _PAGE_BYTES)
        self._file.seek(page_start)
        page = _to_records(self._file.read(_PAGE_BYTES))
        n_sound = _count_sound(page)
        self.count = page_start // _RECORD_BYTES - 1 + n_sound
        self._last = page[:n_sound][-1:]
        if page_start == _RECORD_BYTES:
            self.first_ms = int(page["ts"][0]) if n_sound else self.after_ms
        else:
            self.first_ms = int(self._read_record(_RECORD_BYTES)["ts"][0])
            self._last = self._last if n_sound else self._read_record(page_start - _RECORD_BYTES)
        self.last_ms = int(self._last["ts"][0]) if len(self._last) else self.after_ms

    def _read_record(self, offset: int) -> NDArray[Any]:
        self._file.seek(offset)
        return _to_records(self._file.read(_RECORD_BYTES))

    def last(self) -> DataFrame:
        """Return the last bar."""
        return BarTail(self.generation, self.after_ms, self._last).frame()

    def append(self, frame: DataFrame) -> None:
        """Write bars behind the last one, or another record of it before them.

        Raises
        ------
        StorageError
            If there is no room; what was stored before is untouched.
        """
        offset = (self.count + 1) * _RECORD_BYTES
        content = _to_bytes(frame)
        try:
            if self._size > offset:
                self._file.truncate(offset)
            self._file.seek(offset)
            if self._file.write(content) != len(content):
                raise OSError(None, "no space left on the device")
            if offset // _PAGE_BYTES != (offset + len(content)) // _PAGE_BYTES:
                os.fsync(self._file.fileno())
        except OSError as error:
            with suppress(OSError):
                self._file.truncate(offset)
            raise StorageError(
                "could_not_written_previous",
                "{path} could not be written: {strerror}; the previous data is "
                "intact. Free some space or set VIGIE_HOME to a folder with space, then try again",
                path=self._path,
                strerror=error.strerror or error,
            ) from error


@contextmanager
def open_tail_writer(path: Path) -> Iterator[TailWriter | None]:
    """Open a tail for an append; None where there is none."""
    try:
        file = open(path, "r+b", buffering=0)  # noqa: SIM115 - closed when the block ends
    except FileNotFoundError:
        yield None
        return
    with file:
        yield TailWriter(path, file)


def read_tail(path: Path) -> BarTail:
    """Return a tail; `NO_TAIL` where there is none.

    Raises
    ------
    StorageError
        If it cannot be read, or a record before its last page is damaged.
    """
    try:
        with open(path, "rb", buffering=0) as file:
            content = file.read()
    except FileNotFoundError:
        return NO_TAIL
    except OSError as error:
        raise _unreadable_error(path, str(error)) from error
    generation, after_ms = _parse_header(path, content[:_RECORD_BYTES])
    rows = _to_records(content[_RECORD_BYTES:])
    n_sound = _count_sound(rows)
    if (
        n_sound < len(rows)
        and (n_sound + 1) * _RECORD_BYTES < len(rows) * _RECORD_BYTES // _PAGE_BYTES * _PAGE_BYTES
    ):
        raise _unreadable_error(path, f"damaged at byte {(n_sound + 1) * _RECORD_BYTES}")
    rows = rows[:n_sound]
    is_latest = np.append(rows["ts"][1:] != rows["ts"][:-1], True)[: len(rows)]
    return BarTail(generation, after_ms, rows if is_latest.all() else rows[is_latest])


def write_tail(
    path: Path, generation: int, after_ms: int, frame: DataFrame | None = None, *, durable: bool = True
) -> None:
    """Put a tail with some bars, or none, in the place of the present one.

    With `durable` false the system may hold it back for some time, as it may hold back the page that is being filled.
    """
    header = _HEADER.pack(_MAGIC, generation, after_ms, b"", 0)
    header = header[:-8] + _checksums(np.frombuffer(header, "<u8")).tobytes()
    write_atomically(path, header + (b"" if frame is None else _to_bytes(frame)), durable=durable)


def has_bars(path: str | Path) -> bool:
    """Tell whether there is a tail with bars, or one that cannot be read."""
    try:
        with open(path, "rb", buffering=0) as file:
            header, size = file.read(_RECORD_BYTES), os.fstat(file.fileno()).st_size
            return _parse_header(path, header)[1] != CLOSED and size > _RECORD_BYTES
    except FileNotFoundError:
        return False
    except StorageError:
        return True


def read_tail_state(path: Path) -> tuple[int, int] | None:
    """Return generation and size of a tail, which change with its bars; None where there is none."""
    try:
        with open(path, "rb", buffering=0) as file:
            generation = _parse_header(path, file.read(_RECORD_BYTES))[0]
            return generation, os.fstat(file.fileno()).st_size
    except FileNotFoundError:
        return None


def _to_bytes(frame: DataFrame) -> bytes:
    # By rows: of the few bars of an append, columns would take three times as long.
    rows = np.array([(to_epoch_ms(time), *numbers, 0, 0) for time, *numbers in frame.rows()], _RECORD)
    rows["check"] = _checksums(rows)
    return rows.tobytes()


def _to_records(content: bytes) -> NDArray[Any]:
    return np.frombuffer(content, _RECORD, count=len(content) // _RECORD_BYTES)


def _checksums(rows: NDArray[Any]) -> NDArray[Any]:
    sums: NDArray[Any] = rows.view("<u8").reshape(-1, 8)[:, :7] @ _WEIGHTS + _SEED
    return sums


def _count_sound(rows: NDArray[Any]) -> int:
    """Return how many records there are before the first damaged one."""
    is_damaged = _checksums(rows) != rows["check"]
    return int(np.argmax(is_damaged)) if is_damaged.any() else len(rows)


def _parse_header(path: str | Path, content: bytes) -> tuple[int, int]:
    if not content.strip(b"\0"):  # a power cut came before the system wrote a new tail
        return NO_TAIL.generation, NO_TAIL.after_ms
    if len(content) != _RECORD_BYTES or content[:8] != _MAGIC:
        raise _unreadable_error(path, "it is no tail of bars")
    _, generation, after_ms, _, check = _HEADER.unpack(content)
    if int(_checksums(np.frombuffer(content, "<u8"))[0]) != check:
        raise _unreadable_error(path, "its header is damaged")
    return generation, after_ms


def _unreadable_error(path: str | Path, why: str) -> StorageError:
    return StorageError(
        "tail_cannot_be_read",
        "{path} cannot be read ({why}); move it away and fetch the last day again",
        path=path,
        why=why,
    )
