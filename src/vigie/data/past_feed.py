"""Stored bars as the instants of a run in the past: nothing is waited for, every bar is read once.

Numbers and order are those of `vigie.data.live_feed.StoredFeed` for the same run; the last instant is the end of the
span, which ends a bar of every series.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from vigie.data.boundaries import Boundaries
from vigie.data.live_history import bars_until, settlements
from vigie.domain.errors import UsageError
from vigie.domain.ids import SeriesId
from vigie.ports.clock import PatientClock
from vigie.ports.facts import FactStore
from vigie.ports.feed import FeedBar, MarketInstant
from vigie.ports.store import BarStore


class PastFeed:
    """A `vigie.ports.feed.LiveFeed` over a span of stored bars.

    Parameters
    ----------
    series : sequence of SeriesId
        What the slots trade on, all of one venue.
    start, end : int
        The span, epoch milliseconds; `end` ends a bar of every series.
    on_bars : callable
        Given the bars that ended, before their instant is.

    Attributes
    ----------
    stale : frozenset of str
        Series of the last instant whose first price is not known: the last close stands in for it.

    Raises
    ------
    UsageError
        If a bar of some series does not end where the span does, or is missing there.
    """

    def __init__(
        self,
        series: Sequence[SeriesId],
        start: int,
        end: int,
        bars: BarStore,
        facts: FactStore,
        *,
        on_bars: Callable[[Sequence[FeedBar]], None] = lambda _: None,
    ) -> None:
        uneven = [str(series_id) for series_id in series if end % series_id.span_ms]
        if uneven:
            raise UsageError(
                "replay_ends_inside_bar",
                "a replay must end where a bar of each series ends; {series} does not",
                series=" ".join(uneven),
            )
        self._boundaries = Boundaries.from_spans({series_id.span_ms for series_id in series}, start)
        self._end = end
        self._on_bars = on_bars
        self._bars = {
            f"{series_id.instrument}/{series_id.timeframe}": bars_until(
                bars, series_id, start - series_id.span_ms, end
            )
            for series_id in series
        }
        if short := [
            name
            for name, held in self._bars.items()
            if not len(held) or int(held.ts[-1]) != end - held.span_ms
        ]:
            raise UsageError(
                "replay_lacks_last_bars",
                "a replay needs bars up to its end; those of {series} do not reach it",
                series=" ".join(short),
            )
        self._opens = {
            name: dict(zip(held.ts.tolist(), held.open.tolist(), strict=True))
            for name, held in self._bars.items()
        }
        self._rates = settlements(facts, series, start, end)
        self._rate_times = [ts for _, ts, _ in self._rates]
        self.now = start
        self.stale: frozenset[str] = frozenset()

    async def after(self, number: int) -> MarketInstant | None:
        """Return the instant after a number; None after the end."""
        # Who keeps the right to trade meanwhile gets its turn.
        await asyncio.sleep(0)
        ts = self._boundaries.ts(number + 1)
        if ts > self._end:
            return None
        self.now = max(self.now, ts)
        closed = () if number == 0 else self._closed(ts)
        self._on_bars(closed)
        is_last = ts == self._end
        ended = list(self._bars) if number == 0 else [bar.series for bar in closed]
        opened = () if is_last else self._opened(ended, ts, {bar.series: bar.close for bar in closed})
        before = self._boundaries.ts(max(number, 1))
        first, last = (bisect_right(self._rate_times, moment) for moment in (before, ts))
        rates = tuple(self._rates[first:last])
        return MarketInstant(number + 1, ts, closed, opened, rates, is_last=is_last)

    async def exits_placed(self, instant: MarketInstant) -> None:
        """Nothing waits for it."""

    async def entries_placed(self, instant: MarketInstant, series: Mapping[str, str]) -> None:
        """Nothing waits for it."""

    def _closed(self, ts: int) -> tuple[FeedBar, ...]:
        ended = []
        for name, bars in self._bars.items():
            begin = ts - bars.span_ms
            index = bisect_left(bars.ts, begin)
            if ts % bars.span_ms == 0 and index < len(bars) and int(bars.ts[index]) == begin:
                columns = (bars.open, bars.high, bars.low, bars.close, bars.volume)
                o, h, low, c, v = (float(column[index]) for column in columns)
                ended.append(FeedBar(name, begin, o, h, low, c, v))
        return tuple(ended)

    def _opened(
        self, names: Sequence[str], ts: int, closes: Mapping[str, float]
    ) -> tuple[tuple[str, float], ...]:
        """Return the open of the bar that begins at a time: of a series, else of another one of its instrument.

        Where there is none the last close stands in, and nothing enters at it.
        """
        known = {name: opens[ts] for name, opens in self._opens.items() if ts in opens}
        of_instrument = {name.partition("/")[0]: price for name, price in reversed(known.items())}
        prices = {name: known.get(name, of_instrument.get(name.partition("/")[0])) for name in names}
        self.stale = frozenset(name for name, price in prices.items() if price is None)
        found = {name: closes.get(name) if price is None else price for name, price in prices.items()}
        return tuple((name, price) for name, price in found.items() if price is not None)


@dataclass(frozen=True, slots=True)
class PastClock:
    """The market's time is that of a feed of the past; waits are on the wall.

    Attributes
    ----------
    is_wall_past : bool
        The wall's time is the market's too, for what counts by days of the wall.
    """

    clock: PatientClock
    feed: PastFeed
    is_wall_past: bool = False

    def market_now(self) -> int:
        """Return the time of the present instant."""
        return self.feed.now

    def market_speed(self) -> float:
        """Return 1: the market goes at the pace of the wall."""
        return 1.0

    def wall_now(self) -> int:
        """Return epoch milliseconds."""
        return self.feed.now if self.is_wall_past else self.clock.wall_now()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        self.clock.sleep(seconds)

    async def pause(self, seconds: float) -> None:
        """Wait, and let others go on meanwhile."""
        await self.clock.pause(seconds)
