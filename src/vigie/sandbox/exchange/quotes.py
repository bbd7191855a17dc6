"""What the venue shows of its market: candles, the last 24 hours, funding, open interest and the book."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Protocol

import numpy as np

from vigie.domain.bar import Bars
from vigie.domain.time import DAY_MS, HOUR_MS, timeframe_ms
from vigie.sandbox.exchange.core.words import Contract
from vigie.sandbox.market.resampling import resample_spans

USUAL_RATE: Final = Decimal("0.0001")
WEEK_MS: Final = 7 * DAY_MS
# After a multiple of a week, which is a Thursday like the epoch.
MONDAY_MS: Final = 4 * DAY_MS
_LEVELS: Final = 50
# About what a level of a busy contract holds, in quote units.
_LEVEL_VALUE: Final = Decimal(100_000)


def span_of(timeframe: str) -> int:
    """Return the length of a timeframe, ``1w`` among them, in milliseconds."""
    return WEEK_MS if timeframe == "1w" else timeframe_ms(timeframe)


Fundings = Mapping[str, Sequence[tuple[int, Decimal]]]


class Prices(Protocol):
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

    def joined(self, later: Candle) -> Candle:
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
class Day:
    """The last 24 hours of a contract."""

    open: Decimal
    high: Decimal
    low: Decimal
    volume: Decimal
    turnover: Decimal
    midnight: Decimal


@dataclass(frozen=True, slots=True)
class _Past:
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
    market : Prices
        Time and prices.
    fundings : mapping of symbol to (time, rate)
        Settlements; where there are none, the usual rate is told and no history.

    Attributes
    ----------
    week_ms : int
        When the venue's weeks begin, after a multiple of a week.
    """

    def __init__(
        self, bars: Mapping[str, Sequence[Bars]], market: Prices, fundings: Fundings | None = None
    ) -> None:
        self.market = market
        self.week_ms = MONDAY_MS
        self._fundings = fundings or {}
        self._bars = {(symbol, one.timeframe): one for symbol, many in bars.items() for one in many}
        self._finest = {symbol: min(many, key=lambda one: one.span_ms) for symbol, many in bars.items()}
        self._running: dict[str, Candle] = {}
        self._pasts: dict[str, _Past] = {}

    def last(self, symbol: str) -> Decimal | None:
        """Return the last price; None before the first."""
        return self.market.last(symbol)

    def candles(
        self, symbol: str, timeframe: str, start: int, end: int, limit: int, *, finished: bool
    ) -> list[Candle]:
        """Return the newest bars that open in [start, end), oldest first, the running one where it is wanted."""
        bars, span = self._of(symbol, timeframe), span_of(timeframe)
        if bars is None:
            return []
        now = self.market.now()
        done = np.searchsorted(bars.ts, now - span, side="right")
        first, stop = np.searchsorted(bars.ts[:done], [start, end])
        found = [_candle(bars, place) for place in range(max(first, stop - limit), stop)]
        if not finished:
            running = self._now(symbol, span, now)
            if running is not None and start <= running.ts < end:
                found.append(running)
        return found[-limit:]

    def observe(self, symbol: str) -> None:
        """Take the last price into the running bar; to be called whenever it may have moved."""
        finest = self._finest.get(symbol)
        price = self.market.last(symbol)
        if finest is None or price is None:
            return
        opens = self._opening(finest)
        if opens is None:
            return
        running = self._running.get(symbol)
        if running is None or running.ts != int(finest.ts[opens]):
            first = _exact(finest.open[opens])
            running = Candle(
                int(finest.ts[opens]), first, max(first, price), min(first, price), price, Decimal(0)
            )
        volume = self._so_far(finest, opens)
        self._running[symbol] = running.joined(Candle(0, price, price, price, price, volume - running.volume))

    def day(self, symbol: str) -> Day | None:
        """Return the last 24 hours; None before the first bar."""
        finest = self._finest.get(symbol)
        self.observe(symbol)
        running = self._running.get(symbol)
        if finest is None or running is None:
            return None
        past = self._past(symbol, finest, running.ts)
        midnight = running.open if past.midnight is None else past.midnight
        return Day(
            running.open if past.open is None else past.open,
            max(running.high, past.high or running.high),
            min(running.low, past.low or running.low),
            past.volume + running.volume,
            past.turnover + running.turnover,
            midnight,
        )

    def _past(self, symbol: str, finest: Bars, running_ms: int) -> _Past:
        """Return the finished bars of the last 24 hours as one; they are read once a bar."""
        known = self._pasts.get(symbol)
        if known is not None and known.until == running_ms:
            return known
        stop = int(np.searchsorted(finest.ts, running_ms))
        first = int(np.searchsorted(finest.ts, running_ms - DAY_MS + finest.span_ms))
        today = int(np.searchsorted(finest.ts, running_ms // DAY_MS * DAY_MS))
        part = slice(first, stop)
        volume = finest.volume[part]
        found = _Past(
            running_ms,
            _exact(finest.open[first]) if first < stop else None,
            _exact(finest.high[part].max()) if first < stop else None,
            _exact(finest.low[part].min()) if first < stop else None,
            _exact(round(float(volume.sum()), 6)),
            _exact(round(float((volume * finest.close[part]).sum()), 6)),
            _exact(finest.open[today]) if today < stop else None,
        )
        self._pasts[symbol] = found
        return found

    def funding(self, contract: Contract) -> tuple[Decimal, int]:
        """Return the rate of the next settlement and its time."""
        now, hours = self.market.now(), contract.funding_hours * HOUR_MS
        coming = next((one for one in self._fundings.get(contract.symbol, ()) if one[0] > now), None)
        return (coming[1], coming[0]) if coming is not None else (USUAL_RATE, (now // hours + 1) * hours)

    def funding_history(self, symbol: str) -> list[tuple[int, Decimal]]:
        """Return past settlements, newest first."""
        now = self.market.now()
        return [one for one in self._fundings.get(symbol, ()) if one[0] <= now][::-1]

    def book(
        self, contract: Contract, levels: int, last: Decimal
    ) -> tuple[list[list[Decimal]], list[list[Decimal]]]:
        """Return asks and bids, best first: a price a tick inside them."""
        tick, lot = contract.tick, contract.lot
        usual = max(100, int(_LEVEL_VALUE / (last * lot)))
        sizes = [lot * (usual + usual * (number % 7) * 37 // 100) for number in range(min(levels, _LEVELS))]
        asks = [[last + tick * (number + 1), size] for number, size in enumerate(sizes)]
        bids = [[last - tick * (number + 1), size] for number, size in enumerate(sizes)]
        return asks, [one for one in bids if one[0] > 0]

    def opened(self, ts: int, span: int) -> int:
        """Return when the bar of a length opened that a time lies in."""
        first = self._first(span)
        return (ts - first) // span * span + first

    def finest(self, symbol: str) -> Bars | None:
        """Return the bars that the market walks through, those of the future among them."""
        return self._finest.get(symbol)

    def _first(self, span: int) -> int:
        return self.week_ms if span == WEEK_MS else 0

    def _of(self, symbol: str, timeframe: str) -> Bars | None:
        stored = self._bars.get((symbol, timeframe))
        finest = self._finest.get(symbol)
        if stored is not None or finest is None:
            return stored
        span = span_of(timeframe)
        if span % finest.span_ms:
            return None
        made = resample_spans(finest, span, self._first(span))
        self._bars[symbol, timeframe] = made
        return made

    def _now(self, symbol: str, span: int, now: int) -> Candle | None:
        """Return the running bar of any length: finished bars of the finest kind, then the running one."""
        self.observe(symbol)
        running, finest = self._running.get(symbol), self._finest[symbol]
        opened = self.opened(now, span)
        if running is None or not opened <= running.ts:
            return None
        first, stop = np.searchsorted(finest.ts, [opened, running.ts])
        whole = running
        for place in range(stop - 1, first - 1, -1):
            whole = _candle(finest, place).joined(whole)
        return Candle(opened, whole.open, whole.high, whole.low, whole.close, whole.volume)

    def _opening(self, finest: Bars) -> int | None:
        """Return the place of the bar that runs now, None where the bars have a gap or an end."""
        place = int(np.searchsorted(finest.ts, self.market.now(), side="right")) - 1
        if place < 0 or finest.ts[place] + finest.span_ms <= self.market.now():
            return None
        return place

    def _so_far(self, finest: Bars, place: int) -> Decimal:
        share = Decimal(int(self.market.now() - finest.ts[place])) / finest.span_ms
        return (_exact(finest.volume[place]) * share).quantize(Decimal("1e-6"))


def _exact(value: float) -> Decimal:
    return Decimal(repr(float(value)))


def _candle(bars: Bars, place: int) -> Candle:
    columns = (bars.open, bars.high, bars.low, bars.close, bars.volume)
    return Candle(int(bars.ts[place]), *[_exact(column[place]) for column in columns])
