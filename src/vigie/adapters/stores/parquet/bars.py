"""The bar store: ``<root>/<venue>/<instrument>/<timeframe>/<period>.parquet``."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import lru_cache, reduce
from pathlib import Path
from typing import TYPE_CHECKING

from vigie.adapters.stores.files import drop_folder, exclusive, sweep_aside, sync_folder, write_whole
from vigie.adapters.stores.parquet import periods
from vigie.adapters.stores.parquet.changes import changed, without
from vigie.adapters.stores.parquet.summaries import metadata, read_summary, summary_of, unreadable
from vigie.domain.bar import BAR_COLUMNS
from vigie.domain.errors import StorageError
from vigie.domain.ids import SeriesId
from vigie.domain.time import TIMEFRAME_MS
from vigie.ports.store import Holding, Summarized, Summary, TakenBack, Upsert

if TYPE_CHECKING:
    from polars import DataFrame, DataType


# A path's parts go into the interpreter's table of words, where each that comes and goes leaves a place taken: made
# anew at every look, paths have that table copied, at twice its size, in every process.
@lru_cache(maxsize=2_048)
def _place(root: Path, series: SeriesId) -> Path:
    return root / series.venue / series.instrument / series.timeframe


class ParquetBars:
    """Keeps bars below a folder; reads only the periods that are asked for."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def holdings(self, venue: str = "", instrument: str = "") -> list[Holding]:
        """Return every stored series, or those of an instrument, with its files and their size."""
        found = []
        for series in self._named(venue, instrument):
            files = _sized_files(f"{self.root}/{series.venue}/{series.instrument}/{series.timeframe}")
            if files:
                found.append(Holding(series, tuple(files), sum(files.values())))
        return found

    def summary(self, holding: Holding, *, is_deep: bool = False) -> Summarized:
        """Return a series in short; see `vigie.ports.store.BarStore.summary`."""
        span, found, faults = holding.series.span_ms, [], []
        for file in holding.files:
            try:
                found.append(_summary_of_file(file, span, is_deep=is_deep))
            except StorageError as fault:
                faults.append(str(fault))
        there = sorted((one for one in found if one is not None), key=lambda one: one.first_ms)
        if not there:
            return Summarized(None, tuple(faults))
        return Summarized(reduce(lambda one, later: one.followed_by(later, span), there), tuple(faults))

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
        """Return when a file of the series was last put in place: files are always renamed into their folder."""
        try:
            return self._folder(series).stat().st_mtime_ns
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
        files = [
            file for file in _period_files(self._folder(series)) if _overlaps(file.name, start_ms, end_ms)
        ]
        if last is None:
            return _joined([_cut(_load(file), start_ms, end_ms) for file in files])
        frames: list[DataFrame] = []
        missing = last
        for file in reversed(files):
            if missing <= 0:
                break
            frame = _cut(_load(file), start_ms, end_ms)
            frames.insert(0, frame.tail(missing))
            missing -= len(frame)
        return _joined(frames)

    def upsert(
        self,
        series: SeriesId,
        frame: DataFrame,
        *,
        dry_run: bool = False,
        before: Callable[[DataFrame], None] | None = None,
    ) -> Upsert:
        """Store bars by open time; see `vigie.ports.store.BarStore.upsert`."""
        frame = _canonical(frame)
        folder = self._folder(series)
        pieces = periods.split(frame, series.span_ms)
        if dry_run:
            return _summary([_merge(folder / name, piece) for name, piece in pieces])
        with exclusive(folder):
            sweep_aside(folder)
            planned: Iterable[_Change] = (_merge(folder / name, piece) for name, piece in pieces)
            if before is not None:
                planned = list(planned)
                news = [changed(one.fresh, one.replaced) for one in planned if one.merged is not None]
                if news:
                    before(_concat(news, rechunk=False))
            changes = []
            for change in planned:
                if change.merged is not None:
                    write_whole(change.path, _encoded(change.merged, series.span_ms), durable_name=False)
                changes.append(change)
            if any(change.merged is not None for change in changes):
                sync_folder(folder)
        return _summary(changes)

    def take_back(self, series: SeriesId, change: DataFrame, *, dry_run: bool = False) -> TakenBack:
        """Undo a change; see `vigie.ports.store.BarStore.take_back`."""
        folder = self._folder(series)
        if not folder.exists():
            return TakenBack(0, 0, 0, len(change))
        pieces = periods.split(change, series.span_ms)
        if dry_run:
            return TakenBack.total([without(_load(folder / name), piece)[1] for name, piece in pieces])
        counts = []
        with exclusive(folder):
            sweep_aside(folder)
            for name, piece in pieces:
                path = folder / name
                left, count = without(_load(path), piece)
                counts.append(count)
                if count.removed + count.restored:
                    if len(left):
                        write_whole(path, _encoded(left, series.span_ms), durable_name=False)
                    else:
                        path.unlink()
            sync_folder(folder)
            if not _period_files(folder):
                drop_folder(folder, above=2)
        return TakenBack.total(counts)

    def _folder(self, series: SeriesId) -> Path:
        return _place(self.root, series)


