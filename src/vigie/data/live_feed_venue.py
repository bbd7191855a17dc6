"""What an account lives on, gathered from its own venue: history first, then quotes, finished bars and funding.

Bars are streamed and decided on as they are pushed; the venue's history over REST confirms each of them, and stands in
for what the stream lacks. Quotes are streamed, and asked for beside their stream. Everything but pushed bars goes into
the stores that the live feed and the strategies read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from typing import Final, Protocol

from vigie.data.collection.bars import FIRST_BARS
from vigie.data.collection.inbox import Inbox
from vigie.data.collector import fetch_series, final_before
from vigie.data.decided_bars import SAME, Prices
from vigie.data.frames import NUMBERS
from vigie.data.pushed_bars import PushedBars, to_wall_seconds
from vigie.data.stores import DataStores
from vigie.data.stream_reader import read_stream
from vigie.domain.errors import AuthError, ConnectorError, TransientError, UsageError, VigieError
from vigie.domain.ids import SeriesId
from vigie.domain.quote import OrderBook, Quote
from vigie.domain.refusal import Refusal
from vigie.domain.time import HOUR_MS, SECOND_MS
from vigie.ports.clock import PatientClock
from vigie.ports.source import Bar, Source, Stream
from vigie.ports.venue import HistoryFeed

_MOST_TRIES: Final = 10
_AT_ONCE: Final = 2


class BarListener(Protocol):
    """Hears how the venue tells a bar now."""

    def __call__(self, name: str, ts: int, prices: Prices, *, is_history: bool) -> None:
        """Hear one, by its history or by a push."""
        ...


def _ignore_bar(name: str, ts: int, prices: Prices, *, is_history: bool) -> None:
    """Take a bar that nobody decided on."""


class _BarNotReady(TransientError):
    """The venue answered, and its newest bar is not there."""


@dataclass(frozen=True, slots=True)
class VenueParts:
    """The public half of a venue.

    Attributes
    ----------
    quotes : Stream
        Prices as they change.
    tickers : Source
        The same, asked for.
    funding : Source
        Settled rates.
    book : callable
        Gives the best ten bids and asks of an instrument.
    bars : Stream or None
        Bars as they are pushed; None where they come from the history alone.
    says_final : bool
        Whether a pushed bar says itself that it is finished.
    """

    history: HistoryFeed
    quotes: Stream
    tickers: Source
    funding: Source
    book: Callable[[str], Awaitable[OrderBook]]
    bars: Stream | None = None
    says_final: bool = False


@dataclass(frozen=True, slots=True)
class PollIntervals:
    """Seconds on the wall.

    Attributes
    ----------
    look_s : float
        Between two looks whether a bar is final, and between two storings of quotes.
    tickers_s : float
        Between two questions for quotes, beside their stream.
    books_s : float
        Between two questions for the books.
    funding_s : float
        Between two questions for settlements; at each full hour of the market they are asked for as well.
    silent_s : float
        A stream that says nothing for so long is opened again.
    silent_bars_s : float
        The same of bars: of a quiet market none are pushed.
    confirm_s : float
        Between two questions for a bar that was pushed and is not in the venue's history yet.
    again_s : float
        After something failed.
    """

    look_s: float = 0.5
    tickers_s: float = 2.0
    books_s: float = 10.0
    funding_s: float = 60.0
    silent_s: float = 30.0
    silent_bars_s: float = 120.0
    confirm_s: float = 0.5
    again_s: float = 2.0


@dataclass(slots=True)
class VenueMarket:
    """Gathers the series of one account until it is cancelled.

    Attributes
    ----------
    report : callable
        Told what began to fail and what works again, each once.
    books : dict
        By instrument, the best ten bids and asks as they were last.
    pushed : PushedBars or None
        Bars that were pushed; None where none are.
    on_bar : callable
        Told each bar that the venue's history or a push tells, by the name of its series, ``btc-usdt-perp/1h``, and
        its open time: whoever decided on another learns of it.
    beside : sequence of SeriesId
        Finer bars, and bars of other instruments that strategies read: gathered as well, as far as the venue has them.
    """

    series: Sequence[SeriesId]
    parts: VenueParts
    stores: DataStores
    inbox: Inbox
    clock: PatientClock
    report: Callable[[str], None]
    intervals: PollIntervals = field(default_factory=PollIntervals)
    books: dict[str, OrderBook] = field(default_factory=dict)
    pushed: PushedBars | None = None
    on_bar: BarListener = _ignore_bar
    beside: Sequence[SeriesId] = ()
    _ends: dict[SeriesId, int] = field(default_factory=dict)
    _failing: set[str] = field(default_factory=set)
    _settled: tuple[str, int, int] = ("", -1, 0)
    _confirming: set[asyncio.Task[None]] = field(default_factory=set)
    _turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))

    def __post_init__(self) -> None:
        """Keep what is pushed, where anything is."""
        if self.parts.bars is not None and self.pushed is None:
            self.pushed = PushedBars(self.clock, self.parts.says_final, on_bar=self._note_pushed)

    async def fill(self) -> None:
        """Fetch the history that is missing: of a series that is new here, the newest 1,500 bars.

        One that was traded here before, and of which the venue alone has nothing new, holds up none of the others: its
        contract is halted, or gone.

        Raises
        ------
        TransientError, ConnectorError
            If the venue does not give it.
        """
        waiting, silent = list(self.series), dict[SeriesId, VigieError]()
        for left in reversed(range(_MOST_TRIES)):
            try:
                silent = await self._fill_series(waiting)
            except TransientError:
                if not left:
                    raise
            else:
                if not waiting:
                    break
            if left:
                await self.clock.pause(self.intervals.again_s)
        for series_id, fault in silent.items():
            if len(silent) == len(self.series) or self._end(series_id) is None:
                raise fault
        for series_id, fault in silent.items():
            self._failing.add(str(series_id))
            self.report(f"{series_id}: {fault}; it is tried again, and the others are traded meanwhile")
        await self._fill_beside()

    async def _fill_beside(self) -> None:
        """Fetch what is gathered beside the series, and forget what the venue does not have."""
        available = []
        for series_id in self.beside:
            try:
                await self._fetch(series_id)
            except AuthError:
                raise
            except TransientError as fault:
                self._failing.add(str(series_id))
                self.report(f"{series_id}: {fault}; it is tried again, and the others are traded meanwhile")
            except (ConnectorError, UsageError) as fault:
                self.report(f"{series_id}: {fault}; the account goes on without it")
                continue
            available.append(series_id)
        self.beside = available

    async def _fill_series(self, waiting: list[SeriesId]) -> dict[SeriesId, VigieError]:
        """Fetch each of some series, take what came out of the list, and return of which there is nothing new."""
        silent: dict[SeriesId, VigieError] = {}
        for series_id in list(waiting):
            try:
                await self._fetch(series_id)
            except AuthError:
                raise
            except (_BarNotReady, ConnectorError) as fault:
                if isinstance(fault, ConnectorError) and self._end(series_id) is None:
                    raise
                silent[series_id] = fault
            else:
                waiting.remove(series_id)
        return silent

    async def run(self) -> None:
        """Gather what is new; a part that fails is tried again for ever, and the others go on meanwhile."""
        intervals = self.intervals
        await asyncio.gather(
            self._forever("quotes", self._stream_quotes, intervals.look_s),
            self._forever("tickers", self._poll_tickers, intervals.tickers_s),
            self._forever("books", self._poll_books, intervals.books_s),
            self._forever("store", self._store_inbox, intervals.look_s),
            self._forever("funding", self._poll_funding, intervals.look_s),
            *(
                self._forever(str(series_id), partial(self._fetch_when_final, series_id), intervals.look_s)
                for series_id in (*self.series, *self.beside)
            ),
            *(
                []
                if self.parts.bars is None
                else [self._forever("bars", self._stream_bars, intervals.look_s)]
            ),
        )

    async def _forever(self, name: str, once: Callable[[], Awaitable[None]], every_s: float) -> None:
        while True:
            try:
                await once()
            except (TransientError, ConnectorError) as fault:
                if name not in self._failing:
                    self._failing.add(name)
                    self.report(f"{name}: {fault}; it is tried again")
                await self.clock.pause(self.intervals.again_s)
                continue
            except UsageError as fault:
                if name not in map(str, self.beside):
                    raise
                self.report(f"{name}: {fault}; the account goes on without it")
                return
            self._report_recovery(name)
            await self.clock.pause(every_s)

    def _report_recovery(self, name: str) -> None:
        if name in self._failing:
            self._failing.discard(name)
            self.report(f"{name}: works again")

    # Bars ------------------------------------------------------------------------------------------------------

    async def _fetch_when_final(self, series_id: SeriesId) -> None:
        """Fetch a bar once it is final."""
        left_ms = self._ends.get(series_id, 0) + series_id.span_ms - final_before(self.clock)
        left_s = to_wall_seconds(self.clock, left_ms)
        if self.pushed is not None and left_ms > 0 and left_s < self.intervals.look_s:
            # What was pushed is decided on at that moment, and confirmed meanwhile.
            await self.clock.pause(left_s)
        if self._ends.get(series_id, 0) + series_id.span_ms <= final_before(self.clock):
            await self._fetch(series_id)

    async def _fetch(self, series_id: SeriesId) -> None:
        final = final_before(self.clock)
        newest = await asyncio.to_thread(self._fetch_newest, series_id, final)
        self._ends[series_id] = newest[0] + series_id.span_ms
        self.on_bar(_series_name(series_id), *newest, is_history=True)

    def _fetch_newest(self, series_id: SeriesId, final: int) -> tuple[int, Prices]:
        """Fetch what is final and return the newest bar that is stored."""
        stored = self._end(series_id)
        since = final - FIRST_BARS * series_id.span_ms if stored is None else stored
        fetch_series(self.stores, self.parts.history, series_id, since_ms=since)
        newest = self._newest(series_id)
        if newest is None or newest[0] + 2 * series_id.span_ms <= final:
            raise _BarNotReady(
                Refusal("venue_not_published_newest_bar", "the venue has not published its newest bar yet")
            )
        return newest

    def _end(self, series_id: SeriesId) -> int | None:
        newest = self._newest(series_id)
        return None if newest is None else newest[0] + series_id.span_ms

    def _newest(self, series_id: SeriesId) -> tuple[int, Prices] | None:
        stored = self.stores.bars.read(series_id, last=1)
        if not len(stored):
            return None
        prices = tuple(float(stored[name][0]) for name in NUMBERS)
        return int(stored["timestamp"].to_physical()[0]), prices

    # Pushed bars -----------------------------------------------------------------------------------------------

    async def _stream_bars(self) -> None:
        """Keep the bars that are pushed, for as long as their stream stands."""
        assert self.parts.bars is not None
        assert self.pushed is not None
        try:
            async with aclosing(read_stream(self.parts.bars, self.intervals.silent_bars_s)) as batches:
                async for batch in batches:
                    self._report_recovery("bars")
                    self.pushed.take(batch.bars, batch.opens)
        finally:
            self.pushed.forget()
            for task in self._confirming:
                task.cancel()

    def _note_pushed(self, bar: Bar) -> None:
        """Let a pushed bar be compared: with what was decided on, and with what the venue's history says of it."""
        series_id = SeriesId(bar.venue, bar.instrument, bar.timeframe)
        if series_id not in self.series:
            return
        prices = bar.open, bar.high, bar.low, bar.close, bar.volume
        self.on_bar(_series_name(series_id), bar.ts, prices, is_history=False)
        if bar.is_final:
            task = asyncio.ensure_future(self._confirm(series_id, bar))
            self._confirming.add(task)
            task.add_done_callback(self._confirming.discard)

    async def _confirm(self, series_id: SeriesId, bar: Bar) -> None:
        """Ask the history for a bar that its venue calls final, until the usual fetch asks for it."""
        end, least = bar.ts + series_id.span_ms, bar.volume * (1.0 - SAME)
        page = partial(self.parts.history.page, series_id.instrument, series_id.timeframe, bar.ts, end)
        while final_before(self.clock) < end:
            try:
                # Few at a time: what is decided meanwhile needs the processor as well.
                async with self._turns:
                    rows = await asyncio.to_thread(page)
            except (TransientError, ConnectorError):
                # The usual fetch asks again in a moment, and says what fails.
                return
            # Volume only rises within a bar: before the margin is over, less of it means that trades are missing.
            complete_rows = [row for row in rows if row[5] >= least]
            for row in complete_rows:
                prices = tuple(float(value) for value in row[1:6])
                self.on_bar(_series_name(series_id), int(row[0]), prices, is_history=True)
            if complete_rows:
                return
            await self.clock.pause(self.intervals.confirm_s)

    # Quotes and funding ----------------------------------------------------------------------------------------

    async def _stream_quotes(self) -> None:
        async with aclosing(read_stream(self.parts.quotes, self.intervals.silent_s)) as batches:
            async for batch in batches:
                if any(_is_crossed(quote) for quote in batch.quotes):
                    raise TransientError("stream_broken", "the stream is broken, its bids are above its asks")
                self._report_recovery("quotes")
                self.inbox.take_quotes(batch.quotes)

    async def _store_inbox(self) -> None:
        for words in await self.inbox.store():
            self.report(words)

    async def _poll_tickers(self) -> None:
        batch = await self.parts.tickers.pull("")
        self.inbox.take_quotes(batch.quotes)

    async def _poll_books(self) -> None:
        for name in dict.fromkeys(series_id.instrument for series_id in self.series):
            try:
                self.books[name] = await self.parts.book(name)
            except (TransientError, ConnectorError):
                # An old one is none.
                self.books.pop(name, None)
                raise

    async def _poll_funding(self) -> None:
        """Ask for settlements at each full hour of the market, and from time to time because they are told late."""
        bookmark, hour, asked_ms = self._settled
        present, now = self.clock.market_now() // HOUR_MS, self.clock.wall_now()
        # Where the clock was set back nobody knows how long ago that was.
        if present == hour and 0 <= now - asked_ms < self.intervals.funding_s * SECOND_MS:
            return
        batch = await self.parts.funding.pull(bookmark)
        await self.inbox.keep(batch.observations)
        self._settled = batch.bookmark, present, now


def _series_name(series_id: SeriesId) -> str:
    return f"{series_id.instrument}/{series_id.timeframe}"


def _is_crossed(quote: Quote) -> bool:
    return quote.bid is not None and quote.ask is not None and quote.bid > quote.ask
