"""What moved in a span, and the price before and after an instant.

Takes a house, an asset and a span; gives only bars that had closed and settlements that had been by its end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from vigie.data.bar_reader import BarReader
from vigie.data.history import load
from vigie.data.stores import DataStores
from vigie.domain.bar import Bars
from vigie.domain.errors import UsageError
from vigie.domain.ids import SeriesId
from vigie.domain.time import DAY_MS, HOUR_MS, timeframe_ms
from vigie.ports.clock import Clock
from vigie.services.market_data.perpetuals import PerpetualSources, list_perpetuals, settled_rates_8h
from vigie.services.market_data.series import values_of

_LARGEST: Final = 5
# A span of so many days is looked at in bars of such a length; where there are none, in longer ones.
_STEPS: Final = ((2, "5m"), (60, "1h"), (None, "1d"))
# Before a span: settlements are made comparable by the one before.
_BEFORE_MS: Final = 2 * DAY_MS
# Minutes before and after; the instant itself is 0.
OFFSETS_MIN: Final = (-1440, -60, 0, 60, 1440)
# The finest that is stored is taken.
_TIMEFRAMES: Final = ("5m", "1h", "1d")
# A close that is older than so many bars is no price of an instant.
_STALE_BARS: Final = 3


@dataclass(frozen=True, slots=True)
class PriceMove:
    """The price over one bar, or over the whole span.

    Attributes
    ----------
    ts : int
        When it was known: the close of the bar, or of the last one.
    change : float
        Fraction, close to close.
    timeframe : str
        Of the bar; empty for the whole span.
    ts_start : int or None
        From which close on the whole span is told; None for a bar.
    """

    ts: int
    change: float
    place: str
    timeframe: str
    ts_start: int | None = None


@dataclass(frozen=True, slots=True)
class FundingExtreme:
    """The highest or lowest settlement of a perpetual in a span, as a rate for 8 hours."""

    ts: int
    per_8h: float
    place: str
    what: str


def price_moves(
    data: DataStores, bar_reader: BarReader, asset: str, *, start_ms: int, end_ms: int
) -> list[PriceMove]:
    """Return the change over a span and its largest bars, as known at its end; nothing where no bars are stored."""
    for venue, instrument in bar_reader.instruments().get(asset, []):
        for timeframe in _timeframes(end_ms - start_ms):
            try:
                bars = load(
                    data.bars, SeriesId(venue, instrument, timeframe),
                    start_ms=start_ms - 2 * timeframe_ms(timeframe), end_ms=end_ms,
                ).bars  # fmt: skip
            except UsageError:
                continue
            if bar_moves := _moves_of_bars(bars, f"{venue}:{instrument}", timeframe, start_ms, end_ms):
                return bar_moves
    return []


def _timeframes(span_ms: int) -> list[str]:
    return [name for days, name in _STEPS if days is None or span_ms <= days * DAY_MS]


def _moves_of_bars(bars: Bars, place: str, timeframe: str, start_ms: int, end_ms: int) -> list[PriceMove]:
    closes = bars.ts + bars.span_ms
    # The last close before the span is what it begins from.
    first = max(0, int(np.searchsorted(closes, start_ms, side="right")) - 1)
    stop = int(np.searchsorted(closes, end_ms, side="right"))
    if stop - first < 2:
        return []
    price, ts = bars.close[first:stop], closes[first:stop]
    changes = price[1:] / price[:-1] - 1.0
    largest = np.argsort(-np.abs(changes), kind="stable")[:_LARGEST]
    span_move = PriceMove(int(ts[-1]), float(price[-1] / price[0] - 1.0), place, "", int(ts[0]))
    return [
        span_move,
        *(
            PriceMove(int(ts[index + 1]), float(changes[index]), place, timeframe)
            for index in largest.tolist()
            if changes[index]
        ),
    ]  # fmt: skip


def funding_extremes(
    sources: PerpetualSources, asset: str, *, start_ms: int, end_ms: int
) -> list[FundingExtreme]:
    """Return the highest and the lowest settlement of every perpetual of an asset in a span."""
    places = list_perpetuals(sources, asset, end_ms)
    names = {perpetual.place: perpetual.series("funding_fraction") for perpetual in places}
    values_by_series = values_of(
        sources.facts, list(names.values()), start_ms=start_ms - _BEFORE_MS, as_of=end_ms
    )
    extremes = []
    for place, name in names.items():
        values = values_by_series[name]
        in_span = np.flatnonzero((values.ts >= start_ms) & (values.ts < end_ms))
        if not len(in_span):
            continue
        rates = settled_rates_8h(values)
        high, low = (int(in_span[index]) for index in (rates[in_span].argmax(), rates[in_span].argmin()))
        ends = [(high, "highest"), (low, "lowest")] if rates[high] != rates[low] else [(high, "highest")]
        extremes += [
            FundingExtreme(int(values.ts[index]), float(rates[index]), place, what) for index, what in ends
        ]
    return extremes


@dataclass(frozen=True, slots=True)
class PriceAround:
    """One asset.

    Attributes
    ----------
    place, timeframe : str
        Whose bars.
    prices : dict of int to float or None
        By minutes before or after; None where nothing is known, or where it lies ahead.
    """

    asset: str
    place: str
    timeframe: str
    prices: dict[int, float | None]

    def change(self, minutes: int) -> float | None:
        """Return the change from before the instant to it, or from it to after, as a fraction."""
        price_then, other_price = self.prices.get(0), self.prices.get(minutes)
        if price_then is None or other_price is None:
            return None
        return price_then / other_price - 1.0 if minutes < 0 else other_price / price_then - 1.0


def prices_around(
    data: DataStores, bar_reader: BarReader, clock: Clock, asset: str, ts: int
) -> PriceAround | None:
    """Return the prices of an asset around an instant; None where no bars of it are stored."""
    now = clock.market_now()
    for venue, instrument in bar_reader.instruments().get(asset, []):
        for timeframe in _TIMEFRAMES:
            try:
                bars = load(
                    data.bars, SeriesId(venue, instrument, timeframe),
                    start_ms=ts - DAY_MS - _STALE_BARS * DAY_MS, end_ms=min(ts + DAY_MS + HOUR_MS, now),
                ).bars  # fmt: skip
            except UsageError:
                continue
            prices = {minutes: _close_at(bars, ts + minutes * 60_000, now) for minutes in OFFSETS_MIN}
            if any(price is not None for price in prices.values()):
                return PriceAround(asset, f"{venue}:{instrument}", timeframe, prices)
    return None


def _close_at(bars: Bars, ts: int, now: int) -> float | None:
    if ts > now:
        return None
    index = int(np.searchsorted(bars.ts + bars.span_ms, ts, side="right")) - 1
    if index < 0 or ts - (int(bars.ts[index]) + bars.span_ms) > _STALE_BARS * bars.span_ms:
        return None
    return float(bars.close[index])
