"""What the venue shows of its market: candles, the last 24 hours, funding, open interest and the book."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Protocol

import numpy as np

from vigie.domain.bar import Bars
from vigie.domain.time import DAY_MS, HOUR_MS, timeframe_ms
from vigie_sandbox.exchange.core.entities import Contract
from vigie_sandbox.market.resampling import resample_spans

DEFAULT_RATE: Final = Decimal("0.0001")
WEEK_MS: Final = 7 * DAY_MS
# After a multiple of a week, which is a Thursday like the epoch.
MONDAY_OFFSET_MS: Final = 4 * DAY_MS
_MAX_LEVELS: Final = 50
# About what a level of a busy contract holds, in quote units.
_LEVEL_VALUE: Final = Decimal(100_000)


def get_span_ms(timeframe: str) -> int:
    """Return the length of a timeframe, ``1w`` among them, in milliseconds."""
    return WEEK_MS if timeframe == "1w" else timeframe_ms(timeframe)


FundingRates = Mapping[str, Sequence[tuple[int, Decimal]]]


class MarketPrices(Protocol):
    """The market, as far as what is shown depends on it."""

    def now(self) -> int:
        """Return the market's time."""
        ...

    def last(self, symbol: str) -> Decimal | None:
        """Return the last price; None before the first."""
        ...

    def mark(self, symbol: str) -> Decimal | None:
        """Return the mark price."""
        ...


@dataclass(frozen=True, slots=True)
class Candle:
    """One bar as the venue tells it."""

    ts: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal

    @property
    def turnover(self) -> Decimal:
        """Quote units traded, near enough."""
        return (self.volume * self.close).quantize(Decimal("1e-6"))

    def merge(self, later: Candle) -> Candle:
        """Return both as one."""
        return Candle(
            self.ts,
            self.open,
            max(self.high, later.high),
            min(self.low, later.low),
            later.close,
            self.volume + later.volume,
        )


@dataclass(frozen=True, slots=True)
class ContractDayStats:
    """The last 24 hours of a contract."""

    open: Decimal
    high: Decimal
    low: Decimal
    volume: Decimal
    turnover: Decimal
    midnight: Decimal


@dataclass(frozen=True, slots=True)
class _PastDay:
    """What the finished bars of the last 24 hours say, and at which running bar they end."""

    until: int
    open: Decimal | None
    high: Decimal | None
    low: Decimal | None
    volume: Decimal
    turnover: Decimal
    midnight: Decimal | None


