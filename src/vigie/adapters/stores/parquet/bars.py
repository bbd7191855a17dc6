"""The bar store: ``<root>/<venue>/<instrument>/<timeframe>/`` holds period files, recent bars and a tail."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import reduce
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

from vigie.adapters.stores.files import (
    lock_folder,
    remove_folder,
    remove_temporary_files,
    sync_folder,
    write_atomically,
)
from vigie.adapters.stores.parquet import periods
from vigie.adapters.stores.parquet.changes import (
    FileChange,
    add_former_values,
    merge_bars,
    revert_change,
    summarize_changes,
)
from vigie.adapters.stores.parquet.frames import (
    concat,
    load_bars,
    no_bars,
    normalize_columns,
    to_epoch_ms,
    to_parquet,
    union_bars,
)
from vigie.adapters.stores.parquet.sealing import (
    RECENT,
    SeriesPaths,
    fold,
    is_due,
    newest_sealed,
    read_layers,
    read_newer,
    read_period,
    seal,
    series_paths,
)
from vigie.adapters.stores.parquet.summaries import read_summary, summarize_times
from vigie.adapters.stores.parquet.tail import (
    CLOSED,
    TAIL,
    BarTail,
    has_bars,
    open_tail_writer,
    read_tail,
    read_tail_state,
    write_tail,
)
from vigie.domain.errors import StorageError
from vigie.domain.ids import SeriesId
from vigie.domain.time import TIMEFRAME_MS
from vigie.ports.store import BarSummary, RevertResult, SeriesSummary, StoredSeries, UpsertResult

if TYPE_CHECKING:
    from polars import DataFrame

# More bars at once go into the files of their periods: an import, a page of a venue's history.
MAX_APPENDED: Final = 64


class ParquetBars:
    """Keeps bars below a folder; reads only the files that are asked for."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def holdings(self, venue: str = "", instrument: str = "") -> list[StoredSeries]:
        """Return every stored series, or those of an instrument, with its files and their size."""
        stored_series = []
        for series in self.series(venue, instrument):
            files = _sized_files(f"{self.root}/{series.venue}/{series.instrument}/{series.timeframe}")
            if files:
                stored_series.append(StoredSeries(series, tuple(files), sum(files.values())))
        return stored_series

    def summary(self, holding: StoredSeries, *, is_deep: bool = False) -> SeriesSummary:
        """Return a series in short; see `vigie.ports.store.BarStore.summary`."""
        span, summaries, faults = holding.series.span_ms, list[BarSummary](), []
        # The newest file first: bars that move meanwhile are met twice, never missed.
        for file in reversed(holding.files):
            try:
                file_summary = _summarize_file(file, span, is_deep=is_deep)
                summaries += [] if file_summary is None else [file_summary]
            except StorageError as fault:
                faults.append(str(fault))
        summaries.sort(key=lambda part: part.first_ms)
        if not faults and any(part.last_ms >= later.first_ms for part, later in pairwise(summaries)):
            return SeriesSummary(summarize_times(self.read(holding.series)["timestamp"].to_physical(), span))
        if not summaries:
            return SeriesSummary(None, tuple(faults))
        return SeriesSummary(
            reduce(lambda part, later: part.followed_by(later, span), summaries), tuple(faults)
        )

    def series(self, venue: str = "", instrument: str = "") -> list[SeriesId]:
        """Return every series that has a folder, or those of an instrument."""
        root = str(self.root)
        series_ids = [
            SeriesId(venue_id, instrument_id, timeframe)
            for venue_id in ([venue] if venue else _list_folders(root))
            for instrument_id in ([instrument] if instrument else _list_folders(f"{root}/{venue_id}"))
            for timeframe in _list_folders(f"{root}/{venue_id}/{instrument_id}")
            if timeframe in TIMEFRAME_MS
        ]
        return sorted(series_ids, key=_sort_key)

    def version(self, series: SeriesId) -> object:
        """Return when a file was last renamed into the folder, and how far the tail has come."""
        paths = series_paths(self.root, series)
        try:
            return os.stat(paths.folder).st_mtime_ns, read_tail_state(paths.tail)
        except FileNotFoundError:
            return None

    def read(
        self,
        series: SeriesId,
        *,
        start_ms: int | None = None,
        end_ms: int | None = None,
        last: int | None = None,
    ) -> DataFrame:
        """Return bars that open in [start_ms, end_ms), or the `last` ones of them."""
        frames: list[DataFrame] = []
        for layer in read_layers(series_paths(self.root, series), start_ms, end_ms):
            frame = layer
            # Bars on their way from file to file are in several.
            while frames and len(frame) and frame["timestamp"][-1] >= frames[-1]["timestamp"][0]:
                frame = union_bars(frame, frames.pop())
            if len(frame):
                frames.append(frame)
            if last is not None and sum(map(len, frames)) >= last:
                break
        bars = concat(frames[::-1])
        return bars if last is None else bars.tail(last)

    def upsert(
        self,
        series: SeriesId,
        frame: DataFrame,
        *,
        dry_run: bool = False,
        before: Callable[[DataFrame], None] | None = None,
    ) -> UpsertResult:
        """Store bars by open time; see `vigie.ports.store.BarStore.upsert`.

        A few bars newer than all sealed ones go into the tail, others into the files of their periods.
        """
        frame = normalize_columns(frame)
        paths = series_paths(self.root, series)
        # What is to be told before is undone period by period.
        if dry_run:
            if before is None and (result := _append_to_tail(paths, frame, dry_run=True)) is not None:
                return result
            return summarize_changes(_plan_changes(paths, frame, read_newer(paths, read_tail(paths.tail))))
        with lock_folder(paths.folder):
            if before is None and (result := _append_to_tail(paths, frame)) is not None:
                return result
            return _store_in_periods(paths, frame, before)

    def seal(self, series: SeriesId, before_ms: int) -> bool:
        """Move the tail into Parquet if its oldest bar opened before a time; see `vigie.ports.store.BarStore.seal`."""
        paths = series_paths(self.root, series)
        if not _is_tail_older(read_tail(paths.tail), before_ms):
            return False
        with lock_folder(paths.folder):
            tail = read_tail(paths.tail)
            if _is_tail_older(tail, before_ms):
                seal(paths, tail)
        return True

    def revert(self, series: SeriesId, change: DataFrame, *, dry_run: bool = False) -> RevertResult:
        """Undo a change; see `vigie.ports.store.BarStore.revert`."""
        paths = series_paths(self.root, series)
        if not paths.folder.exists():
            return RevertResult(0, 0, 0, len(change))
        pieces = periods.split(change, series.span_ms)
        if dry_run:
            newer = read_newer(paths, read_tail(paths.tail))
            return RevertResult.total(
                [revert_change(read_period(paths, name, newer), piece)[1] for name, piece in pieces]
            )
        counts, is_changed = list[RevertResult](), False
        with lock_folder(paths.folder):
            remove_temporary_files(paths.folder)
            tail = read_tail(paths.tail)
            newer = read_newer(paths, tail)
            for name, piece in pieces:
                path = paths.folder / name
                remaining, count = revert_change(read_period(paths, name, newer), piece)
                if count.removed + count.restored:
                    if not is_changed:
                        fold(paths, tail, newer)
                    is_changed = True
                    if len(remaining):
                        write_atomically(path, to_parquet(remaining, series.span_ms), durable_name=False)
                    else:
                        path.unlink()
                counts.append(count)
            if is_changed:
                _sync_names(paths)
            if not _sized_files(str(paths.folder)):
                paths.tail.unlink(missing_ok=True)
                remove_folder(paths.folder, above=2)
        return RevertResult.total(counts)


