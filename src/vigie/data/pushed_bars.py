"""Bars as a venue's stream pushes them, given out once they are final.

A bar is final when the venue says so, else 2 s after its end, once a later one has begun. What the stream missed is
not given: who waits for it takes the venue's history.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from vigie.data.collector import final_before
from vigie.domain.ids import SeriesId
from vigie.domain.time import SECOND_MS
from vigie.ports.clock import PatientClock
from vigie.ports.source import Bar, FirstPrice


@dataclass(slots=True)
class PushedBars:
    """The newest ended bar of each series, and the first price of the one in progress.

    Attributes
    ----------
    says_final : bool
        Whether the venue says itself which bars are final: of one that it never called so the last words may be lost.
    arrived : asyncio.Event
        Set whenever something was pushed that somebody may wait for.
    on_bar : callable
        Told each bar that may be decided on, and what is pushed of it afterwards: of a venue that calls bars final only
        those, elsewhere the last words on the newest one.
    """

    clock: PatientClock
    says_final: bool
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    on_bar: Callable[[Bar], None] = lambda _: None
    _ended: dict[SeriesId, Bar] = field(default_factory=dict)
    _opened: dict[SeriesId, FirstPrice] = field(default_factory=dict)

    def take(self, bars: Iterable[Bar], opens: Iterable[FirstPrice]) -> None:
        """Keep what was pushed: the last words on the newest bar of a series count, unless it was final before."""
        is_new = False
        for bar in bars:
            series_id = SeriesId(bar.venue, bar.instrument, bar.timeframe)
            known = self._ended.get(series_id)
            # Volume only rises within a bar: what tells of less was said before.
            is_last = known is None or _freshness(known) <= _freshness(bar)
            if is_last:
                self._ended[series_id] = bar
                is_new = True
            if bar.is_final or (is_last and not self.says_final):
                self.on_bar(bar)
        for price in opens:
            series_id = SeriesId(price.venue, price.instrument, price.timeframe)
            before = self._opened.get(series_id)
            if before is None or before.ts < price.ts:
                self._opened[series_id] = price
                is_new = True
        if is_new:
            self.arrived.set()

    def forget(self) -> None:
        """Drop what was not called final: a stream that was cut may have missed the last words on it."""
        self._ended = {series_id: bar for series_id, bar in self._ended.items() if bar.is_final}

    def ended_bar(self, series: SeriesId, ts: int) -> Bar | None:
        """Return the bar that ends at a time; None where it was not pushed, or is not final yet."""
        bar = self._ended.get(series)
        if bar is None or bar.ts + series.span_ms != ts:
            return None
        if bar.is_final:
            return bar
        is_over = not self.says_final and self.has_begun(series, ts) and final_before(self.clock) >= ts
        return bar if is_over else None

    def has_begun(self, series: SeriesId, ts: int) -> bool:
        """Tell whether a bar that opens at a time, or a later one, was pushed."""
        price = self._opened.get(series)
        return price is not None and price.ts >= ts

    def first_price(self, series: SeriesId, ts: int) -> float | None:
        """Return the first price of the bar that opens at a time, as any bar of the instrument tells it."""
        for series_id, price in self._opened.items():
            if (series_id.venue, series_id.instrument) == (
                series.venue,
                series.instrument,
            ) and price.ts == ts:
                return price.price
        return None


def to_wall_seconds(clock: PatientClock, market_ms: int) -> float:
    """Return how many seconds on the wall a time of the market takes, at least one thousandth."""
    return max(market_ms / max(clock.market_speed(), 1e-9) / SECOND_MS, 0.001)


def _freshness(bar: Bar) -> tuple[int, bool, float]:
    return bar.ts, bar.is_final, 0.0 if bar.is_final else bar.volume
