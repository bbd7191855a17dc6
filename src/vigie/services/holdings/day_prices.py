"""Closes of days and rates of holdings: the one place where they are read.

Takes a coin; gives what one of it cost at the end of each day that has ended, in dollars, and how much was traded.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

import numpy as np

from vigie.data.bar_reader import BarReader
from vigie.domain.bar import Bars, FloatArray, IntArray
from vigie.domain.ids import parse_instrument
from vigie.domain.time import DAY_MS
from vigie.intelligence.holdings.price_table import Close, Rate
from vigie.ports.facts import FactStore
from vigie.services.caches.holding_books import CoinMarket
from vigie.services.market_data.euros import COINGECKO_RATE, ECB_RATE

DOLLAR: Final = "USD"
VOLUME_DAYS: Final = 30
_EPOCH: Final = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True, eq=False)
class DayPrices:
    """What a coin cost on each day.

    Attributes
    ----------
    days : int64 array, shape (n,)
        Days since 1970-01-01 UTC, ascending; each has ended.
    closes : float64 array, shape (n,)
        Dollars for one coin.
    volumes : float64 array, shape (n,)
        Dollars traded on the day.
    place : str
        Where the prices are of.
    origin : Bars
        What they were read from; the same one for the same prices.
    """

    asset: str
    days: IntArray
    closes: FloatArray
    volumes: FloatArray
    place: str
    origin: Bars = field(repr=False)


def read_day_prices(bar_reader: BarReader, asset: str, now: int) -> DayPrices | None:
    """Return the closes of a coin's days that have ended; None where none is stored."""
    bars = bar_reader.of_asset(asset, "1d")
    if bars is None:
        return None
    # Prices of some venues are of a thousand coins.
    scale = float(parse_instrument(bars.instrument).multiplier)
    count = int(np.searchsorted(bars.ts, now - DAY_MS, side="right"))
    if not count:
        return None
    closes = bars.close[:count]
    return DayPrices(
        asset,
        bars.ts[:count] // DAY_MS,
        closes / scale,
        closes * bars.volume[:count],
        f"{bars.venue}:{bars.instrument}",
        bars,
    )


def market_of(prices: DayPrices) -> CoinMarket:
    """Return where prices come from, and how the coin stands there; a usual day is the median of the last thirty."""
    usual = float(np.median(prices.volumes[-VOLUME_DAYS:]))
    return CoinMarket(
        prices.place,
        date.fromordinal(_EPOCH + int(prices.days[-1])),
        float(prices.closes[-1]),
        usual if usual > 0 else None,
    )


def closes_of(prices: DayPrices) -> list[Close]:
    """Return prices as the engine of holdings takes them."""
    return [
        (prices.asset, date.fromordinal(_EPOCH + day), Decimal(repr(close)), DOLLAR)
        for day, close in zip(prices.days.tolist(), prices.closes.tolist(), strict=True)
        if close > 0
    ]


def rates_version(facts: FactStore) -> tuple[tuple[str, int, float], ...]:
    """Return what changes when a rate is read anew."""
    latest = facts.latest([ECB_RATE, COINGECKO_RATE])
    return tuple((name, found.ts_event, found.value) for name, found in sorted(latest.items()))


def read_day_rates(facts: FactStore) -> list[Rate]:
    """Return dollars for a euro by day: by the ECB, else by CoinGecko where the ECB has not been read."""
    for series in (ECB_RATE, COINGECKO_RATE):
        frame = facts.read([series])
        frame = frame.filter(frame["value"] > 0)
        if len(frame):
            pairs = zip(frame["ts_event"].to_list(), frame["value"].to_list(), strict=True)
            return [
                (DOLLAR, day_of(ts), Decimal(repr(value)) if series == ECB_RATE else 1 / Decimal(repr(value)))
                for ts, value in pairs
            ]
    return []


def day_of(ts: int) -> date:
    """Return the UTC day of a time in epoch milliseconds."""
    return datetime.fromtimestamp(ts / 1000, UTC).date()
