"""Which bars of an asset are shown: of which instrument, how long, how fine, and how many of them.

Takes a house and an asset; gives closed bars, the same ones for the same instant.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np

from vigie.data.history import load
from vigie.domain.asset import Asset
from vigie.domain.bar import Bars
from vigie.domain.errors import UsageError
from vigie.domain.ids import SeriesId
from vigie.domain.time import DAY_MS, HOUR_MS, TIMEFRAME_MS, WEEK_MS
from vigie.services.house import House
from vigie.services.measuring.euros import Money, rates_of
from vigie.services.measuring.gauge import closed

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
WARM_UP: Final = 1_000
# The epoch was a Thursday; weeks begin on the Monday after.
_MONDAY_MS: Final = 4 * DAY_MS
MOST_FINE: Final = 60_000


@dataclass(frozen=True, slots=True)
class History:
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


def places_of(house: House, asset: Asset) -> list[str]:
    """Return every instrument of an asset that bars are stored of, perpetuals first."""
    return [f"{venue}:{instrument}" for venue, instrument in house.shelf.instruments().get(asset.id, [])]


def history(
    house: House, asset: Asset, *, span: Range, timeframe: Timeframe = "auto", place: str = "",
    as_of: int | None = None, currency: Money = "usd",
) -> History | None:  # fmt: skip
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
    pairs = _pairs(house, asset, place, as_of)
    names = AUTO[span] if timeframe == "auto" else (timeframe,)
    found = [bars for name in names if (bars := _closed_bars(house, pairs, name, span, as_of)) is not None]
    if not found:
        coarse = _closed_bars(house, pairs, "1d", span, as_of) if timeframe == "auto" else None
        return None if coarse is None else _ranged(house, coarse, span, currency, as_of)
    newest = max(_end(bars) for bars in found)
    # A finer history that has stopped gives way to a coarser one that goes on.
    chosen = next(bars for bars in found if newest - _end(bars) <= max(2 * bars.span_ms, 2 * HOUR_MS))
    if len(chosen) >= MOST_FINE and chosen.span_ms < HOUR_MS:
        raise UsageError(
            f"bars must be at most {MOST_FINE} over {span}; take longer ones than {chosen.timeframe}"
        )
    return _ranged(house, chosen, span, currency, as_of)


def merged(bars: Bars, most: int) -> Bars:
    """Return at most about `most` bars: neighbours put together, aligned to the epoch, where there are more."""
    times = math.ceil(len(bars) / most) if len(bars) else 1
    if times <= 1:
        return bars
    groups = bars.ts // (times * bars.span_ms)
    starts = np.flatnonzero(np.diff(groups, prepend=groups[0] - 1))
    ends = np.append(starts[1:], len(bars)) - 1
    return Bars(
        instrument=bars.instrument, span_ms=times * bars.span_ms, ts=bars.ts[starts], open=bars.open[starts],
        high=np.maximum.reduceat(bars.high, starts), low=np.minimum.reduceat(bars.low, starts),
        close=bars.close[ends], volume=np.add.reduceat(bars.volume, starts), venue=bars.venue,
    )  # fmt: skip


def weeks(bars: Bars) -> Bars | None:
    """Return daily bars as weeks that begin on a Monday; None where no week is whole.

    A week whose first days lie before the history is left out, as the one that runs is; days that are missing within
    are passed over.
    """
    groups = (bars.ts - _MONDAY_MS) // WEEK_MS
    opens = groups * WEEK_MS + _MONDAY_MS
    is_whole = (opens >= bars.ts[0]) & (opens + WEEK_MS <= _end(bars)) if len(bars) else np.zeros(0, bool)
    if not is_whole.any():
        return None
    starts = np.flatnonzero(np.diff(groups, prepend=groups[0] - 1) & is_whole)
    ends = np.flatnonzero(np.diff(groups, append=groups[-1] + 1) & is_whole)
    first, stop = int(starts[0]), int(ends[-1]) + 1
    at = starts - first
    return Bars(
        instrument=bars.instrument, span_ms=WEEK_MS, ts=opens[starts], open=bars.open[starts],
        high=np.maximum.reduceat(bars.high[first:stop], at), low=np.minimum.reduceat(bars.low[first:stop], at),
        close=bars.close[ends], volume=np.add.reduceat(bars.volume[first:stop], at), venue=bars.venue,
    )  # fmt: skip


def _pairs(house: House, asset: Asset, place: str, as_of: int | None) -> list[tuple[str, str]]:
    pairs = house.shelf.instruments().get(asset.id, [])
    if place:
        wanted = [pair for pair in pairs if f"{pair[0]}:{pair[1]}" == place]
        if not wanted:
            known = " ".join(places_of(house, asset)) or "none"
            raise UsageError(f"place must be one of {known}, was {place!r}")
        return wanted
    if pairs and as_of is None:
        quoted = house.gauge.readings([asset])[0].place
        pairs = sorted(pairs, key=lambda pair: f"{pair[0]}:{pair[1]}" != quoted)
        return pairs[:1] if f"{pairs[0][0]}:{pairs[0][1]}" == quoted else pairs
    return pairs


def _closed_bars(
    house: House, pairs: list[tuple[str, str]], timeframe: str, over: Range, as_of: int | None
) -> Bars | None:
    if timeframe == "1w":
        days = _closed_bars(house, pairs, "1d", over, as_of)
        return None if days is None else weeks(days)
    span = TIMEFRAME_MS[timeframe]
    is_fine = span < HOUR_MS
    last = min(RANGE_MS.get(over, DAY_MS * MOST_FINE) // span + WARM_UP, MOST_FINE)
    if as_of is None:
        return house.shelf.newest(pairs, timeframe, last=last if is_fine else None)
    if not is_fine:
        then = (closed(house.shelf.newest([pair], timeframe), as_of) for pair in pairs)
        return max((bars for bars in then if bars is not None), key=_end, default=None)
    for venue, instrument in pairs:
        try:
            found = load(
                house.data.bars, SeriesId(venue, instrument, timeframe), start_ms=as_of - last * span,
                end_ms=as_of,
            ).bars  # fmt: skip
        except UsageError:
            continue
        if (known := closed(found, as_of)) is not None:
            return known
    return None


def _ranged(house: House, bars: Bars, span: Range, currency: Money, as_of: int | None) -> History | None:
    end, rates = _end(bars), rates_of(house, currency, as_of)
    told = bars if rates is None else rates.bars(bars)
    if not len(told):
        return None
    # A bar that is longer than the range is shown whole.
    first = 0 if span == "max" else min(int(np.searchsorted(told.ts, end - RANGE_MS[span])), len(told) - 1)
    return History(told, first, "usd" if rates is None else "eur")


def _end(bars: Bars) -> int:
    return int(bars.ts[-1]) + bars.span_ms
