"""Prices of an asset before and after an instant: the close of the last bar that had ended by then."""

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
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.ports.clock import Clock

# Minutes before and after; the instant itself is 0.
OFFSETS_MIN: Final = (-1440, -60, 0, 60, 1440)
# The finest that is stored is taken.
_TIMEFRAMES: Final = ("5m", "1h", "1d")
# A close that is older than so many bars is no price of an instant.
_STALE_BARS: Final = 3


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
