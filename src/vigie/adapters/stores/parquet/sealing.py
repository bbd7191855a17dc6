"""The files of a series, from old to new: periods, the recent sealed bars, the tail; and how bars move between them.

A tail is sealed into ``recent.parquet``, which is small enough to be written daily; the recent bars go into the file of
their period once a week or a month. Every move writes the older file before it empties the newer one: killed in
between, bars are in both with equal values, and a reader takes each time once.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from vigie.adapters.stores.file_cache import FileCache
from vigie.adapters.stores.files import remove_temporary_files, sync_folder, write_atomically
from vigie.adapters.stores.parquet import periods
from vigie.adapters.stores.parquet.frames import (
    load_bars,
    no_bars,
    slice_times,
    to_epoch_ms,
    to_parquet,
    union_bars,
)
from vigie.adapters.stores.parquet.tail import CLOSED, NOTHING_SEALED, TAIL, BarTail, read_tail, write_tail
from vigie.domain.ids import SeriesId
from vigie.domain.time import DAY_MS, HOUR_MS

if TYPE_CHECKING:
    from polars import DataFrame

RECENT: Final = "recent.parquet"
# Sealing costs some 2 ms: bars longer than an hour are spread over so many a sealing when appends alone seal.
_MIN_SEALED_BARS: Final = 24
# Of a yearly period and of a monthly one: a quarter of a month's bars or a twelfth of a year's are written again daily.
_FOLD_YEARLY_MS: Final = 28 * DAY_MS
_FOLD_MONTHLY_MS: Final = 7 * DAY_MS
# Pages and those who trade take a few bars of the same few files, and reading one from Parquet takes a millisecond.
# Bars in memory, 48 bytes each: a year of hours of ten instruments.
_MAX_KEPT_BARS: Final = 100_000
_READ_LATELY: Final[FileCache[DataFrame]] = FileCache(_MAX_KEPT_BARS, len)


@dataclass(frozen=True, slots=True)
class SeriesPaths:
    """Where the files of a series are.

    Attributes
    ----------
    span_ms : int
        Of a bar.
    fold_ms : int
        Recent bars that span so much go into the files of their periods.
    seal_ms : int
        A tail spans at most so much.
    shift_ms : int
        When in that span this series is sealed: each at its own time, so that a close does not seal them all.
    """

    folder: Path
    tail: Path
    recent: Path
    span_ms: int
    fold_ms: int
    seal_ms: int
    shift_ms: int


# A path's parts go into the interpreter's table of words, where each that comes and goes leaves a place taken: made
# anew at every look, paths have that table copied, at twice its size, in every process.
@lru_cache(maxsize=16_384)
def series_paths(root: Path, series: SeriesId) -> SeriesPaths:
    """Return where the files of a series are."""
    folder = root / series.venue / series.instrument / series.timeframe
    seal_ms = max(DAY_MS, _MIN_SEALED_BARS * series.span_ms)
    return SeriesPaths(
        folder,
        tail=folder / TAIL,
        recent=folder / RECENT,
        span_ms=series.span_ms,
        fold_ms=_FOLD_YEARLY_MS if periods.is_yearly(series.span_ms) else _FOLD_MONTHLY_MS,
        seal_ms=seal_ms,
        shift_ms=zlib.crc32(str(series).encode()) % (seal_ms // HOUR_MS * 60) * 60_000,
    )


def is_due(paths: SeriesPaths, first_ms: int, ts_ms: int) -> bool:
    """Tell whether a tail that begins at a time is to be sealed before a bar is appended."""
    return (first_ms + paths.shift_ms) // paths.seal_ms != (ts_ms + paths.shift_ms) // paths.seal_ms


def period_files(folder: Path) -> list[Path]:
    """Return the files of periods, ascending."""
    return sorted(file for file in folder.glob("*.parquet") if periods.is_period(file.name))


def newest_sealed(paths: SeriesPaths) -> int:
    """Return the open time of the newest sealed bar, `NOTHING_SEALED` where there is none."""
    files = [*period_files(paths.folder)[-1:], paths.recent]
    times = [load_bars(file, ("timestamp",))["timestamp"] for file in files if file.exists()]
    return max([NOTHING_SEALED, *(to_epoch_ms(time[-1]) for time in times if len(time))])


def read_period(paths: SeriesPaths, name: str, newer: DataFrame) -> DataFrame:
    """Return all bars of a period, of which some may be among newer ones."""
    return union_bars(load_bars(paths.folder / name), slice_times(newer, *periods.period_range(name)))


def read_newer(paths: SeriesPaths, tail: BarTail) -> DataFrame:
    """Return the recent bars and those of the tail."""
    return union_bars(load_bars(paths.recent), tail.frame())


def read_layers(paths: SeriesPaths, start_ms: int | None, end_ms: int | None) -> Iterator[DataFrame]:
    """Yield the bars that open in [start_ms, end_ms) file by file, the newest file first."""
    # Newer files are read before older ones: bars that move in between are met twice, never missed.
    tail = read_tail(paths.tail)
    yield tail.frame(start_ms, end_ms)
    if tail.is_open and start_ms is not None and start_ms > tail.after_ms:
        return
    yield slice_times(_load_kept(paths.recent), start_ms, end_ms)
    for file in reversed(period_files(paths.folder)):
        first, after = periods.period_range(file.name)
        if (start_ms is None or after > start_ms) and (end_ms is None or first < end_ms):
            yield slice_times(_load_kept(file), start_ms, end_ms)


def _load_kept(path: Path) -> DataFrame:
    frame = _READ_LATELY.get(path, load_bars)
    return no_bars() if frame is None else frame


def seal(paths: SeriesPaths, tail: BarTail, frame: DataFrame | None = None) -> None:
    """Move a tail into the sealed files; the next one begins with a frame. The caller holds the folder's lock."""
    merged = read_newer(paths, tail)
    oldest, newest = to_epoch_ms(merged["timestamp"][0]), to_epoch_ms(merged["timestamp"][-1])
    if newest - oldest < paths.fold_ms:
        write_atomically(paths.recent, to_parquet(merged, paths.span_ms))
    else:
        _write_periods(paths, merged)
    # What it takes the place of is sealed durably.
    write_tail(paths.tail, tail.generation + 1, newest, frame, durable=False)


def fold(paths: SeriesPaths, tail: BarTail, newer: DataFrame) -> None:
    """Move the newer bars into the files of periods and close the tail; the caller holds the folder's lock."""
    if len(newer):
        _write_periods(paths, newer)
    if tail.is_open:
        write_tail(paths.tail, tail.generation + 1, CLOSED)


def _write_periods(paths: SeriesPaths, merged: DataFrame) -> None:
    remove_temporary_files(paths.folder)
    for name, piece in periods.split(merged, paths.span_ms):
        path = paths.folder / name
        write_atomically(
            path, to_parquet(union_bars(load_bars(path), piece), paths.span_ms), durable_name=False
        )
    sync_folder(paths.folder)
    paths.recent.unlink(missing_ok=True)