class Quotes:
    """The shown side of a market.

    Parameters
    ----------
    bars : mapping of symbol to sequence of Bars
        What the market walks through, future included; nothing later than the market's time is shown.
    market : MarketPrices
        Time and prices.
    fundings : mapping of symbol to (time, rate)
        Settlements; where there are none, the usual rate is told and no history.

    Attributes
    ----------
    week_offset_ms : int
        When the venue's weeks begin, after a multiple of a week.
    """

    def __init__(
        self, bars: Mapping[str, Sequence[Bars]], market: MarketPrices, fundings: FundingRates | None = None
    ) -> None:
        self.market = market
        self.week_offset_ms = MONDAY_OFFSET_MS
        self._fundings = fundings or {}
        self._bars = {
            (symbol, bar_series.timeframe): bar_series
            for symbol, series in bars.items()
            for bar_series in series
        }
        self._finest = {
            symbol: min(series, key=lambda bar_series: bar_series.span_ms) for symbol, series in bars.items()
        }
        self._running_candles: dict[str, Candle] = {}
        self._past_days: dict[str, _PastDay] = {}

    def last(self, symbol: str) -> Decimal | None:
        """Return the last price; None before the first."""
        return self.market.last(symbol)

    def candles(
        self, symbol: str, timeframe: str, start: int, end: int, limit: int, *, is_finished: bool
    ) -> list[Candle]:
        """Return the newest bars that open in [start, end), oldest first, the running one where it is wanted."""
        bars, span = self._find_bars(symbol, timeframe), get_span_ms(timeframe)
        if bars is None:
            return []
        now = self.market.now()
        n_finished = np.searchsorted(bars.ts, now - span, side="right")
        first, stop = np.searchsorted(bars.ts[:n_finished], [start, end])
        candles = [_make_candle(bars, index) for index in range(max(first, stop - limit), stop)]
        if not is_finished:
            running = self._make_running_candle(symbol, span, now)
            if running is not None and start <= running.ts < end:
                candles.append(running)
        return candles[-limit:]

    def observe(self, symbol: str) -> None:
        """Take the last price into the running bar; to be called whenever it may have moved."""
        finest = self._finest.get(symbol)
        price = self.market.last(symbol)
        if finest is None or price is None:
            return
        index = self._find_running_index(finest)
        if index is None:
            return
        running = self._running_candles.get(symbol)
        if running is None or running.ts != int(finest.ts[index]):
            first = _to_decimal(finest.open[index])
            running = Candle(
                int(finest.ts[index]), first, max(first, price), min(first, price), price, Decimal(0)
            )
        volume = self._running_volume(finest, index)
        self._running_candles[symbol] = running.merge(
            Candle(0, price, price, price, price, volume - running.volume)
        )

    def day(self, symbol: str) -> ContractDayStats | None:
        """Return the last 24 hours; None before the first bar."""
        finest = self._finest.get(symbol)
        self.observe(symbol)
        running = self._running_candles.get(symbol)
        if finest is None or running is None:
            return None
        past = self._summarize_past(symbol, finest, running.ts)
        midnight = running.open if past.midnight is None else past.midnight
        return ContractDayStats(
            running.open if past.open is None else past.open,
            max(running.high, past.high or running.high),
            min(running.low, past.low or running.low),
            past.volume + running.volume,
            past.turnover + running.turnover,
            midnight,
        )

    def _summarize_past(self, symbol: str, finest: Bars, running_ms: int) -> _PastDay:
        """Return the finished bars of the last 24 hours as one; they are read once a bar."""
        cached = self._past_days.get(symbol)
        if cached is not None and cached.until == running_ms:
            return cached
        stop = int(np.searchsorted(finest.ts, running_ms))
        first = int(np.searchsorted(finest.ts, running_ms - DAY_MS + finest.span_ms))
        today = int(np.searchsorted(finest.ts, running_ms // DAY_MS * DAY_MS))
        selection = slice(first, stop)
        volume = finest.volume[selection]
        past = _PastDay(
            running_ms,
            _to_decimal(finest.open[first]) if first < stop else None,
            _to_decimal(finest.high[selection].max()) if first < stop else None,
            _to_decimal(finest.low[selection].min()) if first < stop else None,
            _to_decimal(round(float(volume.sum()), 6)),
            _to_decimal(round(float((volume * finest.close[selection]).sum()), 6)),
            _to_decimal(finest.open[today]) if today < stop else None,
        )
        self._past_days[symbol] = past
        return past

    def funding(self, contract: Contract) -> tuple[Decimal, int]:
        """Return the rate of the next settlement and its time."""
        now, interval_ms = self.market.now(), contract.funding_hours * HOUR_MS
        next_settlement = next(
            (settlement for settlement in self._fundings.get(contract.symbol, ()) if settlement[0] > now),
            None,
        )
        return (
            (next_settlement[1], next_settlement[0])
            if next_settlement is not None
            else (DEFAULT_RATE, (now // interval_ms + 1) * interval_ms)
        )

    def funding_history(self, symbol: str) -> list[tuple[int, Decimal]]:
        """Return past settlements, newest first."""
        now = self.market.now()
        return [settlement for settlement in self._fundings.get(symbol, ()) if settlement[0] <= now][::-1]

    def book(
        self, contract: Contract, levels: int, last: Decimal
    ) -> tuple[list[list[Decimal]], list[list[Decimal]]]:
        """Return asks and bids, best first: a price a tick inside them."""
        tick, lot = contract.tick, contract.lot
        base_lots = max(100, int(_LEVEL_VALUE / (last * lot)))
        sizes = [
            lot * (base_lots + base_lots * (depth % 7) * 37 // 100)
            for depth in range(min(levels, _MAX_LEVELS))
        ]
        asks = [[last + tick * (depth + 1), size] for depth, size in enumerate(sizes)]
        bids = [[last - tick * (depth + 1), size] for depth, size in enumerate(sizes)]
        return asks, [level for level in bids if level[0] > 0]

    def find_open_ms(self, ts: int, span: int) -> int:
        """Return when the bar of a length opened that a time lies in."""
        first = self._get_offset_ms(span)
        return (ts - first) // span * span + first

    def get_finest_bars(self, symbol: str) -> Bars | None:
        """Return the bars that the market walks through, those of the future among them."""
        return self._finest.get(symbol)

    def _get_offset_ms(self, span: int) -> int:
        return self.week_offset_ms if span == WEEK_MS else 0

    def _find_bars(self, symbol: str, timeframe: str) -> Bars | None:
        stored = self._bars.get((symbol, timeframe))
        finest = self._finest.get(symbol)
        if stored is not None or finest is None:
            return stored
        span = get_span_ms(timeframe)
        if span % finest.span_ms:
            return None
        coarse = resample_spans(finest, span, self._get_offset_ms(span))
        self._bars[symbol, timeframe] = coarse
        return coarse

    def _make_running_candle(self, symbol: str, span: int, now: int) -> Candle | None:
        """Return the running bar of any length: finished bars of the finest kind, then the running one."""
        self.observe(symbol)
        running, finest = self._running_candles.get(symbol), self._finest[symbol]
        opened = self.find_open_ms(now, span)
        if running is None or not opened <= running.ts:
            return None
        first, stop = np.searchsorted(finest.ts, [opened, running.ts])
        candle = running
        for index in range(stop - 1, first - 1, -1):
            candle = _make_candle(finest, index).merge(candle)
        return Candle(opened, candle.open, candle.high, candle.low, candle.close, candle.volume)

    def _find_running_index(self, finest: Bars) -> int | None:
        """Return the place of the bar that runs now, None where the bars have a gap or an end."""
        index = int(np.searchsorted(finest.ts, self.market.now(), side="right")) - 1
        if index < 0 or finest.ts[index] + finest.span_ms <= self.market.now():
            return None
        return index

    def _running_volume(self, finest: Bars, index: int) -> Decimal:
        share = Decimal(int(self.market.now() - finest.ts[index])) / finest.span_ms
        return (_to_decimal(finest.volume[index]) * share).quantize(Decimal("1e-6"))


def _to_decimal(value: float) -> Decimal:
    return Decimal(repr(float(value)))


def _make_candle(bars: Bars, index: int) -> Candle:
    columns = (bars.open, bars.high, bars.low, bars.close, bars.volume)
    return Candle(int(bars.ts[index]), *[_to_decimal(column[index]) for column in columns])
