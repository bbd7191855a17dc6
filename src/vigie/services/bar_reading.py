"""Bars, rules, settlements and marks as a backtest reads them: from files, and from what is stored.

Nothing that fetches, checks or exports is loaded for it.
"""

from __future__ import annotations

from pathlib import Path

from vigie.data import funding as funding_files
from vigie.data import history, importer
from vigie.data.frames import to_bars
from vigie.data.funding import FundingSettlements
from vigie.data.instruments import table, versions
from vigie.data.instruments.table import resolve_instrument
from vigie.data.intake.form import SILENT, FileForm
from vigie.data.stores import DataStores
from vigie.domain.bar import Bars
from vigie.domain.ids import SeriesId, parse_venue
from vigie.domain.instrument import Instrument
from vigie.domain.time import timeframe_ms
from vigie.ports.store import BarStore


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
        `DataStores.bars`.
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
    series = SeriesId(parse_venue(venue), str(resolve_instrument(venue, instrument)), timeframe)
    return history.load(store, series, start_ms=start_ms, end_ms=end_ms, last=last).bars


def read_bars(
    path: Path,
    *,
    venue: str = "",
    symbol: str = "",
    timeframe: str = "",
    form: FileForm = SILENT,
    now_ms: int,
) -> Bars:
    """Read a file of bars without storing it; a row that is no bar refuses the file.

    Parameters
    ----------
    path : Path
        Any format that can be imported.
    venue, symbol, timeframe : str
        What it holds, where its name and folder do not say it.
    form : FileForm
        How it is written, as far as that is said.
    now_ms : int
        The market's time; an unfinished last bar is left out.

    Returns
    -------
    Bars
    """
    series, frame = importer.read_file(
        path, venue=venue, symbol=symbol, timeframe=timeframe, form=form, now_ms=now_ms
    )
    return to_bars(frame, series)


def read_instruments(path: Path, *, venue: str = "") -> dict[str, Instrument]:
    """Read rules from a CSV by instrument name; see `vigie.data.instruments.table.read_instruments`.

    Fees that the file does not state are the defaults; a run's own settings decide them.
    """
    return table.read_instruments(path, venue=venue)


def find_instrument(data_stores: DataStores, venue: str, instrument: str) -> list[Instrument]:
    """Return the known versions of an instrument's rules, ascending in `valid_from`; empty where none are."""
    return versions.find_versions(data_stores.instruments, parse_venue(venue), instrument)


def read_funding(path: Path) -> dict[str, FundingSettlements]:
    """Read settlements by instrument; see `vigie.data.funding.read_funding`."""
    return funding_files.read_funding(path)


def read_marks(path: Path, *, symbol: str = "", now_ms: int) -> Bars:
    """Read bars of a mark price; see `vigie.data.funding.read_marks`."""
    return funding_files.read_marks(path, symbol=symbol, now_ms=now_ms)
