"""Finished bars on their way to the store: what is missing before one is fetched first."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Final

from vigie.data.collection.schedule import back_off_s, is_over, missing_span
from vigie.data.collector import fetch_series, final_before
from vigie.data.stores import DataStores
from vigie.domain.errors import ConnectorError, StorageError, TransientError, UsageError
from vigie.domain.fact import Measure
from vigie.domain.ids import SeriesId
from vigie.domain.time import DAY_MS, HOUR_MS, SECOND_MS
from vigie.domain.time_bounds import max_ahead_ms
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
class _SeriesState:
    """Bars of one series that wait, and how far the store has come."""

    waiting: dict[int, Bar] = field(default_factory=dict)
    last_ts: int | None = None
    is_known: bool = False
    wants_fill: bool = False
    errors: int = 0
    error: str = ""
    due_ms: int = 0
    sealed_ms: int = 0


class BarCollector:
    """Stores bars in the order of time, without a hole that the venue could fill.

    A bar that arrives after a gap waits until the gap is fetched; then both are stored.

    Parameters
    ----------
    stores : DataStores
        The store, and the way to the venues' histories.
    report : callable
        Told what could not be fetched, once each time it begins to fail.
    """

    def __init__(self, stores: DataStores, report: Callable[[str], None]) -> None:
        self._stores = stores
        self._report = report
        self._series: dict[SeriesId, _SeriesState] = defaultdict(_SeriesState)
        self._feeds: dict[str, HistoryFeed] = {}
        self._busy: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._unlisted: set[SeriesId] = set()
        self._implausible: set[SeriesId] = set()
        self._stopping = False

    @property
    def is_begun(self) -> bool:
        """Whether no series waits for the first look at what is stored of it and what is missing."""
        return all(state.is_known for state in self._series.values())

    def take(self, bars: Iterable[Bar]) -> None:
        """Keep finished bars until they are stored; of two of one time the later one counts.

        One that cannot have ended yet, or so long ago that nobody streams it, is left out and said.
        """
        now = self._stores.clock.market_now()
        latest = now + max_ahead_ms(self._stores.clock.market_speed())
        for bar in bars:
            series_id = SeriesId(bar.venue, bar.instrument, bar.timeframe)
            if series_id in self._unlisted:
                continue
            if not now - MOST_BARS * series_id.span_ms <= bar.ts <= latest - series_id.span_ms:
                self._report_implausible(series_id, bar.ts)
                continue
            waiting = self._series[series_id].waiting
            waiting[bar.ts] = bar
            if len(waiting) > _MOST_WAITING:  # they can be fetched again
                waiting.pop(min(waiting))

    def _report_implausible(self, series_id: SeriesId, ts: int) -> None:
        if series_id not in self._implausible:
            self._implausible.add(series_id)
            self._report(f"{series_id} was told a bar of {ts} ms since 1970, which cannot be: it is left out")

    def catch_up(self, series: Sequence[SeriesId]) -> None:
        """Fetch what is missing of some series up to now."""
        for series_id in series:
            if series_id not in self._unlisted:
                self._series[series_id].wants_fill = True

    async def fetch(self, series: Sequence[SeriesId]) -> None:
        """Fetch what is missing of some series now; for when their stream is silent.

        Raises
        ------
        TransientError
            If one of them could not be fetched.
        """
        self.catch_up(series)
        await self.store_ready()
        while (venue := self._busy_venue(series)) and not self._stopping:
            # A long fetch is under way there: nothing was asked of it for these yet, which is no success.
            async with self._busy[venue]:
                pass
            await self.store_ready()
        failing = [
            series_id for series_id in series if series_id in self._series and self._series[series_id].errors
        ]
        if failing:
            raise TransientError(
                "others_wait",
                "{failing} and {failing_count} others wait: {error}",
                failing=failing[0],
                failing_count=len(failing) - 1,
                error=self._series[failing[0]].error,
            )

    def _busy_venue(self, series: Sequence[SeriesId]) -> str:
        now = self._stores.clock.wall_now()
        for series_id in series:
            state = self._series.get(series_id)
            if state is not None and state.wants_fill and not state.errors and is_over(now, state.due_ms):
                return series_id.venue
        return ""

    def stop(self) -> None:
        """End fetches that are under way after their page."""
        self._stopping = True

    @property
    def waiting(self) -> int:
        """How many bars are not stored yet."""
        return sum(len(series_id.waiting) for series_id in self._series.values())

    async def store_ready(self) -> None:
        """Store what can be stored, and fetch what is missing before it; venues go on beside each other."""
        now = self._stores.clock.wall_now()
        by_venue: dict[str, list[SeriesId]] = defaultdict(list)
        for series_id, state in self._series.items():
            if (state.waiting or state.wants_fill) and is_over(now, state.due_ms):
                by_venue[series_id.venue].append(series_id)
        await asyncio.gather(
            *(self._store_venue(venue, ready_series) for venue, ready_series in by_venue.items())
        )
        if not self._stopping:
            await self._seal_next()

    async def _seal_next(self) -> None:
        now = self._stores.clock.market_now()
        due = (
            series_id
            for series_id, state in self._series.items()
            if now - state.sealed_ms >= _LOOK_MS and state.is_known
        )
        for series_id in list(islice(due, _SEALED_AT_ONCE)):
            self._series[series_id].sealed_ms = now
            try:
                await asyncio.to_thread(self._stores.bars.seal, series_id, now - DAY_MS + _LOOK_MS)
            except StorageError as error:
                self._report(f"{series_id} is not sealed: {error}")

    async def flush(self) -> None:
        """Store what needs nothing fetched; for the end of a run.

        Raises
        ------
        StorageError
            If bars of a series could not be stored; those of the others are.
        """
        faults = await self._store_all(
            [series_id for series_id, state in self._series.items() if state.is_known]
        )
        for fault in faults.values():
            raise fault

    async def _store_venue(self, venue: str, ready_series: Sequence[SeriesId]) -> None:
        if self._busy[venue].locked():
            return  # a long fetch is under way there; what waits is looked at after it
        async with self._busy[venue]:
            ready = [
                series_id for series_id in ready_series if self._is_ready(series_id, self._series[series_id])
            ]
            await self._store_all(ready)
            for series_id in ready_series:
                if not self._stopping and series_id not in set(ready):
                    await self._store_one(series_id, self._series[series_id])

    def _is_ready(self, series_id: SeriesId, state: _SeriesState) -> bool:
        return state.is_known and not state.wants_fill and not self._has_gap(series_id, state)

    async def _store_one(self, series_id: SeriesId, state: _SeriesState) -> None:
        try:
            if not state.is_known:
                state.last_ts = await asyncio.to_thread(self._newest, series_id)
                state.is_known = True
            if state.wants_fill or self._has_gap(series_id, state):
                await asyncio.to_thread(self._fill, series_id, state)
                state.wants_fill = False
            if self._has_gap(series_id, state) and state.errors < _TRIES:
                raise TransientError(
                    "venue_not_published_earlier_bars", "the venue has not published the earlier bars yet"
                )
            await self._store_all([series_id])
        except UsageError as error:  # the venue does not list it: nothing to wait for
            self._series.pop(series_id, None)
            self._unlisted.add(series_id)
            self._report(f"{series_id} is not collected: {error}")
        except (TransientError, ConnectorError, StorageError) as error:
            self._note_failure(series_id, error)

    def _note_failure(self, series_id: SeriesId, error: Exception) -> None:
        state = self._series[series_id]
        state.errors += 1
        state.error = str(error)
        state.due_ms = self._stores.clock.wall_now() + round(back_off_s(state.errors, 1.0) * SECOND_MS)
        if state.errors == 1 and not self._stopping:
            self._report(f"{series_id} waits: {error}")

    def _has_gap(self, series_id: SeriesId, state: _SeriesState) -> bool:
        newer = [ts for ts in state.waiting if state.last_ts is None or ts > state.last_ts]
        expected = state.last_ts
        for ts in sorted(newer):
            if missing_span(expected, ts, series_id.span_ms):
                return True
            expected = ts
        return False

    def _fill(self, series_id: SeriesId, state: _SeriesState) -> None:
        now = self._stores.clock.market_now()
        count = FIRST_BARS if state.last_ts is None else MOST_BARS
        since = now - count * series_id.span_ms
        if state.last_ts is not None:
            since = max(since, state.last_ts + series_id.span_ms)
        if since + series_id.span_ms <= final_before(self._stores.clock):
            feed = self._feeds.get(series_id.venue) or self._stores.feed(series_id.venue)
            self._feeds[series_id.venue] = feed
            fetch_series(self._stores, feed, series_id, since_ms=since, progress=self._check_stopping)
            state.last_ts = self._newest(series_id)

    def _check_stopping(self, _done: int, _total: int, _name: str) -> None:
        if self._stopping:
            raise TransientError("collector_stops", "the collector stops")

    async def _store_all(self, series: Sequence[SeriesId]) -> Mapping[SeriesId, StorageError]:
        """Store what waits of some series in one visit to a thread, which costs as much as storing a bar."""
        bars_by_series = {series_id: dict(self._series[series_id].waiting) for series_id in series}
        faults = await asyncio.to_thread(self._write, bars_by_series)
        for series_id, bars in bars_by_series.items():
            state = self._series[series_id]
            if series_id in faults:
                self._note_failure(series_id, faults[series_id])
                continue
            state.errors = 0
            state.last_ts = max([*bars, state.last_ts or 0]) if bars else state.last_ts
            for ts, bar in bars.items():
                if state.waiting.get(ts) is bar:
                    del state.waiting[ts]
        return faults

    def _write(self, bars_by_series: Mapping[SeriesId, Mapping[int, Bar]]) -> dict[SeriesId, StorageError]:
        faults = {}
        # One frame for all: making one costs more than storing a bar.
        frame, begin = _frame([bars[ts] for bars in bars_by_series.values() for ts in sorted(bars)]), 0
        for series_id, bars in bars_by_series.items():
            rows = frame.slice(begin, len(bars))
            begin += len(bars)
            try:
                if bars:
                    self._stores.bars.upsert(series_id, rows)
            except StorageError as error:
                faults[series_id] = error
        return faults

    def _newest(self, series_id: SeriesId) -> int | None:
        stored = self._stores.bars.read(series_id, last=1)
        return int(stored["timestamp"].to_physical()[0]) if len(stored) else None


@dataclass(frozen=True, slots=True)
class MissedBars:
    """Fetches bars in place of their stream; fulfils `vigie.ports.source.Source`."""

    collector: BarCollector
    series: Sequence[SeriesId]

    def measures(self) -> Sequence[Measure]:
        """Return nothing: bars are no facts."""
        return ()

    async def pull(self, bookmark: str) -> Batch:
        """Fetch what is missing up to now; the bars are stored by the keeper."""
        await self.collector.fetch(self.series)
        return Batch(bookmark=bookmark)


def _frame(bars: Sequence[Bar]) -> pl.DataFrame:
    import polars as pl

    rows = [(bar.ts, bar.open, bar.high, bar.low, bar.close, bar.volume) for bar in bars]
    times, *numbers = zip(*rows, strict=True) if rows else ((),) * 6
    columns = zip(("open", "high", "low", "close", "volume"), numbers, strict=True)
    time = pl.Series("timestamp", times, pl.Int64).cast(pl.Datetime("ms", "UTC"))
    return pl.DataFrame([time, *(pl.Series(name, column, pl.Float64) for name, column in columns)])
