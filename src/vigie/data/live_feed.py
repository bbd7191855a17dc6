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
from vigie.data.live_history import bars_until, first_price
from vigie.data.pushed_bars import PushedBars, on_the_wall_s
from vigie.domain.ids import SeriesId
from vigie.domain.time import MINUTE_MS, Elapsed, timeframe_ms
from vigie.ports.clock import PatientClock
from vigie.ports.facts import FactStore
from vigie.ports.feed import FeedBar, Instant
from vigie.ports.quotes import QuoteStore
from vigie.ports.store import BarStore


@dataclass(frozen=True, slots=True)
class FeedPatience:
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


class _Waited:
    """How long something is waited for, on both hands of a clock; what has passed stays passed where it is set back."""

    def __init__(self, clock: PatientClock) -> None:
        self._clock, self._first = clock, clock.market_now()
        self._wall, self._market = Elapsed(clock.wall_now()), Elapsed(self._first)
        self.set_back_ms = 0

    def wall_s(self) -> float:
        return self._wall.passed_ms(self._clock.wall_now()) / 1_000

    def final(self) -> int:
        """Return the market's time before which every bar that ended is final."""
        now = self._clock.market_now()
        self.set_back_ms = self._first + self._market.passed_ms(now) - now
        return final_before(self._clock) + self.set_back_ms

    def begin_anew(self) -> None:
        """Count what is waited on the wall from now on."""
        self._wall = Elapsed(self._clock.wall_now())


class _VenueTime:
    """What prices say of a venue's own time while somebody waits."""

    def __init__(self, quotes: QuoteStore, venue: str) -> None:
        self._quotes, self._venue = quotes, venue
        self._version: int | None = None
        self._newest = -1

    def is_before(self, ts: int) -> bool:
        """Tell whether prices heard since it was asked last bear times of the venue, and it told no later one before.

        Of a contract that is halted an old time may be told again and again.
        """
        before, (self._version, heard) = self._version, self._quotes.since(self._version or 0)
        # A venue that tells no time with its prices is heard at ours.
        told = [one.ts_event for one in heard if one.venue == self._venue and one.ts_event != one.ts_known]
        self._newest = max([self._newest, *told])
        return before is not None and bool(told) and self._newest < ts


