"""Bars as the exchange reads them: exact decimals, found by the instant at which they open or close."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from vigie.domain.bar import Bars
from vigie.domain.money import to_decimal
from vigie.domain.time import MINUTE_MS


@dataclass(frozen=True, slots=True)
class ExactBar:
    """One bar; floats are read by their shortest form."""

    ts: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """The bars of one contract and timeframe; named ``BTCUSDT/1d``."""

    symbol: str
    bars: Bars
    _index_by_ts: dict[int, int] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Note where each bar lies."""
        self._index_by_ts.update({ts: index for index, ts in enumerate(self.bars.ts.tolist())})

    @property
    def name(self) -> str:
        """``BTCUSDT/1d``."""
        return f"{self.symbol}/{self.bars.timeframe}"

    @property
    def span_ms(self) -> int:
        """Nominal length of a bar."""
        return self.bars.span_ms

    @property
    def end_ms(self) -> int:
        """When the last bar closes."""
        return int(self.bars.ts[-1]) + self.span_ms

    def find_opening(self, ts: int) -> int | None:
        """Return the place of the bar that opens at an instant."""
        return self._index_by_ts.get(ts)

    def find_closing(self, ts: int) -> int | None:
        """Return the place of the bar that closes at an instant."""
        return self._index_by_ts.get(ts - self.span_ms)

    def make_bar(self, index: int) -> ExactBar:
        """Return a bar."""
        bars = self.bars
        return ExactBar(
            int(bars.ts[index]),
            to_decimal(bars.open[index]),
            to_decimal(bars.high[index]),
            to_decimal(bars.low[index]),
            to_decimal(bars.close[index]),
            to_decimal(bars.volume[index]),
        )

    def get_open(self, index: int) -> Decimal:
        """Return the open of a bar."""
        return to_decimal(self.bars.open[index])

    def get_close(self, index: int) -> Decimal:
        """Return the close of a bar."""
        return to_decimal(self.bars.close[index])


class FundingSchedule:
    """Funding rates of one contract at their times, floored to the minute."""

    def __init__(
        self, rates: Sequence[tuple[int, Decimal]], marks: Mapping[int, Decimal] | None = None
    ) -> None:
        self._rates = sorted((ts - ts % MINUTE_MS, rate) for ts, rate in rates)
        self._times = [ts for ts, _ in self._rates]
        self._marks = marks or {}

    def list_between(self, after: int, until: int) -> Sequence[tuple[int, Decimal]]:
        """Return those with ``after < ts <= until``."""
        return self._rates[bisect_right(self._times, after) : bisect_right(self._times, until)]

    def get_mark(self, ts: int) -> Decimal | None:
        """Return the open of the mark's bar that starts at a time."""
        return self._marks.get(ts)