def _append_to_tail(paths: SeriesPaths, frame: DataFrame, *, dry_run: bool = False) -> UpsertResult | None:
    """Put bars into the tail and say what that changed; None where they belong into the files of periods."""
    if not 0 < len(frame) <= MAX_APPENDED:
        return None
    first = to_epoch_ms(frame.row(0)[0])
    result = UpsertResult(len(frame), 0, 0, no_bars(), (str(paths.tail),))
    with open_tail_writer(paths.tail) as writer:
        if (
            writer is not None
            and first > writer.last_ms
            and not (writer.count and is_due(paths, writer.first_ms, first))
        ):
            if not dry_run:
                writer.append(frame)
            return result
        if writer is not None and writer.count and first == writer.last_ms:
            change = merge_bars(paths.tail, writer.last(), frame)
            if change.bars is not None and not dry_run:
                writer.append(change.fresh)
            return summarize_changes([change])
    tail = read_tail(paths.tail)
    if tail.is_open and first <= tail.last_ms:
        return None if first <= tail.after_ms else _revise_tail(paths, frame, dry_run=dry_run)
    newest = tail.after_ms if tail.is_open else newest_sealed(paths)
    if first <= newest:
        return None
    if not dry_run:
        if tail.is_open:
            seal(paths, tail, frame)
        else:
            write_tail(paths.tail, tail.generation + 1, newest, frame, durable=False)
    return result


