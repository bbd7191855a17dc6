"""The live half of a venue over ccxt.pro: what it streams, and the same asked for where the stream is silent.

ccxt.pro keeps the connections and their pings, counts requests and signs nothing; every message and every answer
is read here, strictly: what ccxt makes of messages is kept between two of its waits only, and what it makes of a
broken answer is an empty one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from vigie.adapters.manifests import FeedManifest
from vigie.adapters.venues.board import BarBoard, Heard, QuoteBoard
from vigie.adapters.venues.line import Line
from vigie.adapters.venues.manifest import Manifest
from vigie.adapters.venues.speech import Speech, Talk
from vigie.domain.errors import TransientError, UsageError
from vigie.domain.fact import Measure, Observation
from vigie.domain.ids import parse_instrument
from vigie.domain.plausible import ahead_ms
from vigie.domain.quote import OrderBook, Quote
from vigie.domain.time import DAY_MS, MINUTE_MS
from vigie.ports.clock import PatientClock
from vigie.ports.source import Bar, Batch, FirstPrice

# Messages of so long a moment are given together: a price that nobody saw needs no work.
_MOMENT_S: Final = 0.05
_FACTS_EVERY_MS: Final = 5 * MINUTE_MS
_LEVELS: Final = 10
# Every venue serves so many.
_LEVELS_ASKED: Final = 50
# Venues publish a settlement at most a day after its time.
_PUBLISHED_LATE_MS: Final = DAY_MS
_CLOSED: Final = "the connection was closed"

# What every live venue is asked for.
VENUE_FEEDS: Final = (
    FeedManifest("quotes", "Quotes: price, bid and ask, volume", 10.0, "now", "stream"),
    FeedManifest("bars", "Bars of a minute and an hour", 30.0, "what the venue keeps", "stream"),
    FeedManifest("tickers", "Open interest, mark and index price, expected funding", 60.0, "now"),
    FeedManifest("funding", "Settled funding", 1_800.0, "what the venue keeps"),
)


@dataclass(slots=True)
class LiveVenue:
    """One venue, live.

    Attributes
    ----------
    instruments : sequence of str
        Those whose quotes and bars are streamed.
    quotes, bars : Stream
    tickers, funding : Source
        Quotes and what they say of open interest, and settled funding.
    """

    venue: str
    instruments: Sequence[str]
    quotes: LiveStream
    bars: LiveStream
    tickers: Tickers
    funding: FundingRates
    _line: Line

    def budget_left(self) -> float | None:
        """Return how much of its limit the venue says is left, else what our pace leaves of this minute."""
        return self._line.budget_left()

    async def book(self, instrument: str) -> OrderBook:
        """Ask for the best ten bids and the best ten asks."""
        name = parse_instrument(instrument)
        symbol = f"{name.base}/{name.quote}:{name.quote}"
        told = await self._line.ask(lambda client: client.fetch_order_book(symbol, _LEVELS_ASKED))
        bids, asks = (
            tuple((float(row[0]), float(row[1])) for row in told[side][:_LEVELS]) for side in ("bids", "asks")
        )
        said = told.get("timestamp")
        return OrderBook(bids, asks, 0 if said is None else max(self._line.clock.market_now() - int(said), 0))

    async def close(self) -> None:
        """Close all connections."""
        await self._line.close()


def open_live(
    manifest: Manifest,
    speech: Speech,
    *,
    market: str,
    clock: PatientClock,
    url: str | None,
    instruments: Sequence[str],
    timeframes: Sequence[str],
    moment_s: float = _MOMENT_S,
) -> LiveVenue:
    """Return a venue's live half; nothing is asked and ccxt is not imported until it is used.

    Parameters
    ----------
    url : str, optional
        Address to use in place of the venue's own.
    instruments : sequence of str
        Those whose quotes and bars are streamed; quotes of the others come from polling.
    timeframes : sequence of str
        Of the bars; those that the venue does not push are left out.
    moment_s : float
        Bars of so long a moment are given together.
    """
    venue = f"{manifest.id}-{market}"
    symbols = {speech.symbol(parse_instrument(name)): name for name in instruments}
    line = Line(manifest, speech, clock, url)
    board = QuoteBoard(venue, symbols)
    names, pushed = list(symbols), [one for one in timeframes if one in speech.pushed_timeframes]
    return LiveVenue(
        venue,
        instruments=tuple(instruments),
        quotes=LiveStream(line, board, None, lambda client: speech.quote_talks(client, names)),
        bars=LiveStream(
            line, board, BarBoard(venue), lambda client: speech.bar_talks(client, names, pushed), moment_s
        ),
        tickers=Tickers(line, board, names),
        funding=FundingRates(line, board, names),
        _line=line,
    )


@dataclass(slots=True)
class LiveStream:
    """What a venue streams: quotes, or bars once they are finished; fulfils `vigie.ports.source.Stream`.

    A message about a bar in progress gives an empty batch: a sign of life.
    """

    line: Line
    board: QuoteBoard
    bars: BarBoard | None
    talks: Callable[[Any], Sequence[Talk]]
    moment_s: float = _MOMENT_S
    garbled: int = 0
    turn: int = 0
    _quotes: dict[str, Quote] = field(default_factory=dict)
    _bars: list[Bar] = field(default_factory=list)
    _opens: list[FirstPrice] = field(default_factory=list)
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self) -> AsyncIterator[Batch]:
        """Yield what arrives until a connection ends."""
        if self.bars is not None:
            self.bars.forget()
        talks = list(self.talks(self.line.client()))
        self.turn += 1  # an earlier connection may still be closing
        kind = "quotes" if self.bars is None else "bars"
        opened: list[tuple[Talk, str]] = []
        ends: list[asyncio.Future[Any]] = []
        try:
            for number, talk in enumerate(talks):
                opened.append((talk, f"{kind}{number}-{self.turn}"))
                ends.append(await self.line.connect(*opened[-1], self._take))
            while True:
                await self._wait(ends)
                yield self._batch()
                await self.line.clock.pause(self.moment_s)
        finally:
            for talk, name in opened:
                await self.line.hang_up(talk, name)
            for end in ends:
                end.cancel()
            await asyncio.gather(*ends, return_exceptions=True)

    async def _wait(self, ends: Sequence[asyncio.Future[Any]]) -> None:
        arrived = asyncio.ensure_future(self._arrived.wait())
        try:
            done, _ = await asyncio.wait({arrived, *ends}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            arrived.cancel()
        for end in ends:
            if end in done:
                error = None if end.cancelled() else end.exception()
                raise TransientError(f"{self.line.manifest.title}: {error or _CLOSED}")

    def _batch(self) -> Batch:
        self._arrived.clear()
        quotes, self._quotes = list(self._quotes.values()), {}
        bars, self._bars = self._bars, []
        opens, self._opens = self._opens, []
        return Batch(quotes=quotes, bars=bars, opens=opens)

    def _take(self, message: object) -> bool:
        try:
            heard = self.line.speech.hear(message)
            if heard is None:
                return False
            now = self.line.clock.market_now()
            for one in heard:
                self._keep(one, now)
        except (ValueError, ArithmeticError, KeyError, TypeError, IndexError, UsageError):
            self.garbled += 1  # one message in an unknown form is no reason to drop the rest
            return True
        self._arrived.set()
        return True

    def _keep(self, heard: Heard, now: int) -> None:
        if heard.candle is None:
            quote = self.board.take(heard, now)
            if quote is not None:
                self._quotes[quote.id] = quote
            return
        name = self.board.instrument(heard.symbol)
        if self.bars is not None and name is not None:
            ahead = ahead_ms(self.line.clock.market_speed())
            self._bars += self.bars.take(name, heard, now, ahead_ms=ahead)
            self._opens += self.bars.begun(name, heard)


@dataclass(frozen=True, slots=True)
class Tickers:
    """Quotes of everything a venue lists, and what they say of open interest and basis."""

    line: Line
    board: QuoteBoard
    symbols: Sequence[str]

    def measures(self) -> Sequence[Measure]:
        """Return the kinds of series it delivers."""
        if self.line.speech.facts_elsewhere:
            return ()
        source, venue = self.line.manifest.id, self.board.venue
        of = f"derivatives/{venue}:*"
        return (
            Measure(
                f"{of}/open_interest_coins",
                "Open interest",
                "coins",
                source,
                "Contracts that are open, in coins.",
            ),
            Measure(
                f"{of}/open_interest_usd",
                "Open interest",
                "usd",
                source,
                "Contracts that are open, at the mark price.",
                "open interest in coins x mark price",
            ),
            Measure(
                f"{of}/basis_fraction",
                "Basis",
                "fraction",
                source,
                "How far the mark price lies above the index.",
                "(mark - index) / index",
            ),
        )

    async def pull(self, bookmark: str) -> Batch:
        """Ask for all quotes; the bookmark is the five minutes whose facts were taken last."""
        speech = self.line.speech
        heard = await self.line.ask(lambda client: speech.tickers(client, self.symbols))
        now = self.line.clock.market_now()
        for one in heard:
            name = speech.instrument(one.symbol)
            if name is not None:
                self.board.learn(one.symbol, name)
        quotes = [quote for one in heard if (quote := self.board.take(one, now)) is not None]
        if not quotes:
            raise TransientError(f"{self.line.manifest.title} answered with no price at all")
        moment = str(now // _FACTS_EVERY_MS)
        watched = {self.board.instrument(symbol) for symbol in self.symbols}
        facts = (
            []
            if moment == bookmark or speech.facts_elsewhere
            else [fact for quote in quotes if quote.instrument in watched for fact in _facts(quote)]
        )
        return Batch(quotes=quotes, observations=facts, bookmark=moment)


@dataclass(frozen=True, slots=True)
class FundingRates:
    """Settled funding of the watched instruments."""

    line: Line
    board: QuoteBoard
    symbols: Sequence[str]

    def measures(self) -> Sequence[Measure]:
        """Return the kind of series it delivers."""
        return (
            Measure(
                f"derivatives/{self.board.venue}:*/funding_fraction",
                "Funding",
                "fraction",
                self.line.manifest.id,
                "What longs paid to shorts at one settlement, as a share of the position; negative: shorts paid.",
                delay="known at the settlement",
            ),
        )

    async def pull(self, bookmark: str) -> Batch:
        """Ask for settlements since the bookmark, up to which those of every instrument were seen."""
        start = self.line.clock.market_now() - self.line.speech.history_days * DAY_MS
        since = int(bookmark or start)
        facts: list[Observation] = []
        seen: list[int] = []
        for symbol in self.symbols:
            asked = self.line.clock.market_now()
            rates = await self._settled(symbol, since)
            series = f"derivatives/{self.board.venue}:{self.board.instrument(symbol)}/funding_fraction"
            facts += [Observation(series, ts, ts, rate) for ts, rate in rates]
            # An instrument without an answer may have settled right after it was asked, or be published late.
            seen.append(rates[-1][0] if rates else max(since, asked - _PUBLISHED_LATE_MS))
        return Batch(observations=facts, bookmark=str(min(seen) if facts else since))

    async def _settled(self, symbol: str, since: int) -> list[tuple[int, float]]:
        speech = self.line.speech
        rates: list[tuple[int, float]] = await self.line.ask(
            lambda client: speech.funding(client, symbol, since)
        )
        return rates


def _facts(quote: Quote) -> list[Observation]:
    of = f"derivatives/{quote.id}"
    known: dict[str, float | None] = {"open_interest_coins": quote.open_interest}
    if quote.open_interest is not None:
        known["open_interest_usd"] = quote.open_interest * (quote.mark or quote.last)
    if quote.mark and quote.index:
        known["basis_fraction"] = quote.mark / quote.index - 1.0
    return [
        Observation(f"{of}/{name}", quote.ts_event, quote.ts_known, value)
        for name, value in known.items()
        if value is not None
    ]
