"""What a file of bars says of itself in its Parquet metadata: span, bars and gaps, without its bars being read."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from vigie.domain.errors import StorageError
from vigie.ports.store import BarSummary

if TYPE_CHECKING:
    from polars import DataFrame, Series

METADATA_KEY: Final = "vigie_bars"
_FIELDS: Final = ("first_ms", "last_ms", "bars", "gaps", "missing")
_MAGIC: Final = b"PAR1"
# The metadata of a month of 1m bars takes two kilobytes; of a file that holds more, the bars are read.
_TAIL_BYTES: Final = 1 << 14


def summarize_times(times: Series, span_ms: int) -> BarSummary | None:
    """Return the summary of ascending, unique open times in epoch milliseconds; None where there are none."""
    if not len(times):
        return None
    first, last = int(times[0]), int(times[-1])
    missing = max(0, (last - first) // span_ms + 1 - len(times))
    gaps = int((times.diff() > span_ms).sum()) if missing else 0
    return BarSummary(first, last, len(times), gaps, missing)


def bar_metadata(frame: DataFrame, span_ms: int) -> dict[str, str]:
    """Return what is written into the metadata of a file of these bars."""
    summary = summarize_times(frame["timestamp"].to_physical(), span_ms)
    return (
        {}
        if summary is None
        else {METADATA_KEY: json.dumps({METADATA_KEY: [getattr(summary, name) for name in _FIELDS]})}
    )


def read_summary(path: str) -> BarSummary | None:
    """Return what a file says of itself; None where it says nothing, like files of earlier versions.

    Raises
    ------
    StorageError
        If it is no whole Parquet file.
    """
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError as error:
        raise unreadable_error(path, error.strerror or str(error)) from error
    try:
        size = os.fstat(handle).st_size
        tail = os.pread(handle, _TAIL_BYTES, max(0, size - _TAIL_BYTES))
        head = os.pread(handle, len(_MAGIC), 0)
    except OSError as error:
        raise unreadable_error(path, error.strerror or str(error)) from error
    finally:
        os.close(handle)
    length = int.from_bytes(tail[-8:-4], "little")
    if head != _MAGIC or tail[-4:] != _MAGIC or not 0 < length <= size - 12:
        raise unreadable_error(path, "it is no whole Parquet file")
    return _parse_footer(tail[-8 - length : -8])


def unreadable_error(path: str | Path, why: str) -> StorageError:
    """Return the error of a file that cannot be read."""
    return StorageError(
        "cannot_read_move_away",
        "{path} cannot be read ({why}); move it away and import or fetch that period again",
        path=path,
        why=why,
    )


def _parse_footer(footer: bytes) -> BarSummary | None:
    start = footer.rfind(b'{"%s": [' % METADATA_KEY.encode())
    end = footer.find(b"]}", start)
    if start < 0 or end < 0:
        return None
    try:
        values = json.loads(footer[start : end + 2])[METADATA_KEY]
        return BarSummary(*map(int, values))
    except (ValueError, TypeError):
        return None
