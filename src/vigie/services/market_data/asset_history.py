"""Which bars of an asset are shown: of which instrument, how long, how fine, and how many of them.

Takes a house and an asset; gives closed bars, the same ones for the same instant.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np

from vigie.data.bar_reader import BarReader
from vigie.data.catalog import BarCatalog
from vigie.data.history import load
from vigie.data.stores import DataStores
from vigie.domain.asset import Asset
from vigie.domain.bar import Bars
from vigie.domain.errors import UsageError
from vigie.domain.ids import SeriesId
from vigie.domain.refusal import listed
from vigie.domain.time import DAY_MS, HOUR_MS, TIMEFRAME_MS, WEEK_MS
from vigie.ports.facts import FactStore
from vigie.services.caches.asset_metrics import AssetMetricsCache, closed_bars
from vigie.services.market_data.euros import Money, read_rates

Range = Literal["24h", "1w", "1m", "1y", "max"]
Timeframe = Literal["auto", "1m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "12h", "1d", "1w"]
RANGES: Final = get_args(Range)
TIMEFRAMES: Final = get_args(Timeframe)
RANGE_MS: Final[dict[str, int]] = {"24h": DAY_MS, "1w": 7 * DAY_MS, "1m": 30 * DAY_MS, "1y": 365 * DAY_MS}
# The timeframes a range is shown with, the finest first; the first of which there are bars is taken.
AUTO: Final[dict[str, tuple[str, ...]]] = {
    "24h": ("5m", "15m", "30m", "1h"),
    "1w": ("1h", "2h", "4h"),
    "1m": ("4h", "6h", "12h", "1d"),
    "1y": ("1d",),
    "max": ("1d",),
}
# Of bars shorter than an hour those of the range are read and so many before them, at most so many in all.
WARMUP_BARS: Final = 1_000
# The epoch was a Thursday; weeks begin on the Monday after.
_MONDAY_MS: Final = 4 * DAY_MS
MAX_FINE_BARS: Final = 60_000


@dataclass(frozen=True, slots=True)
class HistorySources:
    """What the history of an asset is read from."""

    catalog: BarCatalog
    data: DataStores
    bar_reader: BarReader
    asset_metrics: AssetMetricsCache
    facts: FactStore


@dataclass(frozen=True, slots=True)
class AssetHistory:
    """Closed bars of one asset.

    Attributes
    ----------
    bars : Bars
        From the earliest on, so that means of the first bars shown are known too.
    first : int
        Index of the first bar of the range.
    unit : str
        What its prices are in, ``usd`` or ``eur``.
    """

    bars: Bars
    first: int
    unit: Money = "usd"

    @property
    def place(self) -> str:
        """The instrument in full."""
        return f"{self.bars.venue}:{self.bars.instrument}"

    @property
    def shown(self) -> Bars:
        """The bars of the range."""
        return self.bars.slice(self.first, len(self.bars))


def instruments_with_bars(bar_reader: BarReader, asset: Asset) -> list[str]:
    """Return every instrument of an asset that bars are stored of, perpetuals first."""
    return [f"{venue}:{instrument}" for venue, instrument in bar_reader.instruments().get(asset.id, [])]


def read_history(
    sources: HistorySources, asset: Asset, *, span: Range, timeframe: Timeframe = "auto", place: str = "",
    as_of: int | None = None, currency: Money = "usd",
) -> AssetHistory | None:  # fmt: skip
    """Return the bars of an asset over a range that ends with the newest bar known; None where there are none.

    Parameters
    ----------
    span : str
        One of `RANGES`.
    timeframe : str
        ``auto`` takes what suits the range; ``1w`` is made of days, from Monday to Sunday.
    place : str, optional
        ``binance-perp:btc-usdt-perp``; else the instrument the price comes from.
    as_of : int, optional
        Only bars that were closed then.
    currency : str
        ``eur`` for prices in euros, each by the rate of its own time; dollars where no rate is known.

    Raises
    ------
    UsageError
        If there are no bars of such a place, or too many of such a length.
    """
    pairs = _instruments_of(sources.bar_reader, sources.asset_metrics, asset, place, as_of)
    names = AUTO[span] if timeframe == "auto" else (timeframe,)
    candidates = [
        bars
        for name in names
        if (bars := _read_closed_bars(sources.data, sources.bar_reader, pairs, name, span, as_of)) is not None
    ]
    if not candidates:
        daily = (
            _read_closed_bars(sources.data, sources.bar_reader, pairs, "1d", span, as_of)
            if timeframe == "auto"
            else None
        )
        return None if daily is None else _history_of_range(sources.facts, daily, span, currency, as_of)
    newest = max(_bars_end(bars) for bars in candidates)
    # A finer history that has stopped gives way to a coarser one that goes on.
    best = next(bars for bars in candidates if newest - _bars_end(bars) <= max(2 * bars.span_ms, 2 * HOUR_MS))
    if len(best) >= MAX_FINE_BARS and best.span_ms < HOUR_MS:
        raise UsageError(
            "too_many_bars",
            "too many bars: at most {max_fine_bars} over {span}; choose a longer timeframe than {timeframe}",
            max_fine_bars=MAX_FINE_BARS,
            span=span,
            timeframe=best.timeframe,
        )
    return _history_of_range(sources.facts, best, span, currency, as_of)


def merge_bars(bars: Bars, max_bars: int) -> Bars:
    """Return at most about `max_bars` bars: neighbours put together, aligned to the epoch, where there are more."""
    n_merged = math.ceil(len(bars) / max_bars) if len(bars) else 1
    if n_merged <= 1:
        return bars
    groups = bars.ts // (n_merged * bars.span_ms)
    starts = np.flatnonzero(np.diff(groups, prepend=groups[0] - 1))
    ends = np.append(starts[1:], len(bars)) - 1
    return Bars(
        instrument=bars.instrument, span_ms=n_merged * bars.span_ms, ts=bars.ts[starts], open=bars.open[starts],
        high=np.maximum.reduceat(bars.high, starts), low=np.minimum.reduceat(bars.low, starts),
        close=bars.close[ends], volume=np.add.reduceat(bars.volume, starts), venue=bars.venue,
    )  # fmt: skip


def weekly_bars(bars: Bars) -> Bars | None:
    """Return daily bars as weeks that begin on a Monday; None where no week is whole.

    A week whose first days lie before the history is left out, as the one that runs is; days that are missing within
    are passed over.
    """
    groups = (bars.ts - _MONDAY_MS) // WEEK_MS
    opens = groups * WEEK_MS + _MONDAY_MS
    is_whole = (
        (opens >= bars.ts[0]) & (opens + WEEK_MS <= _bars_end(bars)) if len(bars) else np.zeros(0, bool)
    )
    if not is_whole.any():
        return None
    starts = np.flatnonzero(np.diff(groups, prepend=groups[0] - 1) & is_whole)
    ends = np.flatnonzero(np.diff(groups, append=groups[-1] + 1) & is_whole)
    first, stop = int(starts[0]), int(ends[-1]) + 1
    group_starts = starts - first
    return Bars(
        instrument=bars.instrument, span_ms=WEEK_MS, ts=opens[starts], open=bars.open[starts],
        high=np.maximum.reduceat(bars.high[first:stop], group_starts),
        low=np.minimum.reduceat(bars.low[first:stop], group_starts),
        close=bars.close[ends], volume=np.add.reduceat(bars.volume[first:stop], group_starts), venue=bars.venue,
    )  # fmt: skip


def _instruments_of(
    bar_reader: BarReader, asset_metrics: AssetMetricsCache, asset: Asset, place: str, as_of: int | None
) -> list[tuple[str, str]]:
    pairs = bar_reader.instruments().get(asset.id, [])
    if place:
        matching = [pair for pair in pairs if f"{pair[0]}:{pair[1]}" == place]
        if not matching:
            known_places = listed(instruments_with_bars(bar_reader, asset))
            raise UsageError(
                "unknown_place",
                "place must be one of {known_places}, was {place!r}",
                known_places=known_places,
                place=place,
            )
        return matching
    if pairs and as_of is None:
        quoted_place = asset_metrics.readings([asset])[0].place
        pairs = sorted(pairs, key=lambda pair: f"{pair[0]}:{pair[1]}" != quoted_place)
        return pairs[:1] if f"{pairs[0][0]}:{pairs[0][1]}" == quoted_place else pairs
    return pairs


def _read_closed_bars(
    data: DataStores,
    bar_reader: BarReader,
    pairs: list[tuple[str, str]],
    timeframe: str,
    range_name: Range,
    as_of: int | None,
) -> Bars | None:
    if timeframe == "1w":
        days = _read_closed_bars(data, bar_reader, pairs, "1d", range_name, as_of)
        return None if days is None else weekly_bars(days)
    span = TIMEFRAME_MS[timeframe]
    is_fine = span < HOUR_MS
    last = min(RANGE_MS.get(range_name, DAY_MS * MAX_FINE_BARS) // span + WARMUP_BARS, MAX_FINE_BARS)
    if as_of is None:
        return bar_reader.newest(pairs, timeframe, last=last if is_fine else None)
    if not is_fine:
        past_bars = (closed_bars(bar_reader.newest([pair], timeframe), as_of) for pair in pairs)
        return max((bars for bars in past_bars if bars is not None), key=_bars_end, default=None)
    for venue, instrument in pairs:
        try:
            loaded = load(
                data.bars, SeriesId(venue, instrument, timeframe), start_ms=as_of - last * span,
                end_ms=as_of,
            ).bars  # fmt: skip
        except UsageError:
            continue
        if (closed_part := closed_bars(loaded, as_of)) is not None:
            return closed_part
    return None


def _history_of_range(
    facts: FactStore, bars: Bars, span: Range, currency: Money, as_of: int | None
) -> AssetHistory | None:
    end, rates = _bars_end(bars), read_rates(facts, currency, as_of)
    bars_shown = bars if rates is None else rates.convert_bars(bars)
    if not len(bars_shown):
        return None
    # A bar that is longer than the range is shown whole.
    first = (
        0
        if span == "max"
        else min(int(np.searchsorted(bars_shown.ts, end - RANGE_MS[span])), len(bars_shown) - 1)
    )
    return AssetHistory(bars_shown, first, "usd" if rates is None else "eur")


def _bars_end(bars: Bars) -> int:
    return int(bars.ts[-1]) + bars.span_ms
