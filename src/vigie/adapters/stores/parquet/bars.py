"""The bar store: ``<root>/<venue>/<instrument>/<timeframe>/`` holds period files, recent bars and a tail."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import reduce
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

from vigie.adapters.stores.files import drop_folder, exclusive, sweep_aside, sync_folder, write_whole
from vigie.adapters.stores.parquet import periods
from vigie.adapters.stores.parquet.changes import Merged, changed, merged, summary, without
from vigie.adapters.stores.parquet.frames import canonical, concat, encoded, load, ms_of, no_bars, union
from vigie.adapters.stores.parquet.sealing import (
    RECENT,
    Place,
    fold,
    is_due,
    layers,
    newer_than_periods,
    newest_sealed,
    place_of,
    seal,
    stored,
)
from vigie.adapters.stores.parquet.summaries import read_summary, summary_of
from vigie.adapters.stores.parquet.tail import (
    CLOSED,
    TAIL,
    Tail,
    has_bars,
    open_end,
    read_tail,
    state,
    write_tail,
)
from vigie.domain.errors import StorageError
from vigie.domain.ids import SeriesId
from vigie.domain.time import TIMEFRAME_MS
from vigie.ports.store import BarSummary, RevertResult, SeriesSummary, StoredSeries, UpsertResult

if TYPE_CHECKING:
    from polars import DataFrame

# More bars at once go into the files of their periods: an import, a page of a venue's history.
MOST_APPENDED: Final = 64


class ParquetBars:
    """Keeps bars below a folder; reads only the files that are asked for."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def holdings(self, venue: str = "", instrument: str = "") -> list[StoredSeries]:
        """Return every stored series, or those of an instrument, with its files and their size."""
        found = []
        for series in self._named(venue, instrument):
            files = _sized_files(f"{self.root}/{series.venue}/{series.instrument}/{series.timeframe}")
            if files:
                found.append(StoredSeries(series, tuple(files), sum(files.values())))
        return found

    def summary(self, holding: StoredSeries, *, is_deep: bool = False) -> SeriesSummary:
        """Return a series in short; see `vigie.ports.store.BarStore.summary`."""
        span, found, faults = holding.series.span_ms, list[BarSummary](), []
        # The newest file first: bars that move meanwhile are met twice, never missed.
        for file in reversed(holding.files):
            try:
                said = _summary_of_file(file, span, is_deep=is_deep)
                found += [] if said is None else [said]
            except StorageError as fault:
                faults.append(str(fault))
        found.sort(key=lambda one: one.first_ms)
        if not faults and any(one.last_ms >= later.first_ms for one, later in pairwise(found)):
            return SeriesSummary(summary_of(self.read(holding.series)["timestamp"].to_physical(), span))
        if not found:
            return SeriesSummary(None, tuple(faults))
        return SeriesSummary(reduce(lambda one, later: one.followed_by(later, span), found), tuple(faults))

    def series(self) -> list[SeriesId]:
        """Return every series that has a folder."""
        return self._named()

    def _named(self, venue: str = "", instrument: str = "") -> list[SeriesId]:
        root = str(self.root)
        found = [
            SeriesId(place, name, timeframe)
            for place in ([venue] if venue else _folders(root))
            for name in ([instrument] if instrument else _folders(f"{root}/{place}"))
            for timeframe in _folders(f"{root}/{place}/{name}")
            if timeframe in TIMEFRAME_MS
        ]
        return sorted(found, key=_sort_key)

    def version(self, series: SeriesId) -> object:
        """Return when a file was last renamed into the folder, and how far the tail has come."""
        place = place_of(self.root, series)
        try:
            return os.stat(place.folder).st_mtime_ns, state(place.tail)
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
        for layer in layers(place_of(self.root, series), start_ms, end_ms):
            frame = layer
            # Bars on their way from file to file are in several.
            while frames and len(frame) and frame["timestamp"][-1] >= frames[-1]["timestamp"][0]:
                frame = union(frame, frames.pop())
            if len(frame):
                frames.append(frame)
            if last is not None and sum(map(len, frames)) >= last:
                break
        found = concat(frames[::-1])
        return found if last is None else found.tail(last)

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
        frame = canonical(frame)
        place = place_of(self.root, series)
        # What is to be told before is undone period by period.
        if dry_run:
            if before is None and (done := _appended(place, frame, dry_run=True)) is not None:
                return done
            return summary(_planned(place, frame, newer_than_periods(place, read_tail(place.tail))))
        with exclusive(place.folder):
            if before is None and (done := _appended(place, frame)) is not None:
                return done
            return _filed(place, frame, before)

    def seal(self, series: SeriesId, before_ms: int) -> bool:
        """Move the tail into Parquet if its oldest bar opened before a time; see `vigie.ports.store.BarStore.seal`."""
        place = place_of(self.root, series)
        if not _is_older(read_tail(place.tail), before_ms):
            return False
        with exclusive(place.folder):
            tail = read_tail(place.tail)
            if _is_older(tail, before_ms):
                seal(place, tail)
        return True

    def revert(self, series: SeriesId, change: DataFrame, *, dry_run: bool = False) -> RevertResult:
        """Undo a change; see `vigie.ports.store.BarStore.revert`."""
        place = place_of(self.root, series)
        if not place.folder.exists():
            return RevertResult(0, 0, 0, len(change))
        pieces = periods.split(change, series.span_ms)
        if dry_run:
            newer = newer_than_periods(place, read_tail(place.tail))
            return RevertResult.total(
                [without(stored(place, name, newer), piece)[1] for name, piece in pieces]
            )
        counts, is_changed = list[RevertResult](), False
        with exclusive(place.folder):
            sweep_aside(place.folder)
            tail = read_tail(place.tail)
            newer = newer_than_periods(place, tail)
            for name, piece in pieces:
                path = place.folder / name
                left, count = without(stored(place, name, newer), piece)
                if count.removed + count.restored:
                    if not is_changed:
                        fold(place, tail, newer)
                    is_changed = True
                    if len(left):
                        write_whole(path, encoded(left, series.span_ms), durable_name=False)
                    else:
                        path.unlink()
                counts.append(count)
            if is_changed:
                _noted(place)
            if not _sized_files(str(place.folder)):
                place.tail.unlink(missing_ok=True)
                drop_folder(place.folder, above=2)
        return RevertResult.total(counts)


