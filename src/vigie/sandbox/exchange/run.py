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
from vigie.sandbox.asgi import listening_on, server_of
from vigie.sandbox.exchange.contracts import contract_of
from vigie.sandbox.exchange.control import Control
from vigie.sandbox.exchange.core.exchange import Exchange
from vigie.sandbox.exchange.core.memory import Memory
from vigie.sandbox.exchange.core.words import Contract
from vigie.sandbox.exchange.desk import Desk, Door
from vigie.sandbox.exchange.keys import Key
from vigie.sandbox.exchange.matchers.lockstep import LockStep
from vigie.sandbox.exchange.matchers.model import ModelMarket
from vigie.sandbox.exchange.matchers.path import PathMarket
from vigie.sandbox.exchange.matchers.tracks import Track
from vigie.sandbox.exchange.matchers.waypoints import BarWalk
from vigie.sandbox.exchange.on_demand import FaultBook
from vigie.sandbox.exchange.quotes import Fundings, Quotes
from vigie.sandbox.exchange.server import ExchangeApp
from vigie.sandbox.exchange.wire import VENUES, Venue, Wire
from vigie.sandbox.world.clock import Hand, VirtualClock

Matcher = Literal["path", "model"]
FILE: Final = "exchange.jsonl"
# In lock-step nobody waits for a minute to pass: the limits are those of a day's work.
_LOCK_STEP_LIMITS: Final = 1_000.0


