"""Closes of days and rates of holdings, and how each coin stands on its market; read from the daily history."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal

import numpy as np

from vigie.data.bar_reader import BarReader
from vigie.domain.time import DAY_MS
from vigie.intelligence.holdings.bank_products import BankProduct
from vigie.intelligence.holdings.price_table import MOST_DAYS, PriceTable
from vigie.ports.facts import FactStore
from vigie.services.caches.holding_books import CoinMarket
from vigie.services.market_data.daily_prices import (
    DOLLAR,
    closes_for_engine,
    closes_of_assets,
    closes_version,
    daily_rates,
    rates_for_engine,
    rates_version,
)

Base = Literal["EUR", "USD"]
VOLUME_DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class PriceQuestion:
    """Which prices a book needs.

    Attributes
    ----------
    coins : tuple of str
        Catalogue ids.
    base : str
        The currency of all money.
    first : date
        The day of the first event.
    at : int
        Epoch milliseconds: what is known now.
    products : tuple of BankProduct
        Priced by their underlying less their fee.
    """

    coins: tuple[str, ...]
    base: Base
    first: date
    at: int
    products: tuple[BankProduct, ...] = ()

    @property
    def today(self) -> date:
        """The last day; it has not ended."""
        return day_of(self.at)

    @property
    def since(self) -> date:
        """The first day whose close can count, or whose rate: that of a close counts for seven days, as it does."""
        return self.first - timedelta(2 * MOST_DAYS + 1)


def prices_version(facts: FactStore, bar_reader: BarReader, question: PriceQuestion) -> Hashable:
    """Return what changes as soon as a price or a rate that is asked for does."""
    return (
        question.coins, question.products, question.base, question.first, question.today,
        closes_version(facts, bar_reader, question.coins), rates_version(facts, [DOLLAR]),
    )  # fmt: skip


def read_price_table(facts: FactStore, bar_reader: BarReader, question: PriceQuestion) -> PriceTable:
    """Return closes and rates as the engine of holdings takes them."""
    span = {"first": question.since, "last": question.today}
    found = closes_of_assets(facts, bar_reader, question.coins, at=question.at, **span)
    by_coin = {coin: closes_for_engine(found[coin]) for coin in question.coins}
    closes = [close for closes in by_coin.values() for close in closes]
    closes += [
        close for product in question.products for close in product.closes(by_coin[product.underlying])
    ]
    rates = rates_for_engine(daily_rates(facts, DOLLAR, at=question.at, **span))
    return PriceTable(closes, rates, question.base)


def read_markets(
    facts: FactStore, bar_reader: BarReader, coins: Sequence[str], at: int
) -> Mapping[str, CoinMarket]:
    """Return the newest close of each coin that has one of the last seven days, and how much of it is traded."""
    today = day_of(at)
    first = today - timedelta(MOST_DAYS)
    by_coin = closes_of_assets(facts, bar_reader, coins, first=first, last=today, at=at)
    return {
        coin: CoinMarket(
            closes.sources[int(closes.origins[-1])],
            closes.newest,
            float(closes.values[-1]),
            _daily_volume(bar_reader, coin, at),
        )
        for coin, closes in by_coin.items()
        if len(closes.days)
    }


def read_closes_on(
    facts: FactStore, bar_reader: BarReader, coins: Sequence[str], day: date, at: int
) -> Mapping[str, float]:
    """Return the close of each coin on a day in dollars, or the last of the seven days before; none where none is."""
    first = day - timedelta(MOST_DAYS)
    found = closes_of_assets(facts, bar_reader, coins, first=first, last=day, at=at)
    return {coin: float(closes.values[-1]) for coin, closes in found.items() if len(closes.days)}


def _daily_volume(bar_reader: BarReader, coin: str, at: int) -> float | None:
    """Return the median of what was traded a day over the last thirty that have ended; None where it is not known."""
    bars = bar_reader.of_asset(coin, "1d")
    count = 0 if bars is None else int(np.searchsorted(bars.ts, at - DAY_MS, side="right"))
    if bars is None or not count:
        return None
    last = slice(max(0, count - VOLUME_DAYS), count)
    usual = float(np.median(bars.close[last] * bars.volume[last]))
    return usual if usual > 0 else None


def day_of(ts: int) -> date:
    """Return the UTC day of a time in epoch milliseconds."""
    return datetime.fromtimestamp(ts / 1000, UTC).date()
