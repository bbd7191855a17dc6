"""What a person or agent may ask of bars: import, fetch, check, export; instruments' rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from vigie.data import agreement, check, collector, export, history, importer, undoing
from vigie.data.agreement import SeriesAgreement
from vigie.data.check import SeriesCheck
from vigie.data.collector import FetchProgress, FetchReport
from vigie.data.importer import ImportReport, Progress
from vigie.data.instruments import refresh, versions
from vigie.data.instruments.refresh import RulesRefresh
from vigie.data.instruments.table import ListedInstrument, resolve_instrument, shipped_instruments
from vigie.data.intake.form import SILENT, FileForm
from vigie.data.quality import BarFindings
from vigie.data.stores import DataStores
from vigie.data.undoing import ImportUndo
from vigie.domain.errors import ConnectorError, StorageError, TransientError, UsageError
from vigie.domain.ids import SeriesId, parse_venue
from vigie.domain.time import timeframe_ms
from vigie.ports.store import BarStore
from vigie.services.stored_series import select_series


@dataclass(frozen=True, slots=True)
class FetchFailure:
    """A series that could not be fetched, and whether the same command may help later."""

    series: SeriesId
    message: str
    is_worth_retrying: bool


@dataclass(frozen=True, slots=True)
class FetchResult:
    """Everything a fetch did."""

    series: tuple[FetchReport, ...]
    failures: tuple[FetchFailure, ...]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Everything a check found."""

    series: tuple[SeriesCheck, ...]
    agreements: tuple[SeriesAgreement, ...]

    @property
    def is_sound(self) -> bool:
        """Whether all stored rows are bars, once and in order."""
        return all(series_check.is_sound for series_check in self.series)

    @property
    def has_findings(self) -> bool:
        """Whether anything is worth a look: gaps, jumps, empty bars, timeframes that disagree."""
        return any(item.differing for item in self.agreements) or any(
            item.findings != BarFindings() for item in self.series
        )


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file that was written."""

    series: SeriesId
    path: str
    bars: int


def import_bars(
    data_stores: DataStores,
    paths: Sequence[Path],
    *,
    venue: str = "",
    symbol: str = "",
    timeframe: str = "",
    form: FileForm = SILENT,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Store the bars of files and folders; see `vigie.data.importer.import_files`."""
    return importer.import_files(
        data_stores, paths, venue=venue, symbol=symbol, timeframe=timeframe, form=form, dry_run=dry_run,
        progress=progress,
    )  # fmt: skip


def undo_import(data_stores: DataStores, receipt: str = "", *, dry_run: bool = False) -> ImportUndo:
    """Take back what an import changed; see `vigie.data.undoing.undo_import`."""
    return undoing.undo_import(data_stores, receipt, dry_run=dry_run)


def fetch_bars(
    data_stores: DataStores,
    venue: str,
    symbols: Sequence[str],
    *,
    timeframe: str = "1h",
    since_ms: int | None = None,
    until_ms: int | None = None,
    report_progress: FetchProgress | None = None,
) -> FetchResult:
    """Fetch what is missing of the public history of some instruments.

    Parameters
    ----------
    data_stores : DataStores
        Stores, clock, venues.
    venue : str
        ``bitget-perp``.
    symbols : sequence of str
        ``BTC``, ``BTCUSDT`` or ``btc-usdt-perp``.
    timeframe : str
        ``1h``.
    since_ms, until_ms : int, optional
        By default the newest 1,500 bars.
    report_progress : callable, optional
        Told the bars done, of all, and the series.

    Returns
    -------
    FetchResult
        A venue that fails ends the fetch; what was stored before stays and the next fetch goes on from there.
    """
    timeframe_ms(timeframe)
    feed = data_stores.feed(parse_venue(venue))
    reports: list[FetchReport] = []
    failures: list[FetchFailure] = []
    for symbol in symbols:
        series = SeriesId(venue, str(resolve_instrument(venue, symbol)), timeframe)
        try:
            report = collector.fetch_series(
                data_stores, feed, series, since_ms=since_ms, until_ms=until_ms, progress=report_progress
            )
            reports.append(report)
        except UsageError as error:
            failures.append(FetchFailure(series, str(error), is_worth_retrying=False))
        except (TransientError, ConnectorError) as error:
            failures.append(FetchFailure(series, str(error), isinstance(error, TransientError)))
            break
    return FetchResult(tuple(reports), tuple(failures))


