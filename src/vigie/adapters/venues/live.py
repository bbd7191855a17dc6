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
from vigie.adapters.venues.board import BarBoard, MarketMessage, QuoteBoard
from vigie.adapters.venues.live_client import LiveClient
from vigie.adapters.venues.manifest import Manifest
from vigie.adapters.venues.speech import Speech, StreamSubscription
from vigie.domain.errors import TransientError, UsageError
from vigie.domain.fact import Measure, Observation
from vigie.domain.ids import parse_instrument
from vigie.domain.quote import OrderBook, Quote
from vigie.domain.refusal import Refusal
from vigie.domain.time import DAY_MS, MINUTE_MS
from vigie.domain.time_bounds import max_ahead_ms
from vigie.ports.clock import PatientClock
from vigie.ports.source import Bar, Batch, FirstPrice

# Messages of so long a moment are given together: a price that nobody saw needs no work.
_BATCH_S: Final = 0.05
_FACTS_EVERY_MS: Final = 5 * MINUTE_MS
_BOOK_LEVELS: Final = 10
# Every venue serves so many.
_BOOK_LEVELS_ASKED: Final = 50
# Venues publish a settlement at most a day after its time.
_MAX_PUBLISH_DELAY_MS: Final = DAY_MS
_CLOSED_TEXT: Final = Refusal("connection_was_closed", "the connection was closed")

