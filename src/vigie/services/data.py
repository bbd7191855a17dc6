"""What a person or agent may ask of bars: import, load, read, and the rules of instruments."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from vigie.data import funding as funding_files
from vigie.data import history, importer
from vigie.data.desk import DataDesk
from vigie.data.frames import to_bars
from vigie.data.funding import Funding
from vigie.data.importer import ImportReport, Progress
from vigie.data.instruments import table, versions
from vigie.data.instruments.table import resolve
from vigie.domain.bar import Bars
from vigie.domain.ids import SeriesId, parse_venue
from vigie.domain.instrument import Instrument
from vigie.domain.time import timeframe_ms
from vigie.ports.store import BarStore


def import_bars(
    desk: DataDesk,
    paths: Sequence[Path],
    *,
    venue: str = "",
    symbol: str = "",
    timeframe: str = "",
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Store the bars of files and folders; see `vigie.data.importer.import_files`."""
    return importer.import_files(
        desk, paths, venue=venue, symbol=symbol, timeframe=timeframe, dry_run=dry_run, progress=progress
    )


def load_bars(
    store: BarStore,
    venue: str,
    instrument: str,
    timeframe: str,
    *,
    start_ms: int | None = None,
    end_ms: int | None = None,
    last: int | None = None,
) -> Bars:
    """Load stored bars that open in [start_ms, end_ms), or the last ones of them.

    Parameters
    ----------
    store : BarStore
        `DataDesk.bars`.
    venue : str
        ``binance-perp``.
    instrument : str
        ``btc-usdt-perp``, ``BTCUSDT`` or ``BTC``.
    timeframe : str
        ``1h``; resampled from a shorter stored one where it is not stored itself.
    start_ms, end_ms : int, optional
        Epoch milliseconds.
    last : int, optional
        The newest so many; only the files they lie in are read.

    Returns
    -------
    Bars

    Raises
    ------
    UsageError
        If nothing is stored there; the message says how to get it.
    """
    timeframe_ms(timeframe)
    series = SeriesId(parse_venue(venue), str(resolve(venue, instrument)), timeframe)
    return history.load(store, series, start_ms=start_ms, end_ms=end_ms, last=last).bars


def read_bars(path: Path, *, venue: str = "", symbol: str = "", timeframe: str = "", now_ms: int) -> Bars:
    """Read a file of bars without storing it; a row that is no bar refuses the file.

    Parameters
    ----------
    path : Path
        Any format that can be imported.
    venue, symbol, timeframe : str
        What it holds, where its name and folder do not say it.
    now_ms : int
        The market's time; an unfinished last bar is left out.

    Returns
    -------
    Bars
    """
    series, frame = importer.read_file(path, venue=venue, symbol=symbol, timeframe=timeframe, now_ms=now_ms)
    return to_bars(frame, series)


def read_instruments(path: Path, *, venue: str = "") -> dict[str, Instrument]:
    """Read rules from a CSV by instrument name; see `vigie.data.instruments.table.read_instruments`.

    Fees that the file does not state are the defaults; a run's own settings decide them.
    """
    return table.read_instruments(path, venue=venue)


def find_instrument(desk: DataDesk, venue: str, instrument: str) -> list[Instrument]:
    """Return the known versions of an instrument's rules, ascending in `valid_from`; empty where none are."""
    return versions.find_versions(desk.instruments, parse_venue(venue), instrument)


def read_funding(path: Path) -> dict[str, Funding]:
    """Read settlements by instrument; see `vigie.data.funding.read_funding`."""
    return funding_files.read_funding(path)


def read_marks(path: Path, *, symbol: str = "", now_ms: int) -> Bars:
    """Read bars of a mark price; see `vigie.data.funding.read_marks`."""
    return funding_files.read_marks(path, symbol=symbol, now_ms=now_ms)
