"""A day at an exchange that moves by itself: twenty-four hours of one coin in bars of two, and what goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from decimal import Decimal
from importlib import import_module
from types import MappingProxyType, SimpleNamespace
from typing import Any

import numpy as np

from tests.clocks import QuickClock
from tests.contracts.trading_exchanges import (
    BITGET,
    HOUR,
    MINUTE,
    RATE,
    START,
    Running,
    Words,
    served,
)
from tests.crash.invariants import unprotected
from tests.crash.mortal import Dead
from tests.parity.feeds import GivenVerdicts
from tests.parity.material import Inputs
from tests.parity.test_trader_on_paper import live_slots
from vigie.adapters.venues.live import LiveVenue, open_live
from vigie.adapters.venues.manifest import FOLDER, read_manifest
from vigie.domain.account import Costs, Protections, Sizing
from vigie.domain.bar import Bars
from vigie.domain.errors import AuthError, ConnectorError, DiskFull, StorageError, TransientError
from vigie.domain.ids import SlotId
from vigie.domain.instrument import Instrument
from vigie.domain.order import TradeRun
from vigie.domain.quote import Quote
from vigie.domain.state import LONG_ENTRY, LONG_EXIT, SHORT_ENTRY, SHORT_EXIT
from vigie.engine.inputs import SlotInput
from vigie.engine.live.stops.stop_guard import StopDeadlines
from vigie.engine.live.trader import Trader, TraderConfig
from vigie.ports.feed import FeedBar, MarketInstant
from vigie.ports.tradebook import TradeBook
from vigie.services.trading.gateway.gateway import Gateway
from vigie.services.trading.gateway.market_snapshot import MarketReader
from vigie.services.trading.process.listings import ListingMonitor
from vigie_sandbox.exchange.run import ExchangeConfig

SPEED = 50.0
# At that speed ten seconds are a fifth of one of the machine's, for which a busy machine lets a process wait: what
# cannot be read for so long is closed. Where a stop's seconds are what a day is about, it is a slower one.
UNHURRIED = StopDeadlines(read_s=30.0, protect_s=30.0, flatten_s=100.0, hold_s=150.0)
STEPS, SPAN, SEED = 12, 2 * HOUR, 5
# A trade from bar 1 to 4, one from 6 to 8, one from 10 to the end.
DECISIONS = {0: LONG_ENTRY, 3: LONG_EXIT, 5: SHORT_ENTRY, 7: SHORT_EXIT, 9: LONG_ENTRY}
PROTECTIONS = Protections(
    window_drawdown_fraction=0.0, slot_drawdown_fraction=0.0, global_drawdown_fraction=0.0,
    account_drawdown_fraction=0.0, stop_guard_instrument_stops=0, stop_guard_account_stops=0,
)  # fmt: skip
# What hangs ends; beside other work a day takes many times as long.
MOST_LIVES, MOST_S = 12, 400
PLAIN = Sizing()
# A process that ended because it may not trade now is started again after so long.
REST_S = 20.0

Deed = Callable[[Running], object]


def minutes(name: str) -> Bars:
    """Return a walk of small steps, and an hour after its end."""
    count = STEPS * 120 + 60
    steps = np.random.default_rng(SEED).choice([-6.0, -3.0, 0.0, 3.0, 6.0], count)
    close = 50_000.0 + np.cumsum(steps)
    first = np.array([50_000.0, *close[:-1]])
    ts = START + np.arange(count, dtype=np.int64) * MINUTE
    high, low = np.maximum(first, close) + 2.0, np.minimum(first, close) - 2.0
    return Bars(name, MINUTE, ts, first, high, low, close, np.full(count, 2.0))


def slots(words: Words = BITGET, sizing: Sizing = PLAIN) -> Inputs:
    """Return the same market in bars of two hours, with the day's decisions."""
    name = words.btc
    fine = minutes(name)
    by_bar = {
        column: getattr(fine, column)[: STEPS * 120].reshape(-1, 120)
        for column in ("open", "high", "low", "close")
    }
    bars = Bars(
        name, SPAN, START + np.arange(STEPS, dtype=np.int64) * SPAN, by_bar["open"][:, 0].copy(),
        by_bar["high"].max(axis=1), by_bar["low"].min(axis=1), by_bar["close"][:, -1].copy(),
        np.full(STEPS, 240.0),
    )  # fmt: skip
    flags = np.zeros(STEPS, np.uint8)
    for bar, flag in DECISIONS.items():
        flags[bar] = flag
    units = np.full(STEPS, 400.0)
    inputs = SlotInput(bars, flags, units, units, words.rules(), sizing, Costs())
    return [(SlotId(name, "2h", "day"), inputs)]