def _revise_tail(paths: SeriesPaths, frame: DataFrame, *, dry_run: bool) -> UpsertResult:
    """Store bars of which some are in the tail or before its last one."""
    tail = read_tail(paths.tail)
    change = merge_bars(paths.tail, tail.frame(), frame)
    if change.bars is not None and not dry_run:
        write_tail(paths.tail, tail.generation + 1, tail.after_ms, change.bars)
    return summarize_changes([change])


def _plan_changes(paths: SeriesPaths, frame: DataFrame, newer: DataFrame) -> Iterable[FileChange]:
    for name, piece in periods.split(frame, paths.span_ms):
        yield merge_bars(paths.folder / name, read_period(paths, name, newer), piece)


def _store_in_periods(
    paths: SeriesPaths, frame: DataFrame, before: Callable[[DataFrame], None] | None
) -> UpsertResult:
    """Store bars in the files of their periods, and with them all newer ones."""
    remove_temporary_files(paths.folder)
    tail = read_tail(paths.tail)
    newer = read_newer(paths, tail)
    planned = _plan_changes(paths, frame, newer)
    if before is not None:
        planned = list(planned)
        new_bars = [
            add_former_values(file_change.fresh, file_change.replaced)
            for file_change in planned
            if file_change.bars is not None
        ]
        if new_bars:
            before(concat(new_bars, rechunk=False))
    changes: list[FileChange] = []
    for change in planned:
        if change.bars is not None:
            if all(file_change.bars is None for file_change in changes):
                fold(paths, tail, newer)
            write_atomically(change.path, to_parquet(change.bars, paths.span_ms), durable_name=False)
        changes.append(change)
    if any(change.bars is not None for change in changes):
        _sync_names(paths)
    return summarize_changes(changes)


def _is_tail_older(tail: BarTail, before_ms: int) -> bool:
    return len(tail.rows) > 0 and int(tail.rows["ts"][0]) < before_ms


def _sync_names(paths: SeriesPaths) -> None:
    """Make the names of written files durable, and the version another one."""
    sync_folder(paths.folder)
    tail_state = read_tail_state(paths.tail)
    if tail_state is not None:
        write_tail(paths.tail, tail_state[0] + 1, CLOSED)


def _summarize_file(file: str, span_ms: int, *, is_deep: bool) -> BarSummary | None:
    if file.endswith(TAIL):
        return summarize_times(read_tail(Path(file)).frame()["timestamp"].to_physical(), span_ms)
    stored_summary = None if is_deep else read_summary(file)
    return stored_summary or summarize_times(load_bars(Path(file))["timestamp"].to_physical(), span_ms)


def _sized_files(folder: str) -> dict[str, int]:
    """Return the files of a folder that hold bars, from old to new, with their sizes; without paths, which are slow."""
    sizes = {}
    # An import may be undone between the looks.
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            is_parquet = periods.is_period(entry.name) or entry.name == RECENT
            if is_parquet or (entry.name == TAIL and has_bars(entry.path)):
                with suppress(FileNotFoundError):
                    sizes[entry.path] = entry.stat().st_size
    return dict(sorted(sizes.items()))


def _sort_key(series: SeriesId) -> tuple[str, str, int]:
    return series.venue, series.instrument, series.span_ms


def _list_folders(folder: str) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in entries if entry.is_dir()]
    except (FileNotFoundError, NotADirectoryError):
        return []
