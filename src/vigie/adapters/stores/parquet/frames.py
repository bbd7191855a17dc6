"""Frames of bars: their columns, and how they go into Parquet and come out of it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from vigie.adapters.stores.parquet.summaries import bar_metadata, unreadable_error
from vigie.domain.bar import BAR_COLUMNS

if TYPE_CHECKING:
    from polars import DataFrame, DataType

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)


@lru_cache(maxsize=1)
def bar_schema() -> dict[str, DataType]:
    """Return the types of the columns of a bar."""
    import polars as pl

    return {"timestamp": pl.Datetime("ms", "UTC"), **dict.fromkeys(BAR_COLUMNS[1:], pl.Float64())}


def normalize_columns(frame: DataFrame) -> DataFrame:
    """Return the columns of a bar, in their order and types."""
    import polars as pl

    if frame.schema == bar_schema():
        return frame
    return frame.select(pl.col(name).cast(kind) for name, kind in bar_schema().items())


@lru_cache(maxsize=1)
def _empty_frame() -> DataFrame:
    import polars as pl

    return pl.DataFrame(schema=bar_schema())


def no_bars() -> DataFrame:
    """Return a frame without rows."""
    return _empty_frame().clear()


def to_epoch_ms(time: datetime) -> int:
    """Return a time of a bar in milliseconds; exact, as the column has no smaller parts."""
    return (time - _EPOCH) // _MS


def concat(frames: Sequence[DataFrame], *, rechunk: bool = True) -> DataFrame:
    """Return frames below one another."""
    import polars as pl

    if not frames:
        return no_bars()
    return pl.concat(frames, rechunk=rechunk)


def union_bars(older: DataFrame, newer: DataFrame) -> DataFrame:
    """Return the bars of two ascending frames, each time once; at a time of both the newer frame counts."""
    if older.is_empty() or newer.is_empty():
        return newer if older.is_empty() else older
    joined = concat([older, newer])
    if older["timestamp"][-1] < newer["timestamp"][0]:
        return joined
    return joined.unique("timestamp", keep="last").sort("timestamp")


def slice_times(frame: DataFrame, start_ms: int | None, end_ms: int | None) -> DataFrame:
    """Return the bars of an ascending frame that open in [start_ms, end_ms)."""
    if start_ms is None and end_ms is None:
        return frame
    # Looked up: asking each bar takes six times as long, and somebody who trades asks at every close.
    times = frame["timestamp"].to_numpy().view(np.int64)
    first = 0 if start_ms is None else int(times.searchsorted(start_ms))
    after = len(frame) if end_ms is None else max(first, int(times.searchsorted(end_ms)))
    # A slice keeps the whole frame in memory; the few bars of a long one are copied.
    is_most = 2 * (after - first) >= len(frame)
    return frame.slice(first, after - first) if is_most else frame[np.arange(first, after)]


def load_bars(path: Path, columns: Sequence[str] = BAR_COLUMNS) -> DataFrame:
    """Return the bars of a Parquet file; none where there is no file.

    Raises
    ------
    StorageError
        If it cannot be read.
    """
    import polars as pl

    try:
        return pl.read_parquet(path.read_bytes(), columns=list(columns))
    except FileNotFoundError:  # an import was undone between the look into the folder and this one
        return no_bars().select(columns)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise unreadable_error(path, str(error)) from error


def to_parquet(frame: DataFrame, span_ms: int) -> bytes:
    """Return a frame as the content of a Parquet file that says what it holds."""
    buffer = io.BytesIO()
    frame.write_parquet(
        buffer, compression="zstd", compression_level=1, metadata=bar_metadata(frame, span_ms)
    )
    return buffer.getvalue()
