"""Files in, bars stored: every row ends in the store, in quarantine, or counted as a repetition."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from vigie.data.frames import NUMBERS, TIME_TYPE
from vigie.data.intake.form import SILENT, FileForm
from vigie.data.intake.names import BarFileName, is_bar_file, read_name
from vigie.data.intake.preview import (
    file_notes,
    refuse_unreadable,
    to_open_times,
    unreadable_cells,
)
from vigie.data.intake.reader import read_rows
from vigie.data.quality import BarFindings, CheckedRows, check_rows, find_issues
from vigie.data.row_faults import refuse_defects
from vigie.data.stores import DataStores
from vigie.domain.errors import DataError, UsageError
from vigie.domain.ids import SeriesId
from vigie.domain.time import TIMEFRAME_MS, timeframe_ms, timeframe_name

Progress = Callable[[int, int, str], None]

# From so many steps on, bars that never follow one another are no thinly traded ones.
_MANY: Final = 10

QUARANTINE_COLUMNS: Final = ("reason", "source", "row", "timestamp", *NUMBERS, "line")


@dataclass(frozen=True, slots=True)
class FileProblem:
    """A file that could not be used, and why."""

    path: str
    message: str
    is_usage: bool = False


@dataclass(frozen=True, slots=True)
class SeriesImport:
    """What the files of one series brought.

    Attributes
    ----------
    refused : tuple of str
        Of each kind of value that could not be read the first one, with its line and three forms that can be.
    notes : tuple of str
        Codes of what a person should know of the files; see `vigie.data.intake.preview.NOTES`.
    """

    series: SeriesId
    files: tuple[str, ...]
    rows: int
    added: int
    revised: int
    same: int
    duplicates: int
    quarantined: int
    reasons: dict[str, int]
    was_unsorted: bool
    findings: BarFindings
    quarantine_file: str | None
    files_written: tuple[str, ...]
    refused: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportReport:
    """Everything an import did, or in a dry run would do; by its receipt it can be undone, if it changed a bar."""

    dry_run: bool
    series: tuple[SeriesImport, ...]
    problems: tuple[FileProblem, ...]
    skipped: tuple[str, ...] = field(default=())
    receipt: str | None = None

    @property
    def changed(self) -> int:
        """Bars that were new or had other values before."""
        return sum(item.added + item.revised for item in self.series)


def find_files(paths: Iterable[Path]) -> tuple[list[Path], list[Path]]:
    """List the bar files among paths and below folders, and the other files found there.

    Raises
    ------
    UsageError
        If a path does not exist.
    """
    files: list[Path] = []
    others: list[Path] = []
    for path in paths:
        if path.is_dir():
            below = sorted(
                file for file in path.rglob("*") if file.is_file() and not file.name.startswith(".")
            )
            files += [file for file in below if is_bar_file(file)]
            others += [file for file in below if not is_bar_file(file)]
        elif path.exists():
            files.append(path)
        else:
            raise UsageError("file_not_found", "file not found: {path}; check the path", path=path)
    return list(dict.fromkeys(files)), others


def import_files(
    stores: DataStores,
    paths: Sequence[Path],
    *,
    venue: str = "",
    symbol: str = "",
    timeframe: str = "",
    form: FileForm = SILENT,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Store the bars of files and folders.

    Parameters
    ----------
    stores : DataStores
        Where bars and refused rows go, and what time it is.
    paths : sequence of Path
        Files, or folders that are searched whole.
    venue, symbol, timeframe : str
        What the files hold, where their names do not say it.
    form : FileForm
        How they are written, as far as that is said.
    dry_run : bool
        Report what would change and write nothing.
    progress : callable, optional
        Told the number of series done, of all, and the name of the next.

    Returns
    -------
    ImportReport
        A file that cannot be used is a problem in it and does not stop the others.
    """
    files, others = find_files(paths)
    groups: dict[BarFileName, list[Path]] = {}
    problems: list[FileProblem] = []
    for file in files:
        try:
            file_name = read_name(file, venue=venue, symbol=symbol, timeframe=timeframe)
            groups.setdefault(file_name, []).append(file)
        except UsageError as error:
            problems.append(FileProblem(str(file), str(error), is_usage=True))
    imports: list[SeriesImport] = []
    receipt = _LazyReceipt(stores)
    for number, (file_name, members) in enumerate(groups.items()):
        if progress:
            progress(number, len(groups), f"{file_name.instrument} {file_name.timeframe}".strip())
        raw, failures = _read_files(members, file_name, form)
        problems += failures
        try:
            if raw is not None:
                imports.append(_store(stores, file_name, members, raw, receipt, form, dry_run=dry_run))
        except DataError as error:
            problems.append(FileProblem(", ".join(map(str, members)), str(error)))
    if progress:
        progress(len(groups), len(groups), "")
    skipped = tuple(str(file_path) for file_path in others)
    return ImportReport(dry_run, tuple(imports), tuple(problems), skipped, receipt.id)


