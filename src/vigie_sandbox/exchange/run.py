"""The simulated venue as a process of its own."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Literal

from vigie.domain.bar import Bars
from vigie.domain.errors import UsageError
from vigie.domain.ids import parse_instrument
from vigie.domain.instrument import Instrument
from vigie_sandbox.asgi import listen_on, make_server
from vigie_sandbox.exchange.contracts import make_contract
from vigie_sandbox.exchange.control import ExchangeControl
from vigie_sandbox.exchange.core.entities import Contract
from vigie_sandbox.exchange.core.exchange import Exchange
from vigie_sandbox.exchange.core.journal import ExchangeJournal
from vigie_sandbox.exchange.faults import ExchangeFaults
from vigie_sandbox.exchange.keys import Key
from vigie_sandbox.exchange.matchers.lockstep import LockStep
from vigie_sandbox.exchange.matchers.model import ModelMarket
from vigie_sandbox.exchange.matchers.path import PathMarket
from vigie_sandbox.exchange.matchers.price_path import PricePath
from vigie_sandbox.exchange.matchers.tracks import Track
from vigie_sandbox.exchange.quotes import FundingRates, Quotes
from vigie_sandbox.exchange.server import ExchangeApp
from vigie_sandbox.exchange.venue_context import RequestClock, VenueContext
from vigie_sandbox.exchange.wire import VENUES, SimulatedVenue, VenueWire
from vigie_sandbox.world.clock import MonotonicClock, VirtualClock

Matcher = Literal["path", "model"]
JOURNAL_FILE: Final = "exchange.jsonl"
# In lock-step nobody waits for a minute to pass: the limits are those of a day's work.
_LOCK_STEP_LIMITS: Final = 1_000.0


@dataclass(frozen=True, slots=True)
class ExchangeConfig:
    """What a venue is opened with.

    Attributes
    ----------
    bars : sequence of Bars
        What the market walks through; in lock-step every one is a series, in the order of an instant.
    instruments : sequence of Instrument
        Rules of the contracts, by the instrument of the bars.
    fundings : mapping of symbol to (time, rate)
        Settlements.
    marks : mapping of symbol to {time: price}
        In lock-step, opens of the mark's bars, for funding.
    begins_ms : int
        Where a market that moves by itself begins, if nothing is remembered.
    speed : float
        Market seconds in one second.
    capital : Decimal
        Of each account.
    accounts : int
        How many, each with a key.
    is_demo : bool
        Keys want the header ``paptrading: 1``, or must come without it.
    door : str
        The clock of signatures: the machine's, or the market's.
    limits : float or None
        Multiplies the venue's rate limits; None is 1, and plenty in lock-step.
    home : Path or None
        Where the venue remembers itself; None remembers nothing.
    exchange : str
        Whose wire it speaks, one of `VENUES`.
    """

    matcher: Matcher
    bars: Sequence[Bars]
    instruments: Sequence[Instrument]
    seed: int
    begins_ms: int = 0
    speed: float = 1.0
    capital: Decimal = Decimal(10_000)
    accounts: int = 1
    is_demo: bool = True
    door: RequestClock = "wall"
    slippage: Decimal = Decimal("0.0005")
    limits: float | None = None
    home: Path | None = None
    exchange: str = VENUES[0]
    fundings: FundingRates = field(default_factory=dict)
    marks: Mapping[str, Mapping[int, Decimal]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OpenedExchange:
    """A venue that is ready to be served."""

    venue: SimulatedVenue[Any]
    control: ExchangeControl
    keys: tuple[Key, ...]


def open_venue(config: ExchangeConfig, monotonic: MonotonicClock, wall: Callable[[], int]) -> OpenedExchange:
    """Return a venue, new or as it was when it ended.

    Parameters
    ----------
    config : ExchangeConfig
        What it is made of.
    monotonic : callable
        Seconds that only grow.
    wall : callable
        The machine's clock in epoch milliseconds.
    """
    wire = load_wire(config.exchange)
    contracts = [_find_contract(config, symbol) for symbol in _group_by_symbol(config.bars)]
    journal = _open_journal(config.home)
    keys = tuple(wire.make_key(config.seed, number, config.is_demo) for number in range(config.accounts))
    accounts_by_key = {key.key: f"account-{number + 1}" for number, key in enumerate(keys)}
    market: ModelMarket | PathMarket
    clock: VirtualClock | None = None
    if config.matcher == "model":
        tracks = [Track(_bars_symbol(item), item) for item in config.bars]
        market = ModelMarket(tracks, fundings=config.fundings, marks=config.marks, slippage=config.slippage)
    else:
        clock = VirtualClock(monotonic, _find_start_ms(config, journal), config.speed)
        market = _make_path_market(config, contracts, clock)
    exchange = Exchange(contracts, market, journal)
    for account in accounts_by_key.values():
        exchange.open_account(account, config.capital)
    quotes = Quotes(_group_by_symbol(config.bars), market, config.fundings)
    price_paths = {
        item.symbol: PricePath(item.symbol, bars, config.seed, item.tick)
        for item in contracts
        if (bars := quotes.get_finest_bars(item.symbol)) is not None and len(bars)
    }
    faults = ExchangeFaults(wire.fault_kinds)
    context = VenueContext(
        exchange,
        wire.make_key_ring(keys),
        accounts_by_key,
        quotes,
        faults,
        wall,
        config.door,
        price_paths=price_paths,
    )
    lock_step = LockStep(exchange, market) if isinstance(market, ModelMarket) else None
    control = ExchangeControl(context, _describe_market(config), lock_step=lock_step, clock=clock)
    scale = config.limits or (_LOCK_STEP_LIMITS if lock_step is not None else 1.0)
    return OpenedExchange(wire.open_venue(context, monotonic, scale), control, keys)


def load_wire(exchange: str) -> VenueWire:
    """Return what opens a venue.

    Raises
    ------
    UsageError
        If there is no such one.
    """
    if exchange not in VENUES:
        raise UsageError(f"exchange must be one of {', '.join(VENUES)}, was {exchange!r}")
    wire: VenueWire = import_module(f"vigie_sandbox.exchange.{exchange}.venue").WIRE
    return wire


def run_exchange(
    config: ExchangeConfig,
    wall: Callable[[], int],
    print_line: Callable[[str], None],
    *,
    port: int = 0,
    control_port: int = 0,
) -> None:
    """Serve a venue on loopback until it is told to stop.

    Parameters
    ----------
    config : ExchangeConfig
        What it is made of.
    wall : callable
        The machine's clock in epoch milliseconds.
    print_line : callable
        Takes five lines once requests are taken: address, key, secret, passphrase, address of the control.
    port, control_port : int
        0 takes a free one.

    Raises
    ------
    UsageError
        If a port is taken, or the market cannot be opened.
    """
    with listen_on(port) as venue, listen_on(control_port) as control:
        asyncio.run(serve(config, wall, print_line, venue, control))


async def serve(
    config: ExchangeConfig,
    wall: Callable[[], int],
    print_line: Callable[[str], None],
    venue_socket: socket.socket,
    control_socket: socket.socket,
) -> None:
    """Serve a venue on two sockets until it is told to stop."""
    opened = open_venue(config, asyncio.get_running_loop().time, wall)
    app = ExchangeApp(opened.venue, opened.control, control_socket.getsockname()[1])
    server = make_server(app)
    market_task = asyncio.create_task(app.run_market())
    # What cannot be remembered must not go on: the venue ends with its market.
    market_task.add_done_callback(lambda _: setattr(server, "should_exit", True))
    first_key = opened.keys[0]
    for line in (
        _local_url(venue_socket),
        first_key.key,
        first_key.secret,
        first_key.passphrase,
        _local_url(control_socket),
    ):
        print_line(line)
    try:
        await server.serve(sockets=[venue_socket, control_socket])
    finally:
        market_task.cancel()
        with suppress(asyncio.CancelledError):
            await market_task


def _find_contract(config: ExchangeConfig, symbol: str) -> Contract:
    for rules in config.instruments:
        if parse_instrument(rules.name).symbol == symbol:
            return make_contract(rules)
    names = ", ".join(rules.name for rules in config.instruments)
    raise UsageError(f"bars must be of an instrument with rules ({names}), was {symbol}")


def _make_path_market(
    config: ExchangeConfig, contracts: Sequence[Contract], clock: VirtualClock
) -> PathMarket:
    finest = {
        symbol: min(series, key=lambda bars: bars.span_ms)
        for symbol, series in _group_by_symbol(config.bars).items()
    }
    return PathMarket(
        contracts,
        finest,
        now=clock.now_ms,
        seed=config.seed,
        fundings=config.fundings,
        slippage=config.slippage,
    )


def _group_by_symbol(bars: Sequence[Bars]) -> Mapping[str, list[Bars]]:
    by_symbol: dict[str, list[Bars]] = {}
    for series in bars:
        by_symbol.setdefault(_bars_symbol(series), []).append(series)
    return by_symbol


def _bars_symbol(bars: Bars) -> str:
    return parse_instrument(bars.instrument).symbol


def _open_journal(home: Path | None) -> ExchangeJournal | None:
    if home is None:
        return None
    home.mkdir(parents=True, exist_ok=True)
    return ExchangeJournal(home / JOURNAL_FILE)


def _find_start_ms(config: ExchangeConfig, journal: ExchangeJournal | None) -> int:
    """Return where the market goes on, or begins."""
    saved_state = journal.load().get(("house", "")) if journal is not None else None
    if saved_state is not None:
        return int(saved_state["market"]["at"])
    return config.begins_ms or max(int(series.ts[len(series) // 10]) for series in config.bars)


def _describe_market(config: ExchangeConfig) -> Mapping[str, object]:
    return {
        "matcher": config.matcher,
        "series": [
            {"series": f"{_bars_symbol(series)}/{series.timeframe}", "span_ms": series.span_ms}
            for series in config.bars
        ],
        "first_ts": min(int(series.ts[0]) for series in config.bars),
        "capital": f"{config.capital:f}",
        "slippage": f"{config.slippage:f}",
        "seed": config.seed,
    }


def _local_url(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"
