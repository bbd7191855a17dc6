"""What a venue tells: candles, tickers, trades, forced orders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from vigie.domain.bar import FloatArray, IntArray
from vigie_sandbox.world.catalogue import Coin


@dataclass(frozen=True, slots=True)
class Candles:
    """Bars in time order, the last perhaps unfinished; `rows` has shape (5, n)."""

    ts: IntArray
    rows: FloatArray
    span_ms: int

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.ts)


@dataclass(frozen=True, slots=True)
class Ticker:
    """A venue's ticker of one instrument at one moment; sizes in base units."""

    coin: Coin
    ts: int
    last: float
    bid: float
    ask: float
    bid_size: float
    ask_size: float
    mark: float
    index: float
    open_24h: float
    high_24h: float
    low_24h: float
    open_day: float
    volume_24h: float
    turnover_24h: float
    funding: float
    funding_next_ms: int
    open_interest: float

    @property
    def change_24h(self) -> float:
        """As a fraction."""
        return self.last / self.open_24h - 1.0


@dataclass(frozen=True, slots=True)
class SimulatedTrade:
    """One trade; `buy` tells whether the taker bought."""

    ts: int
    price: float
    size: float
    buy: bool
    number: int


@dataclass(frozen=True, slots=True)
class Liquidation:
    """One forced order; `is_buy` where a short was closed."""

    ts: int
    price: float
    size: float
    is_buy: bool


class DayStats(NamedTuple):
    """The last 24 hours of every coin, up to the running minute."""

    first: FloatArray
    high: FloatArray
    low: FloatArray
    volume: FloatArray
    midnight: FloatArray