class _LazyReceipt:
    """Opens a receipt with the first change: imports that change nothing push none out."""

    def __init__(self, stores: DataStores) -> None:
        self._stores = stores
        self.id: str | None = None

    def keep(self, series: SeriesId, change: pl.DataFrame) -> None:
        if self.id is None:
            self.id = self._stores.receipts.begin(self._stores.clock.wall_now())
        self._stores.receipts.keep(self.id, series, change)


def _read_files(
    files: Sequence[Path], file_name: BarFileName, form: FileForm
) -> tuple[pl.DataFrame | None, list[FileProblem]]:
    frames, problems = [], []
    for number, file in enumerate(files):
        try:
            rows = read_rows(file, base=file_name.instrument.split("-")[0], form=form)
        except (UsageError, DataError) as error:
            problems.append(FileProblem(str(file), str(error), is_usage=isinstance(error, UsageError)))
            continue
        frames.append(rows.with_columns(file=pl.lit(number, pl.UInt16)))
    return (pl.concat(frames) if frames else None), problems


def _store(
    stores: DataStores,
    file_name: BarFileName,
    files: Sequence[Path],
    raw: pl.DataFrame,
    receipt: _LazyReceipt,
    form: FileForm,
    *,
    dry_run: bool,
) -> SeriesImport:
    base = file_name.instrument.split("-")[0]
    if not file_name.timeframe:
        refuse_unreadable(raw, files, base, form)
    series = SeriesId(
        file_name.venue, file_name.instrument, file_name.timeframe or infer_timeframe(raw["timestamp"])
    )
    check_spacing(raw["timestamp"], series.timeframe)
    raw = to_open_times(raw, series.span_ms, form)
    judged = check_rows(raw, span_ms=series.span_ms, now_ms=stores.clock.market_now())
    unreadable = unreadable_cells(judged.bad, files, base, form)
    if judged.good.is_empty():
        reasons_text = _format_reasons(judged.reasons)
        if unreadable:
            raise DataError(
                "no_row_valid_bar",
                "{series}: no row is a valid bar ({reasons_text}); nothing was stored; {unreadable}",
                series=series,
                reasons_text=reasons_text,
                unreadable=unreadable[0],
            )
        raise DataError(
            "no_row_valid_bar_nothing",
            "{series}: no row is a valid bar ({reasons_text}); nothing was stored",
            series=series,
            reasons_text=reasons_text,
        )
    upsert = stores.bars.upsert(series, judged.good, dry_run=dry_run, before=partial(receipt.keep, series))
    quarantined = _quarantine_rows(judged, files, upsert.replaced)
    quarantine_file = (
        stores.quarantine.keep(series, quarantined) if len(quarantined) and not dry_run else None
    )
    return SeriesImport(
        series=series,
        files=tuple(map(str, files)),
        rows=len(raw),
        added=upsert.added,
        revised=upsert.revised,
        same=upsert.same,
        duplicates=judged.duplicates,
        quarantined=len(judged.bad),
        reasons=judged.reasons,
        was_unsorted=judged.was_unsorted,
        findings=find_issues(judged.good, series.span_ms),
        quarantine_file=quarantine_file,
        files_written=() if dry_run else upsert.files,
        refused=unreadable,
        notes=file_notes(files, base, form, judged.good),
    )


def _format_reasons(reasons: dict[str, int]) -> str:
    return ", ".join(f"{reason}: {count}" for reason, count in reasons.items())


def _quarantine_rows(judged: CheckedRows, files: Sequence[Path], replaced: pl.DataFrame) -> pl.DataFrame:
    names = pl.Series("source", [str(file) for file in files], dtype=pl.String)
    bad = judged.bad.with_columns(
        source=names.gather(judged.bad["file"].cast(pl.UInt32)),
        timestamp=pl.col("timestamp").cast(TIME_TYPE),
    )
    former = replaced.with_columns(
        reason=pl.lit("stored before with these values; a later import gave others"),
        source=pl.lit("the store"),
        row=pl.lit(None, pl.UInt32),
        line=pl.lit(None, pl.String),
    )
    return pl.concat([bad.select(QUARANTINE_COLUMNS), former.select(QUARANTINE_COLUMNS)])


