"""What an account lives on, gathered from its own venue: history first, then quotes, finished bars and funding.

Bars are the venue's own over REST, asked for as soon as they are final; quotes are streamed, and asked for beside
their stream. Everything goes into the stores that the live feed and the strategies read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from vigie.data.collection.bars import FIRST_BARS
from vigie.data.collection.inbox import Inbox
from vigie.data.collector import fetch_series, final_before
from vigie.data.desk import DataDesk
from vigie.domain.errors import AuthError, ConnectorError, TransientError, VigieError
from vigie.domain.ids import SeriesId
from vigie.domain.quote import Book, Quote
from vigie.domain.time import HOUR_MS, SECOND_MS
from vigie.ports.clock import PatientClock
from vigie.ports.source import Source, Stream
from vigie.ports.venue import HistoryFeed

_MOST_TRIES: Final = 10


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
    """

    history: HistoryFeed
    quotes: Stream
    tickers: Source
    funding: Source
    book: Callable[[str], Awaitable[Book]]


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
    again_s : float
        After something failed.
    """

    look_s: float = 0.5
    tickers_s: float = 2.0
    books_s: float = 10.0
    funding_s: float = 60.0
    silent_s: float = 30.0
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
    """

    series: Sequence[SeriesId]
    parts: VenueParts
    desk: DataDesk
    inbox: Inbox
    clock: PatientClock
    say: Callable[[str], None]
    paces: Paces = field(default_factory=Paces)
    books: dict[str, Book] = field(default_factory=dict)
    _ends: dict[SeriesId, int] = field(default_factory=dict)
    _failing: set[str] = field(default_factory=set)
    _settled: tuple[str, int, int] = ("", -1, 0)

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
            *(self._forever(str(one), partial(self._go_on, one), paces.look_s) for one in self.series),
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
        if self._ends.get(one, 0) + one.span_ms <= final_before(self.clock):
            await self._fetch(one)

    async def _fetch(self, one: SeriesId) -> None:
        final = final_before(self.clock)
        self._ends[one] = await asyncio.to_thread(self._fetched, one, final)

    def _fetched(self, one: SeriesId, final: int) -> int:
        """Fetch what is final and return where the stored bars end."""
        stored = self._end(one)
        since = final - FIRST_BARS * one.span_ms if stored is None else stored
        fetch_series(self.desk, self.parts.history, one, since_ms=since)
        end = self._end(one) or 0
        if end + one.span_ms <= final:
            raise _Unwritten("the venue has not written its newest bar yet")
        return end

    def _end(self, one: SeriesId) -> int | None:
        newest = self.desk.bars.read(one, last=1)
        return int(newest["timestamp"].to_physical()[0]) + one.span_ms if len(newest) else None

    # Quotes and funding ----------------------------------------------------------------------------------------

    async def _hear(self) -> None:
        async with aclosing(self.parts.quotes.listen()) as heard:  # type: ignore[type-var]  # a generator, as connectors write them
            while True:
                # Not `wait_for`: up to Python 3.11 it may swallow that this task is cancelled.
                try:
                    async with asyncio.timeout(self.paces.silent_s):
                        batch = await anext(heard)
                except TimeoutError as fault:
                    raise TransientError(f"the stream says nothing for {self.paces.silent_s:g} s") from fault
                except StopAsyncIteration as fault:
                    raise TransientError("the stream ended") from fault
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


def _is_crossed(quote: Quote) -> bool:
    return quote.bid is not None and quote.ask is not None and quote.bid > quote.ask
