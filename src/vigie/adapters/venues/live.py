"""The live half of a venue over ccxt.pro: what it streams, and the same asked for where the stream is silent.

ccxt.pro keeps the connections and their pings, counts requests and signs nothing; every message and every answer
is read here, strictly: what ccxt makes of messages is kept between two of its waits only, and what it makes of a
broken answer is an empty one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from vigie.adapters.net.retry import Retry
from vigie.adapters.venues.board import BarBoard, Heard, QuoteBoard
from vigie.adapters.venues.manifest import Manifest
from vigie.adapters.venues.strict import checking, redirected, sorted_error
from vigie.domain.errors import TransientError, UsageError
from vigie.domain.fact import Measure, Observation
from vigie.domain.ids import InstrumentId, parse_instrument
from vigie.domain.quote import Quote
from vigie.domain.time import DAY_MS, MINUTE_MS
from vigie.ports.clock import PatientClock
from vigie.ports.source import Bar, Batch

_TIMEOUT_MS: Final = 10_000
# Messages of so long a moment are given together: a price that nobody saw needs no work.
_MOMENT_S: Final = 0.05
_FACTS_EVERY_MS: Final = 5 * MINUTE_MS
_CLOSED: Final = "the connection was closed"


@dataclass(frozen=True, slots=True)
class Talk:
    """One connection: its address and what is said on it first."""

    url: str
    words: Sequence[object]


class Speech(Protocol):
    """What differs between venues; one object a connection set, without state of its own."""

    client: str
    options: Mapping[str, Any]
    transient_codes: frozenset[str]
    history_days: int
    facts_elsewhere: bool

    def fault(self, answer: object) -> str | None:
        """Say what is wrong with an answer under HTTP 200, or None."""
        ...

    def symbol(self, instrument: InstrumentId) -> str:
        """Return the venue's symbol of one of our instruments."""
        ...

    def instrument(self, symbol: str) -> str | None:
        """Return our name of a symbol of the market this is about, or None for any other."""
        ...

    def quote_talks(self, client: Any, symbols: Sequence[str]) -> Sequence[Talk]:
        """Return what to say to hear quotes."""
        ...

    def bar_talks(self, client: Any, symbols: Sequence[str], timeframes: Sequence[str]) -> Sequence[Talk]:
        """Return what to say to hear candles."""
        ...

    def hear(self, message: object) -> Iterable[Heard] | None:
        """Read a message; None for one that is not data, which ccxt takes care of.

        Raises
        ------
        ValueError, KeyError, TypeError
            If it is data that cannot be read.
        """
        ...

    def left(self, headers: Mapping[str, str]) -> float | None:
        """Return what the headers of an answer say is left of the limit."""
        ...

    async def tickers(self, client: Any, symbols: Sequence[str]) -> list[Heard]:
        """Ask for the quotes of everything that is listed, or at least of the symbols."""
        ...

    async def funding(self, client: Any, symbol: str, since_ms: int) -> list[tuple[int, float]]:
        """Ask for settlements (time, rate) after a time, ascending."""
        ...


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
        """Return how much of its limit the venue says is left, where it says so."""
        return self._line.budget_left()

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
) -> LiveVenue:
    """Return a venue's live half; nothing is asked and ccxt is not imported until it is used.

    Parameters
    ----------
    url : str, optional
        Address to use in place of the venue's own.
    instruments : sequence of str
        Those whose quotes and bars are streamed; quotes of the others come from polling.
    timeframes : sequence of str
        Of the bars.
    """
    venue = f"{manifest.id}-{market}"
    symbols = {speech.symbol(parse_instrument(name)): name for name in instruments}
    line = Line(manifest, speech, clock, url)
    board = QuoteBoard(venue, symbols)
    names = list(symbols)
    return LiveVenue(
        venue,
        instruments=tuple(instruments),
        quotes=LiveStream(line, board, None, lambda client: speech.quote_talks(client, names)),
        bars=LiveStream(
            line, board, BarBoard(venue), lambda client: speech.bar_talks(client, names, timeframes)
        ),
        tickers=Tickers(line, board, names),
        funding=FundingRates(line, board, names),
        _line=line,
    )


