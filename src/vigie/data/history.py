"""Bars out of the store, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from vigie.data.frames import to_bars
from vigie.data.live_history import continued
from vigie.data.resample import resample
from vigie.domain.bar import Bars
from vigie.domain.errors import UsageError
from vigie.domain.ids import SeriesId
from vigie.domain.refusal import Refusal
from vigie.domain.time import TIMEFRAME_MS, timeframe_ms
from vigie.ports.store import BarStore

# Finer bars continue a series if at most this many of them make one of its bars: hours continue days. Minutes do not
# continue hours: they are collected side by side, and each new minute would cause the hours to be read again.
MOST_PARTS: Final = 24


@dataclass(frozen=True, slots=True, eq=False)
class LoadedBars:
    """Bars, and how they came about.

    Attributes
    ----------
    bars : Bars
        Ascending, gaps left as they are.
    native : str
        The stored timeframe they come from; another than asked means they were resampled.
    partial : tuple of int
        Open times of resampled bars that were left out because parts of them are missing.
    """

    bars: Bars
    native: str
    partial: tuple[int, ...] = ()


def load(
    store: BarStore,
    series: SeriesId,
    *,
    start_ms: int | None = None,
    end_ms: int | None = None,
    last: int | None = None,
) -> LoadedBars:
    """Load bars that open in [start_ms, end_ms), or the last ones of them.

    A timeframe that is not stored is resampled from the longest stored one that divides it. Where a stored timeframe
    ends before a finer one does, the rest is resampled from the finer one: imported days continue with collected hours.

    Parameters
    ----------
    store : BarStore
        Where the bars are.
    series : SeriesId
        Venue, instrument and timeframe.
    start_ms, end_ms : int, optional
        Epoch milliseconds.
    last : int, optional
        How many bars at most, the newest.

    Returns
    -------
    LoadedBars

    Raises
    ------
    UsageError
        If nothing is stored there; the message says how to get it.
    """
    if last is not None and last < 1:
        raise UsageError("bad_last", "last must be >= 1, was {last}", last=last)
    frame = store.read(series, start_ms=start_ms, end_ms=end_ms, last=last)
    if len(frame):
        whole = _continued(store, series, frame, end_ms)
        return LoadedBars(to_bars(whole if last is None else whole.tail(last), series), series.timeframe)
    stored = _stored_timeframes(store, series)
    if series.timeframe in stored:
        raise UsageError(
            "no_bars_stored_period",
            "no bars of {series} are stored for that period; `vigie data status` shows what is",
            series=series,
        )
    return _load_resampled(store, series, _source_timeframe(series, stored), (start_ms, end_ms), last)


def refuse_missing(store: BarStore, series: SeriesId) -> None:
    """Refuse a series of which nothing is stored, without reading any bar.

    Parameters
    ----------
    store : BarStore
        Where the bars are.
    series : SeriesId
        Venue, instrument and timeframe.

    Raises
    ------
    UsageError
        If neither its bars nor finer ones are stored; the message says how to get them.
    """
    stored = _stored_timeframes(store, series)
    if series.timeframe not in stored:
        _source_timeframe(series, stored)


def extending(span_ms: int) -> list[str]:
    """Return the timeframes that may continue a series whose bars have this length, the longest first."""
    return [
        name
        for name, finer_ms in sorted(TIMEFRAME_MS.items(), key=lambda item: -item[1])
        if finer_ms < span_ms and span_ms % finer_ms == 0 and span_ms // finer_ms <= MOST_PARTS
    ]


def _continued(store: BarStore, series: SeriesId, frame: pl.DataFrame, end_ms: int | None) -> pl.DataFrame:
    """Return stored bars, of which there are some, followed by those that finer series add up to."""
    reached = int(frame["timestamp"].to_physical()[-1]) + series.span_ms
    finer = [SeriesId(series.venue, series.instrument, name) for name in extending(series.span_ms)]
    return continued(store, series, frame, finer, reached=reached, end_ms=end_ms)


def _stored_timeframes(store: BarStore, series: SeriesId) -> list[str]:
    holdings = store.holdings(series.venue, series.instrument)
    return sorted((holding.series.timeframe for holding in holdings), key=TIMEFRAME_MS.__getitem__)


def _source_timeframe(series: SeriesId, stored: Sequence[str]) -> str:
    """Return the longest of the stored timeframes that a series can be made of."""
    finer = [name for name in stored if series.span_ms % timeframe_ms(name) == 0]
    if not finer:
        advice = Refusal(
            "get_them",
            "get them with `vigie data fetch {venue} {symbol} --timeframe {timeframe}` "
            "or `vigie data import PATH`",
            venue=series.venue,
            symbol=series.symbol,
            timeframe=series.timeframe,
        )
        if stored:
            raise UsageError(
                "no_bars_of_timeframe",
                "no bars of {series} are stored (stored: {stored}); {advice}",
                series=series,
                stored=" ".join(stored),
                advice=advice,
            )
        raise UsageError(
            "no_bars_of_series", "no bars of {series} are stored; {advice}", series=series, advice=advice
        )
    return finer[-1]


def _load_resampled(
    store: BarStore, series: SeriesId, native: str, span: tuple[int | None, int | None], last: int | None
) -> LoadedBars:
    finer = SeriesId(series.venue, series.instrument, native)
    ratio = series.span_ms // finer.span_ms
    # Two bars more than asked, so that a partial one at either end costs none.
    n_bars = None if last is None else (last + 2) * ratio
    frame = store.read(finer, start_ms=span[0], end_ms=span[1], last=n_bars)
    frame = _continued(store, finer, frame, span[1]) if len(frame) else frame
    resampled = resample(frame, source_ms=finer.span_ms, target_ms=series.span_ms)
    whole = resampled.whole if last is None else resampled.whole.tail(last)
    if whole.is_empty():
        raise UsageError(
            "stored_bars_do_not_make",
            "the stored {native} bars of {series} do not make one whole {timeframe} bar",
            native=native,
            series=series,
            timeframe=series.timeframe,
        )
    first = whole["timestamp"].to_physical()[0]
    partial = resampled.partial.filter(pl.col("timestamp").to_physical() >= first)
    return LoadedBars(to_bars(whole, series), native, tuple(partial["timestamp"].to_physical()))
