"""What an account lives on, gathered from its own venue: history first, then quotes, finished bars and funding.

Bars are streamed and decided on as they are pushed; the venue's history over REST confirms each of them, and stands in
for what the stream lacks. Quotes are streamed, and asked for beside their stream. Everything but pushed bars goes into
the stores that the live feed and the strategies read.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from typing import Final, Protocol

from vigie.data.collection.bars import FIRST_BARS
from vigie.data.collection.inbox import Inbox
from vigie.data.collector import fetch_series, final_before
from vigie.data.decided_bars import SAME, Prices
from vigie.data.desk import DataDesk
from vigie.data.frames import NUMBERS
from vigie.data.pushed_bars import PushedBars, on_the_wall_s
from vigie.domain.errors import AuthError, ConnectorError, TransientError, UsageError, VigieError
from vigie.domain.ids import SeriesId
from vigie.domain.quote import Book, Quote
from vigie.domain.time import HOUR_MS, SECOND_MS
from vigie.ports.clock import PatientClock
from vigie.ports.source import Bar, Batch, Source, Stream
from vigie.ports.venue import HistoryFeed

_MOST_TRIES: Final = 10
_AT_ONCE: Final = 2


class Confirming(Protocol):
    """Hears how the venue tells a bar now."""

    def __call__(self, name: str, ts: int, prices: Prices, *, is_history: bool) -> None:
        """Hear one, by its history or by a push."""
        ...


def _nobody_hears(name: str, ts: int, prices: Prices, *, is_history: bool) -> None:
    """Take a bar that nobody decided on."""


class _Unwritten(TransientError):
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
    book: Callable[[str], Awaitable[Book]]
    bars: Stream | None = None
    says_final: bool = False


@dataclass(frozen=True, slots=True)
class Paces:
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
    say : callable
        Told what began to fail and what works again, each once.
    books : dict
        By instrument, the best ten bids and asks as they were last.
    pushed : PushedBars or None
        Bars that were pushed; None where none are.
    confirmed : callable
        Told each bar that the venue's history or a push tells, by the name of its series, ``btc-usdt-perp/1h``, and
        its open time: whoever decided on another learns of it.
    finer : sequence of SeriesId
        Gathered as well, as far as the venue has them: nobody waits for them.
    """

    series: Sequence[SeriesId]
    parts: VenueParts
    desk: DataDesk
    inbox: Inbox
    clock: PatientClock
    say: Callable[[str], None]
    paces: Paces = field(default_factory=Paces)
    books: dict[str, Book] = field(default_factory=dict)
    pushed: PushedBars | None = None
    confirmed: Confirming = _nobody_hears
    finer: Sequence[SeriesId] = ()
    _ends: dict[SeriesId, int] = field(default_factory=dict)
    _failing: set[str] = field(default_factory=set)
    _settled: tuple[str, int, int] = ("", -1, 0)
    _confirming: set[asyncio.Task[None]] = field(default_factory=set)
    _turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))

    def __post_init__(self) -> None:
        """Keep what is pushed, where anything is."""
        if self.parts.bars is not None and self.pushed is None:
            self.pushed = PushedBars(self.clock, self.parts.says_final, told=self._pushed)

    async def fill(self) -> None:
        """Fetch the history that is missing: of a series that is new here, the newest 1,500 bars.

        One that was traded here before, and of which the venue alone has nothing new, holds up none of the others: its
        contract is halted, or gone.

        Raises
        ------
        TransientError, ConnectorError
            If the venue does not give it.
        """
        await self._fill_finer()
        waiting, silent = list(self.series), dict[SeriesId, VigieError]()
        for left in reversed(range(_MOST_TRIES)):
            try:
                silent = await self._filled(waiting)
            except TransientError:
                if not left:
                    raise
            else:
                if not waiting:
                    return
            if left:
                await self.clock.pause(self.paces.again_s)
        for one, fault in silent.items():
            if len(silent) == len(self.series) or self._end(one) is None:
                raise fault
        for one, fault in silent.items():
            self._failing.add(str(one))
            self.say(f"{one}: {fault}; it is tried again, and the others are traded meanwhile")

    async def _fill_finer(self) -> None:
        """Fetch the finer bars, and forget those that the venue does not have."""
        there = []
        for one in self.finer:
            try:
                await self._fetch(one)
            except AuthError:
                raise
            except (TransientError, ConnectorError, UsageError) as fault:
                self.say(f"{one}: {fault}; levels are met without it")
            else:
                there.append(one)
        self.finer = there

    async def _filled(self, waiting: list[SeriesId]) -> dict[SeriesId, VigieError]:
        """Fetch each of some series, take what came out of the list, and return of which there is nothing new."""
        silent: dict[SeriesId, VigieError] = {}
        for one in list(waiting):
            try:
                await self._fetch(one)
            except AuthError:
                raise
            except (_Unwritten, ConnectorError) as fault:
                if isinstance(fault, ConnectorError) and self._end(one) is None:
                    raise
                silent[one] = fault
            else:
                waiting.remove(one)
        return silent

    async def run(self) -> None:
        """Gather what is new; a part that fails is tried again for ever, and the others go on meanwhile."""
        paces = self.paces
        await asyncio.gather(
            self._forever("quotes", self._hear, paces.look_s),
            self._forever("tickers", self._ask, paces.tickers_s),
            self._forever("books", self._measure, paces.books_s),
            self._forever("store", self._store, paces.look_s),
            self._forever("funding", self._settle, paces.look_s),
            *(
                self._forever(str(one), partial(self._go_on, one), paces.look_s)
                for one in (*self.series, *self.finer)
            ),
            *([] if self.parts.bars is None else [self._forever("bars", self._follow, paces.look_s)]),
        )

    async def _forever(self, name: str, once: Callable[[], Awaitable[None]], every_s: float) -> None:
        while True:
            try:
                await once()
            except (TransientError, ConnectorError) as fault:
                if name not in self._failing:
                    self._failing.add(name)
                    self.say(f"{name}: {fault}; it is tried again")
                await self.clock.pause(self.paces.again_s)
                continue
            self._works(name)
            await self.clock.pause(every_s)

    def _works(self, name: str) -> None:
        if name in self._failing:
            self._failing.discard(name)
            self.say(f"{name}: works again")

    # Bars ------------------------------------------------------------------------------------------------------

    async def _go_on(self, one: SeriesId) -> None:
        """Fetch a bar once it is final."""
        left_ms = self._ends.get(one, 0) + one.span_ms - final_before(self.clock)
        left_s = on_the_wall_s(self.clock, left_ms)
        if self.pushed is not None and left_ms > 0 and left_s < self.paces.look_s:
            # What was pushed is decided on at that moment, and confirmed meanwhile.
            await self.clock.pause(left_s)
        if self._ends.get(one, 0) + one.span_ms <= final_before(self.clock):
            await self._fetch(one)

    async def _fetch(self, one: SeriesId) -> None:
        final = final_before(self.clock)
        newest = await asyncio.to_thread(self._fetched, one, final)
        self._ends[one] = newest[0] + one.span_ms
        self.confirmed(_name(one), *newest, is_history=True)

    def _fetched(self, one: SeriesId, final: int) -> tuple[int, Prices]:
        """Fetch what is final and return the newest bar that is stored."""
        stored = self._end(one)
        since = final - FIRST_BARS * one.span_ms if stored is None else stored
        fetch_series(self.desk, self.parts.history, one, since_ms=since)
        newest = self._newest(one)
        if newest is None or newest[0] + 2 * one.span_ms <= final:
            raise _Unwritten("the venue has not written its newest bar yet")
        return newest

    def _end(self, one: SeriesId) -> int | None:
        newest = self._newest(one)
        return None if newest is None else newest[0] + one.span_ms

    def _newest(self, one: SeriesId) -> tuple[int, Prices] | None:
        stored = self.desk.bars.read(one, last=1)
        if not len(stored):
            return None
        prices = tuple(float(stored[name][0]) for name in NUMBERS)
        return int(stored["timestamp"].to_physical()[0]), prices

    # Pushed bars -----------------------------------------------------------------------------------------------

    async def _follow(self) -> None:
        """Keep the bars that are pushed, for as long as their stream stands."""
        assert self.parts.bars is not None
        assert self.pushed is not None
        try:
            async with aclosing(_spoken(self.parts.bars, self.paces.silent_bars_s)) as heard:
                async for batch in heard:
                    self._works("bars")
                    self.pushed.take(batch.bars, batch.opens)
        finally:
            self.pushed.forget()
            for task in self._confirming:
                task.cancel()

    def _pushed(self, bar: Bar) -> None:
        """Let a pushed bar be compared: with what was decided on, and with what the venue's history says of it."""
        one = SeriesId(bar.venue, bar.instrument, bar.timeframe)
        if one not in self.series:
            return
        prices = bar.open, bar.high, bar.low, bar.close, bar.volume
        self.confirmed(_name(one), bar.ts, prices, is_history=False)
        if bar.is_final:
            task = asyncio.ensure_future(self._confirm(one, bar))
            self._confirming.add(task)
            task.add_done_callback(self._confirming.discard)

    async def _confirm(self, one: SeriesId, bar: Bar) -> None:
        """Ask the history for a bar that its venue calls final, until the usual fetch asks for it."""
        end, least = bar.ts + one.span_ms, bar.volume * (1.0 - SAME)
        page = partial(self.parts.history.page, one.instrument, one.timeframe, bar.ts, end)
        while final_before(self.clock) < end:
            try:
                # Few at a time: what is decided meanwhile needs the processor as well.
                async with self._turns:
                    rows = await asyncio.to_thread(page)
            except (TransientError, ConnectorError):
                # The usual fetch asks again in a moment, and says what fails.
                return
            # Volume only rises within a bar: before the margin is over, less of it means that trades are missing.
            whole = [row for row in rows if row[5] >= least]
            for row in whole:
                prices = tuple(float(value) for value in row[1:6])
                self.confirmed(_name(one), int(row[0]), prices, is_history=True)
            if whole:
                return
            await self.clock.pause(self.paces.confirm_s)

    # Quotes and funding ----------------------------------------------------------------------------------------

    async def _hear(self) -> None:
        async with aclosing(_spoken(self.parts.quotes, self.paces.silent_s)) as heard:
            async for batch in heard:
                if any(_is_crossed(one) for one in batch.quotes):
                    raise TransientError("the stream is broken, its bids are above its asks")
                self._works("quotes")
                self.inbox.take_quotes(batch.quotes)

    async def _store(self) -> None:
        for words in await self.inbox.store():
            self.say(words)

    async def _ask(self) -> None:
        batch = await self.parts.tickers.pull("")
        self.inbox.take_quotes(batch.quotes)

    async def _measure(self) -> None:
        for name in dict.fromkeys(one.instrument for one in self.series):
            try:
                self.books[name] = await self.parts.book(name)
            except (TransientError, ConnectorError):
                # An old one is none.
                self.books.pop(name, None)
                raise

    async def _settle(self) -> None:
        """Ask for settlements at each full hour of the market, and from time to time because they are told late."""
        bookmark, hour, asked_ms = self._settled
        present, now = self.clock.market_now() // HOUR_MS, self.clock.wall_now()
        # Where the clock was set back nobody knows how long ago that was.
        if present == hour and 0 <= now - asked_ms < self.paces.funding_s * SECOND_MS:
            return
        batch = await self.parts.funding.pull(bookmark)
        await self.inbox.keep(batch.observations)
        self._settled = batch.bookmark, present, now


async def _spoken(stream: Stream, silent_s: float) -> AsyncGenerator[Batch]:
    """Yield what a stream says, until it ends or says nothing for long."""
    async with aclosing(stream.listen()) as heard:  # type: ignore[type-var]  # a generator, as connectors write them
        while True:
            # Not `wait_for`: up to Python 3.11 it may swallow that this task is cancelled.
            try:
                async with asyncio.timeout(silent_s):
                    batch = await anext(heard)
            except TimeoutError as fault:
                raise TransientError(f"the stream says nothing for {silent_s:g} s") from fault
            except StopAsyncIteration as fault:
                raise TransientError("the stream ended") from fault
            yield batch


def _name(one: SeriesId) -> str:
    return f"{one.instrument}/{one.timeframe}"


def _is_crossed(quote: Quote) -> bool:
    return quote.bid is not None and quote.ask is not None and quote.bid > quote.ask