class Line:
    """The ccxt client of one venue: made when first used, checked in every answer."""

    def __init__(self, manifest: Manifest, speech: Speech, clock: PatientClock, url: str | None) -> None:
        self.manifest = manifest
        self.speech = speech
        self.clock = clock
        self._url = url
        self._retry = Retry(clock, attempts=3, longest_s=20.0)
        self._listeners: dict[str, Callable[[object], bool]] = {}
        self._client: Any = None

    async def ask(self, question: Callable[[Any], Any]) -> Any:
        """Ask over REST, again where that helps.

        Raises
        ------
        TransientError, ConnectorError, UsageError
            By what happens next.
        """
        client = self.client()

        async def once() -> Any:
            import ccxt

            try:
                return await question(client)
            except ccxt.BaseError as error:
                raise self._sorted(error) from error
            except (KeyError, ValueError, TypeError, IndexError) as error:
                raise TransientError(
                    f"{self.manifest.title} answered in an unknown form: {error!r}"
                ) from error

        return await self._retry.wait_and_call(self.clock, once)

    async def connect(self, talk: Talk, name: str, listener: Callable[[object], bool]) -> asyncio.Future[Any]:
        """Open a connection and say the first words; the future ends with the error that ends the connection.

        Raises
        ------
        TransientError
            If it cannot be opened.
        """
        import ccxt

        client = self.client()
        url = f"{talk.url}#{name}"  # one client of ccxt an address: the part behind # is not sent
        self._listeners[url] = listener
        end: asyncio.Future[Any] = client.watch_multiple(url, [name], talk.words[0], [name])
        opened = client.client(url)
        try:
            await asyncio.wait({opened.connected, end}, return_when=asyncio.FIRST_COMPLETED)
            if end.done():
                await end
            for word in talk.words[1:]:
                await opened.send(word)
        except (ccxt.BaseError, ConnectionError, OSError) as error:
            end.cancel()
            raise TransientError(f"{self.manifest.title}: {error}") from error
        return end

    async def hang_up(self, talk: Talk, name: str) -> None:
        """Close a connection that was opened here."""
        url = f"{talk.url}#{name}"
        self._listeners.pop(url, None)
        opened = (self._client.clients if self._client is not None else {}).pop(url, None)
        if opened is not None:
            await opened.close()

    def client(self) -> Any:
        """Return the ccxt client, made when first asked for."""
        if self._client is None:
            self._client = self._open()
        return self._client

    def budget_left(self) -> float | None:
        """Return how much of its limit the venue says is left, where it says so."""
        headers = getattr(self._client, "last_response_headers", None)
        return self.speech.left(headers) if headers else None

    async def close(self) -> None:
        """Close all connections."""
        if self._client is not None:
            opened, self._client = self._client, None
            await opened.close()

    def _open(self) -> Any:
        try:
            import ccxt.pro
        except ImportError:
            raise UsageError("live data needs the package ccxt; run `pip install 'vigie[live]'`") from None
        base = getattr(ccxt.pro, self.speech.client)
        made = type(f"Live{self.speech.client}", (base,), self._overrides(base))(
            {"enableRateLimit": True, "timeout": _TIMEOUT_MS, **self.speech.options}
        )
        if self._url:
            made.urls["api"] = redirected(made.urls["api"], self._url)
        return made

    def _overrides(self, base: Any) -> dict[str, Any]:
        listeners = self._listeners

        def handle_message(self: Any, client: Any, message: object) -> None:
            listener = listeners.get(client.url)
            if listener is None or not listener(message):
                base.handle_message(self, client, message)

        return {"handle_errors": checking(base, self.speech.fault), "handle_message": handle_message}

    def _sorted(self, error: Exception) -> Exception:
        headers = getattr(self._client, "last_response_headers", None)
        return sorted_error(error, self.manifest.title, self.speech.transient_codes, headers)


@dataclass(slots=True)
class LiveStream:
    """What a venue streams: quotes, or bars once they are finished; fulfils `vigie.ports.source.Stream`.

    A message about a bar in progress gives an empty batch: a sign of life.
    """

    line: Line
    board: QuoteBoard
    bars: BarBoard | None
    talks: Callable[[Any], Sequence[Talk]]
    garbled: int = 0
    turn: int = 0
    _quotes: dict[str, Quote] = field(default_factory=dict)
    _bars: list[Bar] = field(default_factory=list)
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
                await self.line.clock.pause(_MOMENT_S)
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
        return Batch(quotes=quotes, bars=bars)

    def _take(self, message: object) -> bool:
        try:
            heard = self.line.speech.hear(message)
            if heard is None:
                return False
            now = self.line.clock.market_now()
            for one in heard:
                self._keep(one, now)
        except (ValueError, KeyError, TypeError, IndexError):
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
            self._bars += self.bars.take(name, heard, now)


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
        """Ask for settlements since the bookmark, the time of the newest that was seen of all."""
        start = self.line.clock.market_now() - self.line.speech.history_days * DAY_MS
        since = int(bookmark or start)
        facts: list[Observation] = []
        newest: list[int] = []
        for symbol in self.symbols:
            rates = await self._settled(symbol, since)
            series = f"derivatives/{self.board.venue}:{self.board.instrument(symbol)}/funding_fraction"
            facts += [Observation(series, ts, ts, rate) for ts, rate in rates]
            if rates:
                newest.append(rates[-1][0])
        # The least of the newest: an instrument that settles later than the others misses nothing.
        return Batch(observations=facts, bookmark=str(min(newest, default=since)))

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