def _appended(place: Place, frame: DataFrame, *, dry_run: bool = False) -> UpsertResult | None:
    """Put bars into the tail and say what that changed; None where they belong into the files of periods."""
    if not 0 < len(frame) <= MOST_APPENDED:
        return None
    first = ms_of(frame.row(0)[0])
    done = UpsertResult(len(frame), 0, 0, no_bars(), (str(place.tail),))
    with open_end(place.tail) as end:
        if end is not None and first > end.last_ms and not (end.count and is_due(place, end.first_ms, first)):
            if not dry_run:
                end.append(frame)
            return done
        if end is not None and end.count and first == end.last_ms:
            change = merged(place.tail, end.last(), frame)
            if change.bars is not None and not dry_run:
                end.append(change.fresh)
            return summary([change])
    tail = read_tail(place.tail)
    if tail.is_open and first <= tail.last_ms:
        return None if first <= tail.after_ms else _revised(place, frame, dry_run=dry_run)
    newest = tail.after_ms if tail.is_open else newest_sealed(place)
    if first <= newest:
        return None
    if not dry_run:
        if tail.is_open:
            seal(place, tail, frame)
        else:
            write_tail(place.tail, tail.generation + 1, newest, frame, durable=False)
    return done


def _revised(place: Place, frame: DataFrame, *, dry_run: bool) -> UpsertResult:
    """Store bars of which some are in the tail or before its last one."""
    tail = read_tail(place.tail)
    change = merged(place.tail, tail.frame(), frame)
    if change.bars is not None and not dry_run:
        write_tail(place.tail, tail.generation + 1, tail.after_ms, change.bars)
    return summary([change])


def _planned(place: Place, frame: DataFrame, newer: DataFrame) -> Iterable[Merged]:
    for name, piece in periods.split(frame, place.span_ms):
        yield merged(place.folder / name, stored(place, name, newer), piece)


def _filed(place: Place, frame: DataFrame, before: Callable[[DataFrame], None] | None) -> UpsertResult:
    """Store bars in the files of their periods, and with them all newer ones."""
    sweep_aside(place.folder)
    tail = read_tail(place.tail)
    newer = newer_than_periods(place, tail)
    planned = _planned(place, frame, newer)
    if before is not None:
        planned = list(planned)
        news = [changed(one.fresh, one.replaced) for one in planned if one.bars is not None]
        if news:
            before(concat(news, rechunk=False))
    changes: list[Merged] = []
    for change in planned:
        if change.bars is not None:
            if all(one.bars is None for one in changes):
                fold(place, tail, newer)
            write_whole(change.path, encoded(change.bars, place.span_ms), durable_name=False)
        changes.append(change)
    if any(change.bars is not None for change in changes):
        _noted(place)
    return summary(changes)


def _is_older(tail: Tail, before_ms: int) -> bool:
    return len(tail.rows) > 0 and int(tail.rows["ts"][0]) < before_ms


def _noted(place: Place) -> None:
    """Make the names of written files durable, and the version another one."""
    sync_folder(place.folder)
    seen = state(place.tail)
    if seen is not None:
        write_tail(place.tail, seen[0] + 1, CLOSED)


def _summary_of_file(file: str, span_ms: int, *, is_deep: bool) -> BarSummary | None:
    if file.endswith(TAIL):
        return summary_of(read_tail(Path(file)).frame()["timestamp"].to_physical(), span_ms)
    said = None if is_deep else read_summary(file)
    return said or summary_of(load(Path(file))["timestamp"].to_physical(), span_ms)


def _sized_files(folder: str) -> dict[str, int]:
    """Return the files of a folder that hold bars, from old to new, with their sizes; without paths, which are slow."""
    found = {}
    # An import may be undone between the looks.
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            is_kept = periods.is_period(entry.name) or entry.name == RECENT
            if is_kept or (entry.name == TAIL and has_bars(entry.path)):
                with suppress(FileNotFoundError):
                    found[entry.path] = entry.stat().st_size
    return dict(sorted(found.items()))


def _sort_key(series: SeriesId) -> tuple[str, str, int]:
    return series.venue, series.instrument, series.span_ms


def _folders(folder: str) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in entries if entry.is_dir()]
    except (FileNotFoundError, NotADirectoryError):
        return []
