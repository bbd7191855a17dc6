"""What is said of everybody together: open interest and who is long, made from the bars; nobody else trades here."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import numpy as np

from vigie.domain.bar import Bars, FloatArray
from vigie.domain.time import DAY_MS, timeframe_ms
from vigie_sandbox.exchange.core.entities import ZERO, Contract
from vigie_sandbox.exchange.quotes import Quotes

PERIODS: Final = ("5m", "15m", "30m", "1h", "2h", "4h", "6h", "12h", "1d")
_FOUR_DECIMALS: Final = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class PositioningPoint:
    """How everybody stood at a time.

    Attributes
    ----------
    open_interest : Decimal
        Half of what was traded in the day before, in base units.
    price : Decimal
        The last one.
    long_share : Decimal
        Share of those who are long: more where the price rose over the day.
    """

    ts: int
    open_interest: Decimal
    price: Decimal
    long_share: Decimal

    @property
    def ratio(self) -> Decimal:
        """Longs by shorts."""
        return (self.long_share / (1 - self.long_share)).quantize(_FOUR_DECIMALS)


class PositioningHistory:
    """How everybody stood at the ends of periods.

    Parameters
    ----------
    quotes : Quotes
        Time and bars.
    """

    def __init__(self, quotes: Quotes) -> None:
        self._quotes = quotes
        self._sums: dict[str, FloatArray] = {}

    def history(
        self, contract: Contract, period: str, start: int, end: int, limit: int
    ) -> list[PositioningPoint]:
        """Return the newest ends of periods in [start, end], oldest first."""
        bars, span = self._quotes.get_finest_bars(contract.symbol), timeframe_ms(period)
        if bars is None or not len(bars):
            return []
        last = min(end, self._quotes.market.now()) // span * span
        first = max(-(-start // span) * span, -(-(int(bars.ts[0]) + bars.span_ms) // span) * span)
        times = range(max(first, last - (limit - 1) * span), last + 1, span)
        return [self._measure(contract, bars, ts) for ts in times]

    def _measure(self, contract: Contract, bars: Bars, ts: int) -> PositioningPoint:
        sums = self._sums.get(contract.symbol)
        if sums is None:
            sums = self._sums[contract.symbol] = np.append(0.0, np.cumsum(bars.volume))
        stop = int(np.searchsorted(bars.ts, ts - bars.span_ms, side="right"))
        start = int(np.searchsorted(bars.ts, ts - DAY_MS))
        traded = Decimal(repr(round(float(sums[stop] - sums[start]), 6)))
        size = (traded / 2 / contract.lot).quantize(Decimal(1)) * contract.lot
        close, opened = float(bars.close[stop - 1]), float(bars.open[min(start, stop - 1)])
        longs = 0.5 + 0.3 * math.tanh(5 * (close / opened - 1))
        return PositioningPoint(
            ts, max(ZERO, size), Decimal(repr(close)), Decimal(repr(longs)).quantize(_FOUR_DECIMALS)
        )