def opening(words: Words = BITGET) -> ExchangeConfig:
    """Return the market that walks through these minutes."""
    fundings = {words.symbol: [(START + 8 * HOUR, RATE), (START + 16 * HOUR, RATE)]}
    return ExchangeConfig(
        "path", (minutes(words.btc),), words.rules(), SEED, begins_ms=START, limits=1_000.0, fundings=fundings,
        exchange=words.venue,
    )  # fmt: skip


class DayFeed:
    """Lets the market jump from bar to bar; at some of them something is done to it first.

    Parameters
    ----------
    deeds : mapping of bar to deed
        Each done once, whoever comes there first.
    quiet : callable
        Waits for so many seconds of the wall, in which the market stands still.
    still : mapping of bar to seconds
        How long it stands still before a bar, once.
    """

    def __init__(
        self,
        exchange: Running,
        inputs: Inputs,
        deeds: Mapping[int, Deed],
        quiet: Callable[[float], Awaitable[None]],
        still: Mapping[int, float],
    ) -> None:
        self.look: Callable[[], Awaitable[None]] | None = None
        self._exchange = exchange
        self._quiet, self._still = quiet, dict(still)
        self._bars = inputs[0][1].bars
        self._deeds = dict(deeds)
        self.at = 0
        self.unprotected: list[str] = []

    async def after(self, number: int) -> MarketInstant | None:
        if number > STEPS:
            return None
        if number > self.at:
            self.unprotected += unprotected(self._exchange.state())
            self._exchange.jump(number * 120)
            self.at = number
        if number in self._deeds:
            self._deeds.pop(number)(self._exchange)
        await self._quiet(self._still.pop(number, 0.0))
        if self.look is not None:
            await self.look()
        bars, is_last = self._bars, number == STEPS
        series = f"{bars.instrument}/2h"
        closed = (self._bar(number - 1),) if number else ()
        opened = () if is_last else ((series, float(bars.open[number])),)
        return MarketInstant(number + 1, START + number * SPAN, closed, opened, is_last=is_last)

    def _bar(self, number: int) -> FeedBar:
        bars = self._bars
        prices = (float(column[number]) for column in (bars.open, bars.high, bars.low, bars.close))
        return FeedBar(f"{bars.instrument}/2h", int(bars.ts[number]), *prices, 240.0)

    async def exits_placed(self, instant: MarketInstant) -> None:
        pass

    async def entries_placed(self, instant: MarketInstant, series: Mapping[str, str]) -> None:
        pass


@dataclass(frozen=True, slots=True)
class _Hand:
    """The wall's clock, and the market's as far as the bars have come."""

    feed: DayFeed
    clock: QuickClock

    def market_now(self) -> int:
        return START + self.feed.at * SPAN

    def wall_now(self) -> int:
        return self.clock.wall_now()

    async def pause(self, seconds: float) -> None:
        await self.clock.pause(seconds)


class Looking:
    """Tickers and the book, asked over the wire when a bar begins, and the gateway that judges by them."""

    def __init__(self, hand: _Hand, run: TradeRun, book: TradeBook, words: Words, url: str) -> None:
        name = run.venue.removesuffix("-perp")
        self.live = open_live(
            read_manifest(FOLDER / name), import_module(f"vigie.adapters.venues.{name}.live").SPEECH, market="perp",
            clock=hand, url=url, instruments=[words.btc], timeframes=(),
        )  # fmt: skip
        self._btc, self._quotes, self._books = words.btc, {}, {}
        store = SimpleNamespace(since=lambda _: (0, list(self._quotes.values())))
        sight = MarketReader(run.venue, store, hand, lambda: 1.0, self._books, has_index=True)
        self.gateway = Gateway(
            book, run.account, frozenset, hand, read_market=sight.snapshot, drift_s=lambda: 0.0, is_real=True,
            phase=lambda _: "trading",
        )  # fmt: skip

    async def look(self) -> None:
        # Of an instrument that the venue calls something else now, the last quote stays and grows old.
        if (quote := await quoted(self.live, self._btc)) is not None:
            self._quotes[self._btc] = quote
        self._books[self._btc] = await self.live.book(self._btc)


async def quoted(live: LiveVenue, name: str) -> Quote | None:
    """Return what a venue says of an instrument: asked, and heard where bids and asks are only streamed."""
    told = {one.instrument: one for one in (await live.tickers.pull("")).quotes}
    if name in told and told[name].bid is None:
        async with aclosing(live.quotes.listen()) as heard:
            while told[name].bid is None:
                told |= {one.instrument: one for one in (await anext(heard)).quotes}
    return told.get(name)


@dataclass(slots=True)
class Day:
    """What a day was.

    Attributes
    ----------
    there : mapping
        The account at the exchange, at its end.
    happened : mapping
        How often each fault did.
    said : list of str
        Why processes ended before the day did, and what was said while the book could not be written.
    unprotected : list of str
        Contracts whose position had no stop when a bar began.
    is_over : bool
        Its last bar was reached.
    """

    run: TradeRun
    there: Any = None
    happened: Mapping[str, int] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    unprotected: list[str] = field(default_factory=list)
    is_over: bool = False