def check_bars(
    data_stores: DataStores,
    *,
    venue: str = "",
    symbols: Sequence[str] = (),
    timeframe: str = "",
    report_progress: FetchProgress | None = None,
) -> CheckResult:
    """Judge stored bars again, and compare the timeframes of each instrument with one another.

    Parameters
    ----------
    data_stores : DataStores
        Stores and clock.
    venue, symbols, timeframe
        Which series; all by default. With a timeframe nothing is compared.
    report_progress : callable, optional
        Told the steps done, of all, and the series.

    Returns
    -------
    CheckResult
    """
    now = data_stores.clock.market_now()
    series = [
        item.series
        for item in select_series(data_stores.bars, venue=venue, symbols=symbols, timeframe=timeframe)
    ]
    pairs = list(agreement.comparable_pairs(series))
    total = len(series) + len(pairs)
    checks = []
    for number, item in enumerate(series):
        if report_progress:
            report_progress(number, total, str(item))
        checks.append(_check_series(data_stores.bars, item, now))
    readable = {item.series for item in checks if not item.problem}
    agreements = []
    for number, (native, finer) in enumerate(pairs, start=len(series)):
        if report_progress:
            report_progress(number, total, f"{native} against {finer.timeframe}")
        if {native, finer} <= readable:
            agreements.append(agreement.compare_series(data_stores.bars, native, finer))
    return CheckResult(tuple(checks), tuple(agreements))


def _check_series(store: BarStore, series: SeriesId, now_ms: int) -> SeriesCheck:
    try:
        return check.check_series(store, series, now_ms=now_ms)
    except StorageError as error:
        return SeriesCheck(series, 0, {}, 0, False, BarFindings(), problem=str(error))


def export_bars(
    data_stores: DataStores,
    folder: Path,
    *,
    venue: str = "",
    symbols: Sequence[str] = (),
    timeframe: str = "",
    form: str = "csv",
    start_ms: int | None = None,
    end_ms: int | None = None,
) -> list[ExportedFile]:
    """Write stored bars as files, ``BTCUSDT_1d.csv``; a timeframe that is not stored is resampled.

    Parameters
    ----------
    data_stores : DataStores
        Stores.
    folder : Path
        Where the files go; below it a folder a venue where there are several.
    venue, symbols, timeframe
        Which series; all by default.
    form : str
        ``csv`` or ``parquet``.
    start_ms, end_ms : int, optional
        Open times in [start_ms, end_ms).

    Returns
    -------
    list of ExportedFile
    """
    export.check_format(form)
    series = [series_id.series for series_id in select_series(data_stores.bars, venue=venue, symbols=symbols)]
    if timeframe:
        timeframe_ms(timeframe)
        series = sorted({SeriesId(series_id.venue, series_id.instrument, timeframe) for series_id in series})
    several = len({series_id.venue for series_id in series}) > 1
    written = []
    for series_id in series:
        bars = history.load(data_stores.bars, series_id, start_ms=start_ms, end_ms=end_ms).bars
        path = (folder / series_id.venue if several else folder) / export.file_name(bars, form)
        data_stores.write(path, export.encode_bars(bars, form))
        written.append(ExportedFile(series_id, str(path), len(bars)))
    return written


def list_instruments(
    data_stores: DataStores, *, venue: str = "", symbols: Sequence[str] = ()
) -> list[ListedInstrument]:
    """Return the newest known rules of every instrument in the table.

    Lines with `is_display` are shown and not traded.
    """
    if venue:
        parse_venue(venue)
    listed = []
    for line in shipped_instruments():
        instrument = line.instrument
        names = {str(resolve_instrument(instrument.venue, symbol)) for symbol in symbols}
        if (venue and instrument.venue != venue) or (symbols and instrument.name not in names):
            continue
        known_versions = versions.find_versions(data_stores.instruments, instrument.venue, instrument.name)
        newest = versions.apply_stated(known_versions, data_stores.stated, instrument.venue, instrument.name)[
            -1
        ]
        fees: dict[str, Any] = versions.stated_fees(data_stores.stated, instrument.venue, instrument.name)
        newest = replace(newest, **fees)
        listed.append(ListedInstrument(newest, line.is_display))
    if not listed:
        asked = " ".join([venue, *symbols]).strip()
        raise UsageError(
            "no_instrument_matches",
            "no instrument matches {asked!r}; `vigie data instruments` lists all",
            asked=asked,
        )
    return listed


def refresh_instruments(data_stores: DataStores, venue: str) -> RulesRefresh:
    """Ask a venue for its rules and keep what changed; see `vigie.data.instruments.refresh.refresh_rules`."""
    return refresh.refresh_rules(data_stores, parse_venue(venue))
