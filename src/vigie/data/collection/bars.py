"""Finished bars on their way to the store: what is missing before one is fetched first."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Final

from vigie.data.collection.schedule import back_off_s, is_over, missing
from vigie.data.collector import fetch_series, final_before
from vigie.data.desk import DataDesk
from vigie.domain.errors import ConnectorError, StorageError, TransientError, UsageError
from vigie.domain.fact import Measure
from vigie.domain.ids import SeriesId
from vigie.domain.plausible import ahead_ms
from vigie.domain.time import DAY_MS, HOUR_MS, SECOND_MS
from vigie.ports.source import Bar, Batch

if TYPE_CHECKING:
    import polars as pl

    from vigie.ports.venue import HistoryFeed

PUSHED: Final = ("1m", "1h")
"""Timeframes of the bars that venues push to the collector."""
# Of a series that is new here; and how far back a series that was left alone is filled.
FIRST_BARS: Final = 1_500
MOST_BARS: Final = 20_000
_MOST_WAITING: Final = 5_000
# A hole that the venue does not fill in so many tries is the venue's own.
_TRIES: Final = 3
# Appended bars are sealed within a day, also of series whose next bar is far: few at a time, each several times a day.
_SEALED_AT_ONCE: Final = 4
_LOOK_MS: Final = 6 * HOUR_MS


@dataclass(slots=True)
class _Series:
    """Bars of one series that wait, and how far the store has come."""

    waiting: dict[int, Bar] = field(default_factory=dict)
    last_ts: int | None = None
    is_known: bool = False
    wants_fill: bool = False
    errors: int = 0
    error: str = ""
    due_ms: int = 0
    sealed_ms: int = 0


class BarKeeper:
    """Stores bars in the order of time, without a hole that the venue could fill.

    A bar that arrives after a gap waits until the gap is fetched; then both are stored.

    Parameters
    ----------
    desk : DataDesk
        The store, and the way to the venues' histories.
    say : callable
        Told what could not be fetched, once each time it begins to fail.
    """

    def __init__(self, desk: DataDesk, say: Callable[[str], None]) -> None:
        self._desk = desk
        self._say = say
        self._series: dict[SeriesId, _Series] = defaultdict(_Series)
        self._feeds: dict[str, HistoryFeed] = {}
        self._busy: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._unlisted: set[SeriesId] = set()
        self._doubted: set[SeriesId] = set()
        self._stopping = False

    def take(self, bars: Iterable[Bar]) -> None:
        """Keep finished bars until they are stored; of two of one time the later one counts.

        One that cannot have ended yet, or so long ago that nobody streams it, is left out and said.
        """
        now = self._desk.clock.market_now()
        latest = now + ahead_ms(self._desk.clock.market_speed())
        for bar in bars:
            one = SeriesId(bar.venue, bar.instrument, bar.timeframe)
            if one in self._unlisted:
                continue
            if not now - MOST_BARS * one.span_ms <= bar.ts <= latest - one.span_ms:
                self._doubt(one, bar.ts)
                continue
            waiting = self._series[one].waiting
            waiting[bar.ts] = bar
            if len(waiting) > _MOST_WAITING:  # they can be fetched again
                waiting.pop(min(waiting))

    def _doubt(self, one: SeriesId, ts: int) -> None:
        if one not in self._doubted:
            self._doubted.add(one)
            self._say(f"{one} was told a bar of {ts} ms since 1970, which cannot be: it is left out")

    def catch_up(self, series: Sequence[SeriesId]) -> None:
        """Fetch what is missing of some series up to now."""
        for one in series:
            if one not in self._unlisted:
                self._series[one].wants_fill = True

    async def fetch(self, series: Sequence[SeriesId]) -> None:
        """Fetch what is missing of some series now; for when their stream is silent.

        Raises
        ------
        TransientError
            If one of them could not be fetched.
        """
        self.catch_up(series)
        await self.settle()
        while (venue := self._not_asked(series)) and not self._stopping:
            # A long fetch is under way there: nothing was asked of it for these yet, which is no success.
            async with self._busy[venue]:
                pass
            await self.settle()
        failing = [one for one in series if one in self._series and self._series[one].errors]
        if failing:
            raise TransientError(
                f"{failing[0]} and {len(failing) - 1} others wait: {self._series[failing[0]].error}"
            )

    def _not_asked(self, series: Sequence[SeriesId]) -> str:
        now = self._desk.clock.wall_now()
        for one in series:
            state = self._series.get(one)
            if state is not None and state.wants_fill and not state.errors and is_over(now, state.due_ms):
                return one.venue
        return ""

    def stop(self) -> None:
        """End fetches that are under way after their page."""
        self._stopping = True

    @property
    def waiting(self) -> int:
        """How many bars are not stored yet."""
        return sum(len(one.waiting) for one in self._series.values())

    async def settle(self) -> None:
        """Store what can be stored, and fetch what is missing before it; venues go on beside each other."""
        now = self._desk.clock.wall_now()
        by_venue: dict[str, list[SeriesId]] = defaultdict(list)
        for one, state in self._series.items():
            if (state.waiting or state.wants_fill) and is_over(now, state.due_ms):
                by_venue[one.venue].append(one)
        await asyncio.gather(*(self._settle_venue(venue, found) for venue, found in by_venue.items()))
        if not self._stopping:
            await self._seal_some()

    async def _seal_some(self) -> None:
        now = self._desk.clock.market_now()
        due = (
            one for one, state in self._series.items() if now - state.sealed_ms >= _LOOK_MS and state.is_known
        )
        for one in list(islice(due, _SEALED_AT_ONCE)):
            self._series[one].sealed_ms = now
            try:
                await asyncio.to_thread(self._desk.bars.seal, one, now - DAY_MS + _LOOK_MS)
            except StorageError as error:
                self._say(f"{one} is not sealed: {error}")

    async def flush(self) -> None:
        """Store what needs nothing fetched; for the end of a run.

        Raises
        ------
        StorageError
            If bars of a series could not be stored; those of the others are.
        """
        faults = await self._store_all([one for one, state in self._series.items() if state.is_known])
        for fault in faults.values():
            raise fault

    async def _settle_venue(self, venue: str, found: Sequence[SeriesId]) -> None:
        if self._busy[venue].locked():
            return  # a long fetch is under way there; what waits is looked at after it
        async with self._busy[venue]:
            ready = [one for one in found if self._is_ready(one, self._series[one])]
            await self._store_all(ready)
            for one in found:
                if not self._stopping and one not in set(ready):
                    await self._settle_one(one, self._series[one])

    def _is_ready(self, one: SeriesId, state: _Series) -> bool:
        return state.is_known and not state.wants_fill and not self._gap(one, state)

    async def _settle_one(self, one: SeriesId, state: _Series) -> None:
        try:
            if not state.is_known:
                state.last_ts = await asyncio.to_thread(self._newest, one)
                state.is_known = True
            if state.wants_fill or self._gap(one, state):
                await asyncio.to_thread(self._fill, one, state)
                state.wants_fill = False
            if self._gap(one, state) and state.errors < _TRIES:
                raise TransientError("the venue has not written the bars before it yet")
            await self._store_all([one])
        except UsageError as error:  # the venue does not list it: nothing to wait for
            self._series.pop(one, None)
            self._unlisted.add(one)
            self._say(f"{one} is not collected: {error}")
        except (TransientError, ConnectorError, StorageError) as error:
            self._failed(one, error)

    def _failed(self, one: SeriesId, error: Exception) -> None:
        state = self._series[one]
        state.errors += 1
        state.error = str(error)
        state.due_ms = self._desk.clock.wall_now() + round(back_off_s(state.errors, 1.0) * SECOND_MS)
        if state.errors == 1 and not self._stopping:
            self._say(f"{one} waits: {error}")

    def _gap(self, one: SeriesId, state: _Series) -> bool:
        newer = [ts for ts in state.waiting if state.last_ts is None or ts > state.last_ts]
        expected = state.last_ts
        for ts in sorted(newer):
            if missing(expected, ts, one.span_ms):
                return True
            expected = ts
        return False

    def _fill(self, one: SeriesId, state: _Series) -> None:
        now = self._desk.clock.market_now()
        count = FIRST_BARS if state.last_ts is None else MOST_BARS
        since = now - count * one.span_ms
        if state.last_ts is not None:
            since = max(since, state.last_ts + one.span_ms)
        if since + one.span_ms <= final_before(self._desk.clock):
            feed = self._feeds.get(one.venue) or self._desk.feed(one.venue)
            self._feeds[one.venue] = feed
            fetch_series(self._desk, feed, one, since_ms=since, told=self._look_up)
            state.last_ts = self._newest(one)

    def _look_up(self, _done: int, _total: int, _words: str) -> None:
        if self._stopping:
            raise TransientError("the collector stops")

    async def _store_all(self, found: Sequence[SeriesId]) -> Mapping[SeriesId, StorageError]:
        """Store what waits of some series in one visit to a thread, which costs as much as storing a bar."""
        taken = {one: dict(self._series[one].waiting) for one in found}
        faults = await asyncio.to_thread(self._put, taken)
        for one, bars in taken.items():
            state = self._series[one]
            if one in faults:
                self._failed(one, faults[one])
                continue
            state.errors = 0
            state.last_ts = max([*bars, state.last_ts or 0]) if bars else state.last_ts
            for ts, bar in bars.items():
                if state.waiting.get(ts) is bar:
                    del state.waiting[ts]
        return faults

    def _put(self, taken: Mapping[SeriesId, Mapping[int, Bar]]) -> dict[SeriesId, StorageError]:
        faults = {}
        # One frame for all: making one costs more than storing a bar.
        frame, begin = _frame([bars[ts] for bars in taken.values() for ts in sorted(bars)]), 0
        for one, bars in taken.items():
            rows = frame.slice(begin, len(bars))
            begin += len(bars)
            try:
                if bars:
                    self._desk.bars.upsert(one, rows)
            except StorageError as error:
                faults[one] = error
        return faults

    def _newest(self, one: SeriesId) -> int | None:
        stored = self._desk.bars.read(one, last=1)
        return int(stored["timestamp"].to_physical()[0]) if len(stored) else None


@dataclass(frozen=True, slots=True)
class MissedBars:
    """Fetches bars in place of their stream; fulfils `vigie.ports.source.Source`."""

    keeper: BarKeeper
    series: Sequence[SeriesId]

    def measures(self) -> Sequence[Measure]:
        """Return nothing: bars are no facts."""
        return ()

    async def pull(self, bookmark: str) -> Batch:
        """Fetch what is missing up to now; the bars are stored by the keeper."""
        await self.keeper.fetch(self.series)
        return Batch(bookmark=bookmark)


def _frame(bars: Sequence[Bar]) -> pl.DataFrame:
    import polars as pl

    rows = [(bar.ts, bar.open, bar.high, bar.low, bar.close, bar.volume) for bar in bars]
    times, *numbers = zip(*rows, strict=True) if rows else ((),) * 6
    named = zip(("open", "high", "low", "close", "volume"), numbers, strict=True)
    time = pl.Series("timestamp", times, pl.Int64).cast(pl.Datetime("ms", "UTC"))
    return pl.DataFrame([time, *(pl.Series(name, column, pl.Float64) for name, column in named)])