def infer_timeframe(times: pl.Series) -> str:
    """Tell the timeframe from the median spacing of epoch milliseconds.

    Raises
    ------
    DataError
        If the median spacing is no timeframe.
    """
    steps = times.drop_nulls().sort().diff().drop_nulls()
    steps = steps.filter(steps > 0)
    median = steps.median()
    if median is None:
        raise DataError(
            "timeframe_cannot_detected_one_time",
            "the timeframe cannot be detected from one time; name the file such as BTCUSDT-1d.csv, or "
            "pass --timeframe to `vigie data import`",
        )
    span = int(median) if isinstance(median, int | float) else 0
    if span not in TIMEFRAME_MS.values():
        known = " ".join(TIMEFRAME_MS)
        raise DataError(
            "timeframe_must",
            "timeframe must be one of {known}; the rows are {span:g} minutes apart; pass --timeframe",
            known=known,
            span=span / 60_000,
        )
    return timeframe_name(span)


def check_spacing(times: pl.Series, timeframe: str) -> None:
    """Refuse rows that lie closer together than their timeframe says, or all as far apart as bars of another.

    Raises
    ------
    DataError
        If half of the rows or more follow the one before sooner than a bar lasts, or if many follow one another
        by whole bars of a coarser timeframe only: days under the name of hours are no hours with gaps.
    """
    steps = times.drop_nulls().sort().diff().drop_nulls()
    steps = steps.filter(steps > 0)
    median = steps.median()
    if isinstance(median, int | float) and median < timeframe_ms(timeframe):
        raise DataError(
            "rows_minutes_apart",
            "the rows are {median:g} minutes apart, but the timeframe given is {timeframe}; "
            "rename the file or pass the right --timeframe",
            median=median / 60_000,
            timeframe=timeframe,
        )
    step = int(np.gcd.reduce(steps.to_numpy())) if len(steps) >= _MANY else 0
    coarser = [name for name, span in TIMEFRAME_MS.items() if span > timeframe_ms(timeframe)]
    matching = [name for name in coarser if step and step % timeframe_ms(name) == 0]
    if matching:
        raise DataError(
            "timeframe_given",
            "the timeframe given is {timeframe}, but the rows are at least {matching} apart; rename "
            "the file or pass the right --timeframe",
            timeframe=timeframe,
            matching=matching[-1],
        )


def read_file(
    path: Path,
    *,
    venue: str = "",
    symbol: str = "",
    timeframe: str = "",
    form: FileForm = SILENT,
    now_ms: int,
) -> tuple[SeriesId, pl.DataFrame]:
    """Read a file of bars without storing it, refusing it whole if any row is not a bar.

    Parameters
    ----------
    path : Path
        Any format that can be imported.
    venue, symbol, timeframe : str
        What it holds, where its name does not say it; the venue may stay empty.
    form : FileForm
        How it is written, as far as that is said.
    now_ms : int
        The market's time; an unfinished last bar is left out.

    Returns
    -------
    series : SeriesId
    bars : DataFrame
        Ascending and unique.

    Raises
    ------
    UsageError
        If there is no such file, or its symbol cannot be told.
    DataError
        If a row is not a bar or the times are not ascending.
    """
    if not path.is_file():
        raise UsageError("file_not_found", "file not found: {path}; check the path", path=path)
    file_name = read_name(path, venue=venue, symbol=symbol, timeframe=timeframe, needs_venue=False)
    base = file_name.instrument.split("-")[0]
    raw = read_rows(path, base=base, form=form).with_columns(file=pl.lit(0, pl.UInt16))
    try:
        refuse_unreadable(raw, [path], base, form)
        series = SeriesId(
            file_name.venue, file_name.instrument, file_name.timeframe or infer_timeframe(raw["timestamp"])
        )
        check_spacing(raw["timestamp"], series.timeframe)
        judged = check_rows(to_open_times(raw, series.span_ms, form), span_ms=series.span_ms, now_ms=now_ms)
        refuse_defects(judged, unreadable_cells(judged.bad, [path], base, form))
    except DataError as error:
        raise DataError("about", "{subject}: {reason}", subject=path, reason=error) from error
    return series, judged.good