class _Change:
    """What one period file becomes; `merged` is None where it stays as it is, `fresh` what was not there so."""

    __slots__ = ("added", "fresh", "merged", "path", "replaced", "same")

    def __init__(
        self,
        path: Path,
        *,
        added: int,
        same: int,
        merged: DataFrame | None,
        replaced: DataFrame,
        fresh: DataFrame,
    ) -> None:
        self.path = path
        self.added = added
        self.same = same
        self.merged = merged
        self.replaced = replaced
        self.fresh = fresh


def _merge(path: Path, piece: DataFrame) -> _Change:
    import polars as pl

    if not path.exists():
        return _Change(path, added=len(piece), same=0, merged=piece, replaced=piece.clear(), fresh=piece)
    stored = _load(path)
    none = piece.clear()
    if stored.equals(piece):
        return _Change(path, added=0, same=len(piece), merged=None, replaced=none, fresh=none)
    known = stored.join(piece, on="timestamp", how="inner", maintain_order="left")
    differs = pl.any_horizontal(pl.col(name) != pl.col(f"{name}_right") for name in BAR_COLUMNS[1:])
    replaced = known.filter(differs).select(BAR_COLUMNS)
    added = len(piece) - len(known)
    if not added and not len(replaced):
        return _Change(path, added=0, same=len(piece), merged=None, replaced=replaced, fresh=none)
    merged = pl.concat([stored, piece]).unique("timestamp", keep="last").sort("timestamp")
    same = len(known) - len(replaced)
    fresh = piece
    if same:
        fresh = piece.join(known.filter(~differs), on="timestamp", how="anti", maintain_order="left")
    return _Change(path, added=added, same=same, merged=merged.rechunk(), replaced=replaced, fresh=fresh)


def _summary_of_file(file: str, span_ms: int, *, is_deep: bool) -> Summary | None:
    said = None if is_deep else read_summary(file)
    return said or summary_of(_load(Path(file))["timestamp"].to_physical(), span_ms)


def _summary(changes: Sequence[_Change]) -> Upsert:
    return Upsert(
        added=sum(change.added for change in changes),
        revised=sum(len(change.replaced) for change in changes),
        same=sum(change.same for change in changes),
        replaced=_joined([change.replaced for change in changes]),
        files=tuple(str(change.path) for change in changes if change.merged is not None),
    )


def _sort_key(series: SeriesId) -> tuple[str, str, int]:
    return series.venue, series.instrument, series.span_ms


def _folders(folder: str) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in entries if entry.is_dir()]
    except (FileNotFoundError, NotADirectoryError):
        return []


def _period_files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.glob("*.parquet") if periods.is_period(file.name))


def _sized_files(folder: str) -> dict[str, int]:
    """Return the files of a folder with their sizes, by name; without paths, which cost more than the look."""
    found = {}
    # An import may be undone between the looks.
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            if periods.is_period(entry.name):
                with suppress(FileNotFoundError):
                    found[entry.path] = entry.stat().st_size
    return dict(sorted(found.items()))


def _overlaps(name: str, start_ms: int | None, end_ms: int | None) -> bool:
    first, after = periods.period_range(name)
    return (start_ms is None or after > start_ms) and (end_ms is None or first < end_ms)


def _load(path: Path) -> DataFrame:
    import polars as pl

    try:
        frame = pl.read_parquet(path.read_bytes(), columns=list(BAR_COLUMNS))
    except FileNotFoundError:  # an import was undone between the look into the folder and this one
        return _joined([])
    except (pl.exceptions.PolarsError, OSError) as error:
        raise unreadable(path, str(error)) from error
    return frame


def _cut(frame: DataFrame, start_ms: int | None, end_ms: int | None) -> DataFrame:
    import polars as pl

    time = pl.col("timestamp").to_physical()
    if start_ms is not None:
        frame = frame.filter(time >= start_ms)
    if end_ms is not None:
        frame = frame.filter(time < end_ms)
    return frame


def _joined(frames: Sequence[DataFrame]) -> DataFrame:
    import polars as pl

    if not frames:
        return pl.DataFrame(schema=_schema())
    return _concat(frames)


def _concat(frames: Sequence[DataFrame], *, rechunk: bool = True) -> DataFrame:
    import polars as pl

    return pl.concat(frames, rechunk=rechunk)


def _schema() -> dict[str, DataType]:
    import polars as pl

    return {"timestamp": pl.Datetime("ms", "UTC"), **dict.fromkeys(BAR_COLUMNS[1:], pl.Float64())}


def _canonical(frame: DataFrame) -> DataFrame:
    import polars as pl

    return frame.select(pl.col(name).cast(kind) for name, kind in _schema().items())


def _encoded(frame: DataFrame, span_ms: int) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd", compression_level=1, metadata=metadata(frame, span_ms))
    return buffer.getvalue()