@dataclass(frozen=True, slots=True)
class Opening:
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
    door: Door = "wall"
    slippage: Decimal = Decimal("0.0005")
    limits: float | None = None
    home: Path | None = None
    exchange: str = VENUES[0]
    fundings: Fundings = field(default_factory=dict)
    marks: Mapping[str, Mapping[int, Decimal]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Opened:
    """A venue that is ready to be served."""

    venue: Venue[Any]
    control: Control
    keys: tuple[Key, ...]


def open_venue(opening: Opening, hand: Hand, wall: Callable[[], int]) -> Opened:
    """Return a venue, new or as it was when it ended.

    Parameters
    ----------
    opening : Opening
        What it is made of.
    hand : callable
        Seconds that only grow.
    wall : callable
        The machine's clock in epoch milliseconds.
    """
    wire = wire_of(opening.exchange)
    contracts = [_contract(opening, symbol) for symbol in _by_symbol(opening.bars)]
    memory = _memory(opening.home)
    keys = tuple(wire.made_key(opening.seed, number, opening.is_demo) for number in range(opening.accounts))
    owners = {key.key: f"account-{number + 1}" for number, key in enumerate(keys)}
    market: ModelMarket | PathMarket
    clock: VirtualClock | None = None
    if opening.matcher == "model":
        tracks = [Track(_symbol(one), one) for one in opening.bars]
        market = ModelMarket(
            tracks, fundings=opening.fundings, marks=opening.marks, slippage=opening.slippage
        )
    else:
        clock = VirtualClock(hand, _begins(opening, memory), opening.speed)
        market = _path(opening, contracts, clock)
    exchange = Exchange(contracts, market, memory)
    for account in owners.values():
        exchange.open_account(account, opening.capital)
    quotes = Quotes(_by_symbol(opening.bars), market, opening.fundings)
    walks = {
        one.symbol: BarWalk(one.symbol, bars, opening.seed, one.tick)
        for one in contracts
        if (bars := quotes.finest(one.symbol)) is not None and len(bars)
    }
    faults = FaultBook(wire.faults)
    desk = Desk(exchange, wire.ring(keys), owners, quotes, faults, wall, opening.door, walks=walks)
    stepper = LockStep(exchange, market) if isinstance(market, ModelMarket) else None
    control = Control(desk, _about(opening), lock_step=stepper, clock=clock)
    scale = opening.limits or (_LOCK_STEP_LIMITS if stepper is not None else 1.0)
    return Opened(wire.open(desk, hand, scale), control, keys)


def wire_of(exchange: str) -> Wire:
    """Return what opens a venue.

    Raises
    ------
    UsageError
        If there is no such one.
    """
    if exchange not in VENUES:
        raise UsageError(f"exchange must be one of {', '.join(VENUES)}, was {exchange!r}")
    found: Wire = import_module(f"vigie.sandbox.exchange.{exchange}.venue").WIRE
    return found


def run_exchange(
    opening: Opening,
    wall: Callable[[], int],
    say: Callable[[str], None],
    *,
    port: int = 0,
    control_port: int = 0,
) -> None:
    """Serve a venue on loopback until it is told to stop.

    Parameters
    ----------
    opening : Opening
        What it is made of.
    wall : callable
        The machine's clock in epoch milliseconds.
    say : callable
        Takes five lines once requests are taken: address, key, secret, passphrase, address of the control.
    port, control_port : int
        0 takes a free one.

    Raises
    ------
    UsageError
        If a port is taken, or the market cannot be opened.
    """
    with listening_on(port) as venue, listening_on(control_port) as control:
        asyncio.run(serve(opening, wall, say, venue, control))


async def serve(
    opening: Opening,
    wall: Callable[[], int],
    say: Callable[[str], None],
    listening: socket.socket,
    control: socket.socket,
) -> None:
    """Serve a venue on two sockets until it is told to stop."""
    opened = open_venue(opening, asyncio.get_running_loop().time, wall)
    app = ExchangeApp(opened.venue, opened.control, control.getsockname()[1])
    server = server_of(app)
    going = asyncio.create_task(app.keep_going())
    # What cannot be remembered must not go on: the venue ends with its market.
    going.add_done_callback(lambda _: setattr(server, "should_exit", True))
    first = opened.keys[0]
    for line in (_address(listening), first.key, first.secret, first.passphrase, _address(control)):
        say(line)
    try:
        await server.serve(sockets=[listening, control])
    finally:
        going.cancel()
        with suppress(asyncio.CancelledError):
            await going


def _contract(opening: Opening, symbol: str) -> Contract:
    for rules in opening.instruments:
        if parse_instrument(rules.name).symbol == symbol:
            return contract_of(rules)
    known = ", ".join(rules.name for rules in opening.instruments)
    raise UsageError(f"bars must be of an instrument with rules ({known}), was {symbol}")


def _path(opening: Opening, contracts: Sequence[Contract], clock: VirtualClock) -> PathMarket:
    finest = {
        symbol: min(many, key=lambda one: one.span_ms) for symbol, many in _by_symbol(opening.bars).items()
    }
    return PathMarket(
        contracts,
        finest,
        now=clock.now_ms,
        seed=opening.seed,
        fundings=opening.fundings,
        slippage=opening.slippage,
    )


def _by_symbol(bars: Sequence[Bars]) -> Mapping[str, list[Bars]]:
    found: dict[str, list[Bars]] = {}
    for one in bars:
        found.setdefault(_symbol(one), []).append(one)
    return found


def _symbol(bars: Bars) -> str:
    return parse_instrument(bars.instrument).symbol


def _memory(home: Path | None) -> Memory | None:
    if home is None:
        return None
    home.mkdir(parents=True, exist_ok=True)
    return Memory(home / FILE)


def _begins(opening: Opening, memory: Memory | None) -> int:
    """Return where the market goes on, or begins."""
    house = memory.load().get(("house", "")) if memory is not None else None
    if house is not None:
        return int(house["market"]["at"])
    return opening.begins_ms or max(int(one.ts[len(one) // 10]) for one in opening.bars)


def _about(opening: Opening) -> Mapping[str, object]:
    return {
        "matcher": opening.matcher,
        "series": [
            {"series": f"{_symbol(one)}/{one.timeframe}", "span_ms": one.span_ms} for one in opening.bars
        ],
        "first_ts": min(int(one.ts[0]) for one in opening.bars),
        "capital": f"{opening.capital:f}",
        "slippage": f"{opening.slippage:f}",
        "seed": opening.seed,
    }


def _address(listening: socket.socket) -> str:
    return f"http://127.0.0.1:{listening.getsockname()[1]}"