class StoredFeed:
    """A `vigie.ports.feed.LiveFeed` over the stores of a home.

    Parameters
    ----------
    series : sequence of SeriesId
        What the slots trade on, all of one venue.
    begun : int
        The market's time at which the run began; with the timeframes it gives every instant its number.
    heard : callable
        Given the bars that ended, before their instant is.
    pushed : PushedBars or None
        Bars that the venue pushes to this process; None where they come from the store alone.
    detail : str
        Timeframe of the finer bars on which positions may meet their levels; empty where there are none.
    told : mapping
        By instrument, when the last funding rate was settled that the account has heard of: what the store learned
        while nobody listened is told as well.

    Attributes
    ----------
    stale : frozenset of str
        Series of the last instant whose first price is not known: an older one stands in for it.
    met_on : callable
        Gives the finer series that positions meet now; nobody waits for others.
    """

    def __init__(
        self,
        series: Sequence[SeriesId],
        begun: int,
        stores: MarketStores,
        clock: PatientClock,
        patience: FeedPatience | None = None,
        *,
        heard: Callable[[Sequence[FeedBar]], None] = lambda _: None,
        told: Mapping[str, int] | None = None,
        pushed: PushedBars | None = None,
        detail: str = "",
    ) -> None:
        self._series = {f"{one.instrument}/{one.timeframe}": one for one in series}
        self._stores = stores
        self._clock = clock
        self._patience = patience or FeedPatience()
        self._heard = heard
        self._pushed = pushed
        self._spans = frozenset(one.span_ms for one in series)
        finer = (
            replace(one, timeframe=detail) for one in series if detail and timeframe_ms(detail) < one.span_ms
        )
        self._finer = {f"{one.instrument}/{one.timeframe}": one for one in finer}
        spans = self._spans.union(one.span_ms for one in self._finer.values())
        self._boundaries = Boundaries.of(spans, begun)
        self.met_on: Callable[[], Collection[str]] = frozenset
        self._ended = EndedBars(stores.bars, begun, made_s=self._patience.made_s)
        self._present: int | None = None
        self._last: tuple[int, Instant] | None = None
        self._told: dict[str, int] = dict(told or {})
        # By series, the instant at which its bar was given up.
        self._missed: dict[str, int] = {}
        self.stale: frozenset[str] = frozenset()

    async def after(self, number: int) -> Instant | None:
        """Return the instant after a number, waiting for it; the same again when asked again."""
        if self._last is not None and self._last[0] == number:
            return self._last[1]
        at = self._next(number)
        ts = self._boundaries.ts(at)
        if self._present is None:
            self._present = self._clock.market_now()
        while (left_ms := ts - self._clock.market_now()) > 0:
            # Time is waited for to the millisecond only where bars are pushed.
            left_s = self._patience.look_s if self._pushed is None else on_the_wall_s(self._clock, left_ms)
            await self._clock.pause(min(self._patience.look_s, left_s))
        is_over = ts + self._patience.late_ms < self._present
        closed = await self._closed(at, ts, is_over=is_over)
        self._heard(closed)
        ended = (
            list(self._series)
            if number == 0
            else [one.series for one in closed if one.series in self._series]
        )
        opened = await self._opened(ended, ts, waits=number > 0 and not is_over)
        # What was waited for so long that another bar has begun meanwhile is over as well.
        is_missed = is_over or (number > 0 and self._clock.market_now() >= self._own_after(ts))
        rates = self._rates(self._boundaries.ts(max(number, 1)), ts)
        is_inside = number > 0 and not self._is_own(ts)
        made = Instant(at, ts, closed, opened, rates, is_missed=is_missed, is_inside=is_inside)
        self._last = number, made
        return made

    def _next(self, number: int) -> int:
        """Return the number of the next instant: of the slots' bars, or of finer ones that positions meet."""
        ts = self._boundaries.ts(number + 1)
        if number == 0 or self._is_own(ts) or self.met_on():
            return number + 1
        return self._boundaries.number(self._own_after(ts))

    def _is_own(self, ts: int) -> bool:
        return any(ts % span == 0 for span in self._spans)

    def _own_after(self, ts: int) -> int:
        """Return when bars of slots begin next after a time."""
        return min((ts // span + 1) * span for span in self._spans)

    async def exits_placed(self, instant: Instant) -> None:
        """Nothing waits for it: the market goes on by itself."""

    async def entries_placed(self, instant: Instant, series: Mapping[str, str]) -> None:
        """Nothing waits for it: the market goes on by itself."""

    # Bars ------------------------------------------------------------------------------------------------------

    async def _closed(self, number: int, ts: int, *, is_over: bool) -> tuple[FeedBar, ...]:
        known = {**self._series, **{name: self._finer[name] for name in self.met_on() if name in self._finer}}
        due = {} if number == 1 else {k: one for k, one in known.items() if ts % one.span_ms == 0}
        found = self._pushed_bars(due, ts)
        if found and found.keys() == due.keys():
            return self._counted(due, found, ts, is_over=is_over)
        gone, missed = self._silent(due), self._missed_finer(due)
        waited, told = _Waited(self._clock), _VenueTime(self._stores.quotes, self._venue())
        looked = None
        while True:
            final = waited.final()
            # Of a clock that is set back nobody knows which of its times was wrong, but the venue's own say it.
            if waited.set_back_ms and told.is_before(ts):
                waited.begin_anew()
            waited_s = waited.wall_s()
            # What is over, or was waited for long enough, is taken as it is.
            is_enough = is_over or (final >= ts and waited_s >= self._patience.wait_s)
            # A pushed bar may be corrected while others are waited for: its last words count.
            pushes = {k: one for k, one in due.items() if k not in found or found[k].is_pushed}
            found |= self._pushed_bars(pushes, ts)
            is_late = on_the_wall_s(self._clock, final - ts) >= self._patience.made_s
            silent = gone | missed if is_late else gone
            is_last = is_enough or due.keys() - found.keys() <= silent
            # What is pushed wakes this up often; the store is read as often as without, and before one is given up.
            if looked is None or is_last or waited_s - looked >= self._patience.look_s:
                looked = waited_s
                for name, one in due.items():
                    if name not in found and (
                        bar := self._bar(name, one, ts, None if is_enough else waited_s)
                    ):
                        found[name] = bar
            if due.keys() - found.keys() <= silent or is_enough:
                return self._counted(due, found, ts, is_over=is_over)
            await self._rest(ts)

    def _counted(
        self, due: Mapping[str, SeriesId], found: Mapping[str, FeedBar], ts: int, *, is_over: bool
    ) -> tuple[FeedBar, ...]:
        """Note whose bar was given up, and return the bars in the order of the series."""
        self._missed = {k: at for k, at in self._missed.items() if k not in due}
        self._missed |= {k: ts for k in due if k not in found and not is_over}
        return tuple(found[name] for name in due if name in found)

    def _pushed_bars(self, due: Mapping[str, SeriesId], ts: int) -> dict[str, FeedBar]:
        if self._pushed is None:
            return {}
        ended = {name: self._pushed.ended(one, ts) for name, one in due.items()}
        return {
            name: FeedBar(name, bar.ts, bar.open, bar.high, bar.low, bar.close, bar.volume, is_pushed=True)
            for name, bar in ended.items()
            if bar is not None
        }

    async def _rest(self, ts: int) -> None:
        """Wait until it is time to look again, or something is pushed."""
        if self._pushed is None:
            await self._clock.pause(self._patience.look_s)
            return
        left_ms = ts - final_before(self._clock)
        rest_s = self._patience.look_s
        if left_ms > 0:
            rest_s = min(rest_s, on_the_wall_s(self._clock, left_ms))
        works = [
            asyncio.ensure_future(one) for one in (self._clock.pause(rest_s), self._pushed.arrived.wait())
        ]
        try:
            await asyncio.wait(works, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in works:
                one.cancel()
            await asyncio.gather(*works, return_exceptions=True)
        self._pushed.arrived.clear()

    def _silent(self, due: Mapping[str, SeriesId]) -> set[str]:
        """Return the series that nobody waits for: their last bar never came, and prices of others alone did since.

        The others would be late at every bar for one that is halted or gone.
        """
        if self._missed.keys().isdisjoint(due):
            return set()
        heard = {name: ts for name, (ts, _) in self._quotes().items()}
        newest = max(heard.values(), default=-1)
        missed = {name: at for name, at in self._missed.items() if name in due and at <= newest}
        unheard = {name: at for name, at in missed.items() if heard.get(due[name].instrument, -1) < at}
        # Of what nobody streams no price is heard: its bars tell that it goes on.
        return {name for name, at in unheard.items() if self._bar(name, due[name], at, None) is None}

    def _missed_finer(self, due: Mapping[str, SeriesId]) -> set[str]:
        """Return the finer series whose last bar never came: the next ones hold up the others for a moment only."""
        return {name for name in self._missed if name in due and name not in self._series}

    def _bar(self, name: str, one: SeriesId, ts: int, waited_s: float | None) -> FeedBar | None:
        bars = self._ended.at(one, ts, waited_s)
        if not len(bars):
            return None
        columns = (bars.open, bars.high, bars.low, bars.close, bars.volume)
        o, h, low, c, v = (float(column[-1]) for column in columns)
        return FeedBar(name, int(bars.ts[-1]), o, h, low, c, v)

    # First prices ----------------------------------------------------------------------------------------------

    async def _opened(self, names: Sequence[str], ts: int, *, waits: bool) -> tuple[tuple[str, float], ...]:
        found = self._pushed_opens(names, ts)
        waited = _Waited(self._clock)
        while len(found) < len(names):
            quotes = self._quotes()
            for name in names:
                price = self._price(self._series[name], ts, quotes)
                if name not in found and price is not None:
                    found[name] = price
            if len(found) == len(names) or not waits or waited.wall_s() >= self._patience.wait_s:
                break
            await self._rest(ts)
            found |= self._pushed_opens(names, ts)
        self.stale = frozenset(names) - found.keys()
        for name in self.stale:
            before = self._before(self._series[name], ts)
            if before is not None:
                found[name] = before
        return tuple((name, found[name]) for name in names if name in found)

    def _pushed_opens(self, names: Sequence[str], ts: int) -> dict[str, float]:
        if self._pushed is None:
            return {}
        opens = {name: self._pushed.first_price(self._series[name], ts) for name in names}
        return {name: price for name, price in opens.items() if price is not None}

    def _price(self, one: SeriesId, ts: int, quotes: Mapping[str, tuple[int, float]]) -> float | None:
        price = first_price(self._stores.bars, one, ts)
        if price is not None:
            return price
        heard, last = quotes.get(one.instrument, (-1, 0.0))
        return last if heard >= ts else None

    def _before(self, one: SeriesId, ts: int) -> float | None:
        """Return the last price before a time: nothing may be entered at it, but positions are counted at it."""
        bars = bars_until(self._stores.bars, one, ts - 10 * one.span_ms, ts)
        if len(bars):
            return float(bars.close[-1])
        heard = self._quotes().get(one.instrument)
        return heard[1] if heard is not None else None

    def _venue(self) -> str:
        return next(iter(self._series.values())).venue

    def _quotes(self) -> dict[str, tuple[int, float]]:
        venue, newest = self._venue(), self._stores.quotes.since(0)[1]
        return {one.instrument: (one.ts_event, one.last) for one in newest if one.venue == venue}

    # Funding ---------------------------------------------------------------------------------------------------

    def _rates(self, before: int, ts: int) -> tuple[tuple[str, int, float], ...]:
        """Return what was settled since the last instant, and what the store learned late."""
        names = {
            f"derivatives/{one.venue}:{one.instrument}/funding_fraction": one.instrument
            for one in self._series.values()
        }
        since = min([before, *(self._told.get(name, before) for name in names.values())])
        frame = self._stores.facts.read(list(names), start_ms=since + 1, end_ms=ts + MINUTE_MS)
        found = []
        for name, heard, rate in frame.select("series", "ts_event", "value").iter_rows():
            # Venues stamp a settlement some milliseconds late.
            instrument, settled = names[name], heard // MINUTE_MS * MINUTE_MS
            if self._told.get(instrument, before) < settled <= ts:
                found.append((instrument, settled, float(rate)))
        for instrument in names.values():
            self._told.setdefault(instrument, before)
        for instrument, settled, _ in found:
            self._told[instrument] = max(self._told[instrument], settled)
        return tuple(sorted(found, key=lambda one: (one[1], one[0])))