# What every live venue is asked for.
VENUE_FEEDS: Final = (
    FeedManifest("quotes", "Quotes", 10.0, "now", "stream", pages=("markets", "asset", "trading")),
    FeedManifest(
        "bars",
        "1-minute and hourly bars",
        30.0,
        "what the venue stores",
        "stream",
        pages=("asset", "trading", "backtests"),
    ),
    FeedManifest("tickers", "Derivatives data", 60.0, "now", pages=("derivatives", "asset")),
    FeedManifest(
        "funding", "Settled funding rates", 1_800.0, "what the venue stores", pages=("derivatives", "trading")
    ),
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
    _live_client: LiveClient

    def budget_left(self) -> float | None:
        """Return how much of its limit the venue says is left, else what our pace leaves of this minute."""
        return self._live_client.budget_left()

    async def book(self, instrument: str) -> OrderBook:
        """Ask for the best ten bids and the best ten asks."""
        name = parse_instrument(instrument)
        symbol = f"{name.base}/{name.quote}:{name.quote}"
        order_book = await self._live_client.ask(
            lambda client: client.fetch_order_book(symbol, _BOOK_LEVELS_ASKED)
        )
        bids, asks = (
            tuple((float(row[0]), float(row[1])) for row in order_book[side][:_BOOK_LEVELS])
            for side in ("bids", "asks")
        )
        stated_ts = order_book.get("timestamp")
        return OrderBook(
            bids,
            asks,
            0 if stated_ts is None else max(self._live_client.clock.market_now() - int(stated_ts), 0),
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._live_client.close()


def open_live(
    manifest: Manifest,
    speech: Speech,
    *,
    market: str,
    clock: PatientClock,
    url: str | None,
    instruments: Sequence[str],
    timeframes: Sequence[str],
    moment_s: float = _BATCH_S,
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
    live_client = LiveClient(manifest, speech, clock, url)
    board = QuoteBoard(venue, symbols)
    names, pushed_timeframes = (
        list(symbols),
        [timeframe for timeframe in timeframes if timeframe in speech.pushed_timeframes],
    )
    return LiveVenue(
        venue,
        instruments=tuple(instruments),
        quotes=LiveStream(live_client, board, None, lambda client: speech.quote_subscriptions(client, names)),
        bars=LiveStream(
            live_client,
            board,
            BarBoard(venue),
            lambda client: speech.bar_subscriptions(client, names, pushed_timeframes),
            moment_s,
        ),
        tickers=Tickers(live_client, board, names),
        funding=FundingRates(live_client, board, names),
        _live_client=live_client,
    )


@dataclass(slots=True)
class LiveStream:
    """What a venue streams: quotes, or bars once they are finished; fulfils `vigie.ports.source.Stream`.

    A message about a bar in progress gives an empty batch: a sign of life.
    """

    live_client: LiveClient
    board: QuoteBoard
    bars: BarBoard | None
    subscriptions: Callable[[Any], Sequence[StreamSubscription]]
    moment_s: float = _BATCH_S
    unreadable: int = 0
    attempt: int = 0
    _quotes: dict[str, Quote] = field(default_factory=dict)
    _bars: list[Bar] = field(default_factory=list)
    _opens: list[FirstPrice] = field(default_factory=list)
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self) -> AsyncIterator[Batch]:
        """Yield what arrives until a connection ends."""
        if self.bars is not None:
            self.bars.forget()
        subscriptions = list(self.subscriptions(self.live_client.client()))
        self.attempt += 1  # an earlier connection may still be closing
        kind = "quotes" if self.bars is None else "bars"
        opened: list[tuple[StreamSubscription, str]] = []
        ends: list[asyncio.Future[Any]] = []
        try:
            for number, subscription in enumerate(subscriptions):
                opened.append((subscription, f"{kind}{number}-{self.attempt}"))
                ends.append(await self.live_client.connect(*opened[-1], self._handle_message))
            while True:
                await self._wait_for_message(ends)
                yield self._take_batch()
                await self.live_client.clock.pause(self.moment_s)
        finally:
            for subscription, name in opened:
                await self.live_client.disconnect(subscription, name)
            for end in ends:
                end.cancel()
            await asyncio.gather(*ends, return_exceptions=True)

    async def _wait_for_message(self, ends: Sequence[asyncio.Future[Any]]) -> None:
        arrived = asyncio.ensure_future(self._arrived.wait())
        try:
            done, _ = await asyncio.wait({arrived, *ends}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            arrived.cancel()
        for end in ends:
            if end in done:
                error = None if end.cancelled() else end.exception()
                raise TransientError(
                    "about",
                    "{subject}: {reason}",
                    subject=self.live_client.manifest.title,
                    reason=error or _CLOSED_TEXT,
                )

    def _take_batch(self) -> Batch:
        self._arrived.clear()
        quotes, self._quotes = list(self._quotes.values()), {}
        bars, self._bars = self._bars, []
        opens, self._opens = self._opens, []
        return Batch(quotes=quotes, bars=bars, opens=opens)

    def _handle_message(self, message: object) -> bool:
        try:
            messages = self.live_client.speech.parse_message(message)
            if messages is None:
                return False
            now = self.live_client.clock.market_now()
            for market_message in messages:
                self._add_message(market_message, now)
        except (ValueError, ArithmeticError, KeyError, TypeError, IndexError, UsageError):
            self.unreadable += 1  # one message in an unknown form is no reason to drop the rest
            return True
        self._arrived.set()
        return True

    def _add_message(self, market_message: MarketMessage, now: int) -> None:
        if market_message.candle is None:
            quote = self.board.take(market_message, now)
            if quote is not None:
                self._quotes[quote.id] = quote
            return
        name = self.board.instrument(market_message.symbol)
        if self.bars is not None and name is not None:
            ahead_ms = max_ahead_ms(self.live_client.clock.market_speed())
            self._bars += self.bars.take(name, market_message, now, ahead_ms=ahead_ms)
            self._opens += self.bars.first_prices(name, market_message)


@dataclass(frozen=True, slots=True)
class Tickers:
    """Quotes of everything a venue lists, and what they say of open interest and basis."""

    live_client: LiveClient
    board: QuoteBoard
    symbols: Sequence[str]

    def measures(self) -> Sequence[Measure]:
        """Return the kinds of series it delivers."""
        if self.live_client.speech.facts_elsewhere:
            return ()
        source, venue = self.live_client.manifest.id, self.board.venue
        prefix = f"derivatives/{venue}:*"
        return (
            Measure(
                f"{prefix}/open_interest_coins",
                "Open interest",
                "coins",
                source,
                "Contracts that are open, in coins.",
            ),
            Measure(
                f"{prefix}/open_interest_usd",
                "Open interest",
                "usd",
                source,
                "Contracts that are open, at the mark price.",
                "open interest in coins x mark price",
            ),
            Measure(
                f"{prefix}/basis_fraction",
                "Basis",
                "fraction",
                source,
                "How far the mark price lies above the index.",
                "(mark - index) / index",
            ),
        )

    async def pull(self, bookmark: str) -> Batch:
        """Ask for all quotes; the bookmark is the five minutes whose facts were taken last."""
        speech = self.live_client.speech
        messages = await self.live_client.ask(lambda client: speech.tickers(client, self.symbols))
        now = self.live_client.clock.market_now()
        for message in messages:
            name = speech.instrument(message.symbol)
            if name is not None:
                self.board.add_symbol(message.symbol, name)
        quotes = [quote for message in messages if (quote := self.board.take(message, now)) is not None]
        if not quotes:
            raise TransientError(
                "sent_no_price", "{title} sent no price", title=self.live_client.manifest.title
            )
        span_mark = str(now // _FACTS_EVERY_MS)
        watched = {self.board.instrument(symbol) for symbol in self.symbols}
        facts = (
            []
            if span_mark == bookmark or speech.facts_elsewhere
            else [fact for quote in quotes if quote.instrument in watched for fact in _quote_facts(quote)]
        )
        return Batch(quotes=quotes, observations=facts, bookmark=span_mark)


@dataclass(frozen=True, slots=True)
class FundingRates:
    """Settled funding of the watched instruments."""

    live_client: LiveClient
    board: QuoteBoard
    symbols: Sequence[str]

    def measures(self) -> Sequence[Measure]:
        """Return the kind of series it delivers."""
        return (
            Measure(
                f"derivatives/{self.board.venue}:*/funding_fraction",
                "Funding",
                "fraction",
                self.live_client.manifest.id,
                "What longs paid to shorts at one settlement, as a share of the position; negative: shorts paid.",
                delay="known at the settlement",
            ),
        )

    async def pull(self, bookmark: str) -> Batch:
        """Ask for settlements since the bookmark, up to which those of every instrument were seen."""
        start = self.live_client.clock.market_now() - self.live_client.speech.history_days * DAY_MS
        since = int(bookmark or start)
        facts: list[Observation] = []
        seen_until: list[int] = []
        for symbol in self.symbols:
            asked_ms = self.live_client.clock.market_now()
            rates = await self._fetch_settled(symbol, since)
            series = f"derivatives/{self.board.venue}:{self.board.instrument(symbol)}/funding_fraction"
            facts += [Observation(series, ts, ts, rate) for ts, rate in rates]
            # An instrument without an answer may have settled right after it was asked, or be published late.
            seen_until.append(rates[-1][0] if rates else max(since, asked_ms - _MAX_PUBLISH_DELAY_MS))
        return Batch(observations=facts, bookmark=str(min(seen_until) if facts else since))

    async def _fetch_settled(self, symbol: str, since: int) -> list[tuple[int, float]]:
        speech = self.live_client.speech
        rates: list[tuple[int, float]] = await self.live_client.ask(
            lambda client: speech.funding(client, symbol, since)
        )
        return rates


def _quote_facts(quote: Quote) -> list[Observation]:
    prefix = f"derivatives/{quote.id}"
    values: dict[str, float | None] = {"open_interest_coins": quote.open_interest}
    if quote.open_interest is not None:
        values["open_interest_usd"] = quote.open_interest * (quote.mark or quote.last)
    if quote.mark and quote.index:
        values["basis_fraction"] = quote.mark / quote.index - 1.0
    return [
        Observation(f"{prefix}/{name}", quote.ts_event, quote.ts_known, value)
        for name, value in values.items()
        if value is not None
    ]