LONG_S = 6_000.0


def live_through(
    book: TradeBook,
    clock: QuickClock,
    name: str,
    deeds: Mapping[int, Deed],
    cure: Deed,
    *,
    entry_age_s: float = LONG_S,
    words: Words = BITGET,
    asked: Callable[[Any], Any] = lambda venue: venue,
    still: Mapping[int, float] = MappingProxyType({}),
    is_listed: bool = False,
    renamed: Mapping[str, str] = MappingProxyType({}),
    sees: bool = False,
    sizing: Sizing = PLAIN,
    rules: Callable[[], Sequence[Instrument]] = tuple,
    traded: Callable[[Words, Sizing], Inputs] = slots,
) -> Day:
    """Trade for a day; a process that may not trade any more says so, and another one begins.

    Parameters
    ----------
    cure : callable
        What somebody does who reads why a process ended.
    entry_age_s : float
        How long an entry is worth sending; on a busy machine the day's clock runs on while it is tried.
    words : Words
        Whose exchange it is.
    asked : callable
        Takes the venue of one process; gives what that process asks instead.
    still : mapping of bar to seconds
        How long the market stands still before a bar.
    is_listed : bool
        Whether processes ask what the venue lists, at the beginning and meanwhile.
    renamed : mapping of str to str
        By instrument, what the venue calls its contract now, as far as the processes are told; may grow meanwhile.
    sees : bool
        Whether processes read tickers and the book, and judge entries by them.
    rules : callable
        Gives the newest rules of instruments, as far as processes are told.
    traded : callable
        Gives what is traded on the day's market.
    """
    inputs = traded(words, sizing)
    run = TradeRun(
        f"run-{name}", name, "owner", f"{words.venue}-perp", "demo", "plan", Decimal(10_000), START
    )
    book.begin(run)
    day = Day(run)
    with served(opening(words), clock.wall_now) as exchange:
        feed = DayFeed(exchange, inputs, deeds, clock.pause, still)
        for _ in range(MOST_LIVES):
            try:
                asyncio.run(
                    asyncio.wait_for(
                        _live(
                            book,
                            clock,
                            run,
                            inputs,
                            exchange,
                            feed,
                            entry_age_s,
                            asked,
                            is_listed,
                            renamed,
                            sees,
                            rules,
                            day.said.append,
                        ),
                        MOST_S,
                    )
                )
                day.is_over = True
                break
            except Dead:
                day.said.append("killed")
            # Who begins while answers are broken is not set up, and ends: that is said, and tried again.
            except (TransientError, ConnectorError, AuthError, DiskFull) as fault:
                day.said.append(str(fault))
                clock.sleep(REST_S)
                cure(exchange)
        day.there, day.unprotected = exchange.state(), feed.unprotected
        day.happened = exchange.control("GET", "fault")["happened"]
    return day


async def _live(
    book, clock, run, inputs, exchange, feed, entry_age_s, asked, is_listed, renamed, sees, rules, say
) -> None:
    lease = book.take(run.account, "day", for_s=1e7, by_force=True)
    name = run.venue.removesuffix("-perp")
    venue = import_module(f"vigie.adapters.venues.{name}.trading").open_trading(
        read_manifest(FOLDER / name), market="perp", key=exchange.key.key, secret=exchange.key.secret,
        passphrase=exchange.key.passphrase, demo=True, clock=clock, url=exchange.url, interval_ms=0.0,
        renamed=renamed,
    )  # fmt: skip
    hand = _Hand(feed, clock)
    looking = Looking(hand, run, book, exchange.words, exchange.url) if sees else None
    feed.look = None if looking is None else looking.look
    listings = ListingMonitor(venue, {exchange.words.btc: SPAN}, hand, lambda: 1e9, lambda line: None)
    given = TraderConfig(
        run,
        live_slots(inputs),
        PROTECTIONS,
        GivenVerdicts(inputs),
        (lambda *_: ()) if looking is None else looking.gateway.vetoes,
        lease_s=1e7,
        entry_age_s=entry_age_s,
        ending_instruments=listings.ending_instruments if is_listed else frozenset,
        deadlines=UNHURRIED if clock.speed >= SPEED else StopDeadlines(),
        rules=rules,
    )
    asking: list[asyncio.Task[None]] = []
    try:
        await venue.prepare(exchange.words.btc, Decimal(5))
        if is_listed:
            await listings.check()
            asking.append(asyncio.ensure_future(listings.run()))
        there = asked(venue)
        while True:
            trader = Trader(given, book, there, feed, clock, lease)
            try:
                await trader.trade()
                break
            except DiskFull:
                raise
            except StorageError:
                await trader.guard_until_writable(say)
    finally:
        for one in asking:
            one.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
        with suppress(ConnectorError):
            await venue.close()
            if looking is not None:
                await looking.live.close()
