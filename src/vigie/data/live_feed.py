"""What the collector stores, as the instants a trading account lives on.

Instant 1 is the start of the run: the bars in progress are opened there, so that the first decision is at their
close. Every later instant is a boundary of one of the timeframes. Bars that ended come from the store; the first
price of the next bar is the open of a stored bar that begins there, else the first fresh quote. A series whose bar is
missing opens nothing: bars are counted as a backtest counts them, which knows of no missing bars either.

Where positions meet their levels on finer bars, each of these that ends is an instant as well, as long as anybody
meets it; nothing opens there and nothing is decided.

A bar that finer ones could make is waited for where the venue's own is on its way (`vigie.data.ended_bars`).

Where a stream pushes bars to this very process (`vigie.data.pushed_bars`), a pushed bar counts from the moment it is
final, and what it lacks comes from the store.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from vigie.data.boundaries import Boundaries
from vigie.data.collector import final_before
from vigie.data.ended_bars import EndedBars
from vigie.data.feed_timing import VenueTime, WaitTimer
from vigie.data.live_history import bars_until, first_price, settlements
from vigie.data.pushed_bars import PushedBars, to_wall_seconds
from vigie.domain.ids import SeriesId
from vigie.domain.time import timeframe_ms
from vigie.ports.clock import PatientClock
from vigie.ports.facts import FactStore
from vigie.ports.feed import FeedBar, MarketInstant
from vigie.ports.quotes import QuoteStore
from vigie.ports.store import BarStore


@dataclass(frozen=True, slots=True)
class FeedTimeouts:
    """How long is waited.

    Attributes
    ----------
    look_s : float
        On the wall, between two looks into the stores.
    wait_s : float
        On the wall: how long a bar or a price that should be there may be on its way from the venue to the store.
    made_s : float
        On the wall: how long a bar that finer ones make waits for the venue's own, where none of that length was
        stored since the run began; and how long a final finer bar of a series may be on its way where the last was
        missing.
    late_ms : int
        On the market: an instant that was over for longer when the process came is not traded any more.
    """

    look_s: float = 0.5
    wait_s: float = 30.0
    made_s: float = 5.0
    late_ms: int = 60_000


@dataclass(frozen=True, slots=True)
class MarketStores:
    """Where the collector puts what it hears."""

    bars: BarStore
    quotes: QuoteStore
    facts: FactStore


class StoredFeed:
    """A `vigie.ports.feed.LiveFeed` over the stores of a home.

    Parameters
    ----------
    series : sequence of SeriesId
        What the slots trade on, all of one venue.
    start : int
        The market's time at which the run began; with the timeframes it gives every instant its number.
    on_bars : callable
        Given the bars that ended, before their instant is.
    pushed : PushedBars or None
        Bars that the venue pushes to this process; None where they come from the store alone.
    detail : str
        Timeframe of the finer bars on which positions may meet their levels; empty where there are none.
    others : sequence of SeriesId
        Whose closes strategies read beside those of the slots: their bars are waited for, and not told.
    settled_until : mapping
        By instrument, when the last funding rate was settled that the account has heard of: what the store learned
        while nobody listened is told as well.

    Attributes
    ----------
    stale : frozenset of str
        Series of the last instant whose first price is not known: an older one stands in for it.
    watched_series : callable
        Gives the finer series that positions meet now; nobody waits for others.
    """

    def __init__(
        self,
        series: Sequence[SeriesId],
        start: int,
        stores: MarketStores,
        clock: PatientClock,
        timeouts: FeedTimeouts | None = None,
        *,
        on_bars: Callable[[Sequence[FeedBar]], None] = lambda _: None,
        settled_until: Mapping[str, int] | None = None,
        pushed: PushedBars | None = None,
        detail: str = "",
        others: Sequence[SeriesId] = (),
    ) -> None:
        self._series = {f"{series_id.instrument}/{series_id.timeframe}": series_id for series_id in series}
        self._stores = stores
        self._clock = clock
        self._timeouts = timeouts or FeedTimeouts()
        self._on_bars = on_bars
        self._pushed = pushed
        self._others = {f"{series_id.instrument}/{series_id.timeframe}": series_id for series_id in others}
        self._spans = frozenset(series_id.span_ms for series_id in series)
        finer = (
            replace(series_id, timeframe=detail)
            for series_id in series
            if detail and timeframe_ms(detail) < series_id.span_ms
        )
        self._finer = {f"{series_id.instrument}/{series_id.timeframe}": series_id for series_id in finer}
        spans = self._spans.union(series_id.span_ms for series_id in self._finer.values())
        self._boundaries = Boundaries.from_spans(spans, start)
        self.watched_series: Callable[[], Collection[str]] = frozenset
        self._ended = EndedBars(stores.bars, start, made_s=self._timeouts.made_s)
        self._ts_start: int | None = None
        self._last: tuple[int, MarketInstant] | None = None
        self._settled_until: dict[str, int] = dict(settled_until or {})
        # By series, the instant at which its bar was given up.
        self._missed_at: dict[str, int] = {}
        self.stale: frozenset[str] = frozenset()

    async def after(self, number: int) -> MarketInstant | None:
        """Return the instant after a number, waiting for it; the same again when asked again."""
        if self._last is not None and self._last[0] == number:
            return self._last[1]
        at = self._next_number(number)
        ts = self._boundaries.ts(at)
        if self._ts_start is None:
            self._ts_start = self._clock.market_now()
        while (left_ms := ts - self._clock.market_now()) > 0:
            # Time is waited for to the millisecond only where bars are pushed.
            left_s = self._timeouts.look_s if self._pushed is None else to_wall_seconds(self._clock, left_ms)
            await self._clock.pause(min(self._timeouts.look_s, left_s))
        is_over = ts + self._timeouts.late_ms < self._ts_start
        closed = await self._wait_for_closed(at, ts, is_over=is_over)
        self._on_bars(closed)
        ended = (
            list(self._series)
            if number == 0
            else [bar.series for bar in closed if bar.series in self._series]
        )
        opened = await self._wait_for_opened(ended, ts, waits=number > 0 and not is_over)
        # What was waited for so long that another bar has begun meanwhile is over as well.
        is_missed = is_over or (number > 0 and self._clock.market_now() >= self._next_slot_boundary(ts))
        rates = self._rates(self._boundaries.ts(max(number, 1)), ts)
        is_inside = number > 0 and not self._is_slot_boundary(ts)
        instant = MarketInstant(at, ts, closed, opened, rates, is_missed=is_missed, is_inside=is_inside)
        self._last = number, instant
        return instant

    def _next_number(self, number: int) -> int:
        """Return the number of the next instant: of the slots' bars, or of finer ones that positions meet."""
        ts = self._boundaries.ts(number + 1)
        if number == 0 or self._is_slot_boundary(ts) or self.watched_series():
            return number + 1
        return self._boundaries.number(self._next_slot_boundary(ts))

    def _is_slot_boundary(self, ts: int) -> bool:
        return any(ts % span == 0 for span in self._spans)

    def _next_slot_boundary(self, ts: int) -> int:
        """Return when bars of slots begin next after a time."""
        return min((ts // span + 1) * span for span in self._spans)

    async def exits_placed(self, instant: MarketInstant) -> None:
        """Nothing waits for it: the market goes on by itself."""

    async def entries_placed(self, instant: MarketInstant, series: Mapping[str, str]) -> None:
        """Nothing waits for it: the market goes on by itself."""

    # Bars ------------------------------------------------------------------------------------------------------

    async def _wait_for_closed(self, number: int, ts: int, *, is_over: bool) -> tuple[FeedBar, ...]:
        own = {
            **self._series,
            **{name: self._finer[name] for name in self.watched_series() if name in self._finer},
        }
        known = {} if number == 1 else own | self._others
        due = {k: series_id for k, series_id in known.items() if ts % series_id.span_ms == 0}
        closed = await self._wait_for_due(due, ts, is_over=is_over)
        return tuple(bar for bar in closed if bar.series in own)

    async def _wait_for_due(
        self, due: Mapping[str, SeriesId], ts: int, *, is_over: bool
    ) -> tuple[FeedBar, ...]:
        """Wait for the bars of some series that end at a time, the silent ones left out."""
        bars = self._pushed_bars(due, ts)
        if bars and bars.keys() == due.keys():
            return self._order_bars(due, bars, ts, is_over=is_over)
        silent_now, missed = self._silent_series(due), self._missed_beside(due)
        timer, venue_time = WaitTimer(self._clock), VenueTime(self._stores.quotes, self._venue())
        last_look_s = None
        while True:
            final = timer.final()
            # Of a clock that is set back nobody knows which of its times was wrong, but the venue's own say it.
            if timer.set_back_ms and venue_time.is_before(ts):
                timer.restart_wall()
            waited_s = timer.wall_s()
            # What is over, or was waited for long enough, is taken as it is.
            is_enough = is_over or (final >= ts and waited_s >= self._timeouts.wait_s)
            # A pushed bar may be corrected while others are waited for: its last words count.
            pushes = {k: series_id for k, series_id in due.items() if k not in bars or bars[k].is_pushed}
            bars |= self._pushed_bars(pushes, ts)
            is_late = to_wall_seconds(self._clock, final - ts) >= self._timeouts.made_s
            silent = silent_now | missed if is_late else silent_now
            is_last = is_enough or due.keys() - bars.keys() <= silent
            # What is pushed wakes this up often; the store is read as often as without, and before one is given up.
            if last_look_s is None or is_last or waited_s - last_look_s >= self._timeouts.look_s:
                last_look_s = waited_s
                for name, series_id in due.items():
                    if name not in bars and (
                        bar := self._stored_bar(name, series_id, ts, None if is_enough else waited_s)
                    ):
                        bars[name] = bar
            if due.keys() - bars.keys() <= silent or is_enough:
                return self._order_bars(due, bars, ts, is_over=is_over)
            await self._wait(ts)

    def _order_bars(
        self, due: Mapping[str, SeriesId], bars: Mapping[str, FeedBar], ts: int, *, is_over: bool
    ) -> tuple[FeedBar, ...]:
        """Note whose bar was given up, and return the bars in the order of the series."""
        self._missed_at = {k: ts_missed for k, ts_missed in self._missed_at.items() if k not in due}
        self._missed_at |= {k: ts for k in due if k not in bars and not is_over}
        return tuple(bars[name] for name in due if name in bars)

    def _pushed_bars(self, due: Mapping[str, SeriesId], ts: int) -> dict[str, FeedBar]:
        if self._pushed is None:
            return {}
        ended = {name: self._pushed.ended_bar(series_id, ts) for name, series_id in due.items()}
        return {
            name: FeedBar(name, bar.ts, bar.open, bar.high, bar.low, bar.close, bar.volume, is_pushed=True)
            for name, bar in ended.items()
            if bar is not None
        }

    async def _wait(self, ts: int) -> None:
        """Wait until it is time to look again, or something is pushed."""
        if self._pushed is None:
            await self._clock.pause(self._timeouts.look_s)
            return
        left_ms = ts - final_before(self._clock)
        rest_s = self._timeouts.look_s
        if left_ms > 0:
            rest_s = min(rest_s, to_wall_seconds(self._clock, left_ms))
        works = [
            asyncio.ensure_future(work) for work in (self._clock.pause(rest_s), self._pushed.arrived.wait())
        ]
        try:
            await asyncio.wait(works, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for work in works:
                work.cancel()
            await asyncio.gather(*works, return_exceptions=True)
        self._pushed.arrived.clear()

    def _silent_series(self, due: Mapping[str, SeriesId]) -> set[str]:
        """Return the series that nobody waits for: their last bar never came, and prices of others alone did since.

        The others would be late at every bar for one that is halted or gone.
        """
        if self._missed_at.keys().isdisjoint(due):
            return set()
        quote_times = {name: ts for name, (ts, _) in self._quotes().items()}
        newest = max(quote_times.values(), default=-1)
        missed = {name: at for name, at in self._missed_at.items() if name in due and at <= newest}
        silent = {name: at for name, at in missed.items() if quote_times.get(due[name].instrument, -1) < at}
        # Of what nobody streams no price is heard: its bars tell that it goes on.
        return {name for name, at in silent.items() if self._stored_bar(name, due[name], at, None) is None}

    def _missed_beside(self, due: Mapping[str, SeriesId]) -> set[str]:
        """Return the finer and other series whose last bar never came: the next ones are waited for a moment only."""
        return {name for name in self._missed_at if name in due and name not in self._series}

    def _stored_bar(self, name: str, series_id: SeriesId, ts: int, waited_s: float | None) -> FeedBar | None:
        bars = self._ended.bar_ending_at(series_id, ts, waited_s)
        if not len(bars):
            return None
        columns = (bars.open, bars.high, bars.low, bars.close, bars.volume)
        o, h, low, c, v = (float(column[-1]) for column in columns)
        return FeedBar(name, int(bars.ts[-1]), o, h, low, c, v)

    # First prices ----------------------------------------------------------------------------------------------

    async def _wait_for_opened(
        self, names: Sequence[str], ts: int, *, waits: bool
    ) -> tuple[tuple[str, float], ...]:
        prices = self._pushed_opens(names, ts)
        timer = WaitTimer(self._clock)
        while len(prices) < len(names):
            quotes = self._quotes()
            for name in names:
                price = self._first_price(self._series[name], ts, quotes)
                if name not in prices and price is not None:
                    prices[name] = price
            if len(prices) == len(names) or not waits or timer.wall_s() >= self._timeouts.wait_s:
                break
            await self._wait(ts)
            prices |= self._pushed_opens(names, ts)
        self.stale = frozenset(names) - prices.keys()
        for name in self.stale:
            last_price = self._last_price(self._series[name], ts)
            if last_price is not None:
                prices[name] = last_price
        return tuple((name, prices[name]) for name in names if name in prices)

    def _pushed_opens(self, names: Sequence[str], ts: int) -> dict[str, float]:
        if self._pushed is None:
            return {}
        opens = {name: self._pushed.first_price(self._series[name], ts) for name in names}
        return {name: price for name, price in opens.items() if price is not None}

    def _first_price(
        self, series_id: SeriesId, ts: int, quotes: Mapping[str, tuple[int, float]]
    ) -> float | None:
        price = first_price(self._stores.bars, series_id, ts)
        if price is not None:
            return price
        ts_quote, last = quotes.get(series_id.instrument, (-1, 0.0))
        return last if ts_quote >= ts else None

    def _last_price(self, series_id: SeriesId, ts: int) -> float | None:
        """Return the last price before a time: nothing may be entered at it, but positions are counted at it."""
        bars = bars_until(self._stores.bars, series_id, ts - 10 * series_id.span_ms, ts)
        if len(bars):
            return float(bars.close[-1])
        quote = self._quotes().get(series_id.instrument)
        return quote[1] if quote is not None else None

    def _venue(self) -> str:
        return next(iter(self._series.values())).venue

    def _quotes(self) -> dict[str, tuple[int, float]]:
        venue, newest = self._venue(), self._stores.quotes.since(0)[1]
        return {quote.instrument: (quote.ts_event, quote.last) for quote in newest if quote.venue == venue}

    # Funding ---------------------------------------------------------------------------------------------------

    def _rates(self, before: int, ts: int) -> tuple[tuple[str, int, float], ...]:
        """Return what was settled since the last instant, and what the store learned late."""
        instruments = {item.instrument for item in self._series.values()}
        since = min([before, *(self._settled_until.get(name, before) for name in instruments)])
        rates = [
            rate
            for rate in settlements(self._stores.facts, self._series.values(), since, ts)
            if self._settled_until.get(rate[0], before) < rate[1]
        ]
        for instrument in instruments:
            self._settled_until.setdefault(instrument, before)
        for instrument, settled, _ in rates:
            self._settled_until[instrument] = max(self._settled_until[instrument], settled)
        return tuple(rates)
