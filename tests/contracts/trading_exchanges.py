"""Simulated exchanges for the contract of trading venues: served on loopback from a thread, moved by the test."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from vigie.domain.bar import Bars
from vigie.domain.instrument import Instrument
from vigie.domain.money import GridStep
from vigie_sandbox.asgi import listen_on, make_server
from vigie_sandbox.exchange.run import ExchangeConfig, OpenedExchange, open_venue
from vigie_sandbox.exchange.server import ExchangeApp

MINUTE, HOUR = 60_000, 3_600_000
START = 1_767_225_600_000
# An hour at 50,000, five minutes that lose 300 each, then a rest at 48,500.
QUIET, FALL = 60, 5
PRICES = [50_000.0] * QUIET + [50_000.0 - 300.0 * (i + 1) for i in range(FALL)] + [48_500.0] * 600
BTC = "btc-usdt-perp"
RULES = (Instrument("bitget-perp", BTC, GridStep(1, 1), GridStep(1, 4), 0.0001, 5.0),)
RATE = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Words:
    """Where venues differ: names, paths of requests, and what they say.

    Attributes
    ----------
    secrets : tuple of str
        What of a key is checked.
    orders, reads : str
        Part of the path where orders are placed, and of those where an account is read.
    settings : str
        Part of the path where margin and leverage are set.
    halted_read : str
        What reads are told in a maintenance; empty where they are answered.
    unclear : tuple of str
        What is answered where nobody knows what became of an order.
    api : str
        Of ccxt's addresses, where orders are sent.
    withdrawing : tuple of str
        Rights of a key that reads and withdraws.
    no_right : tuple of str
        Code of a key that may not ask for its rights, and what is said of it.
    level_orders : int
        How many orders the levels of a position are: 0 where they ride with the entry.
    """

    venue: str
    btc: str
    symbol: str
    currency: str
    secrets: tuple[str, ...]
    orders: str
    reads: str
    settings: str
    expired: str
    bad_size: str
    too_small: str
    bad_level: str
    flat: str
    halted: str
    halted_read: str
    gone: str
    revoked: str
    unified: str
    unified_cure: str
    locked_cure: str
    unclear: tuple[str, ...]
    api: str
    withdrawing: tuple[str, ...] = ()
    no_right: tuple[str, str] = ("", "")
    level_orders: int = 0

    def rules(self) -> tuple[Instrument, ...]:
        return (Instrument(f"{self.venue}-perp", self.btc, GridStep(1, 1), GridStep(1, 4), 0.0001, 5.0),)


BITGET = Words(
    "bitget", BTC, "BTCUSDT", "USDT", ("key", "secret", "passphrase"), "place-order", "/mix/", "position-mode",
    expired="40008", bad_size="40808", too_small="45110", bad_level="40917", flat="22002", halted="40200",
    halted_read="40200", gone="40309", revoked="40037", unified="40085",
    unified_cure="switch it back to a classic account", locked_cure="close them, or switch to one-way mode",
    unclear=("40015", "40725", "40010", "45001", "99999"), api="mix", withdrawing=("coor", "wwow"),
    no_right=("40014", "shows a key's permissions only to keys that can"),
)  # fmt: skip
HYPERLIQUID = Words(
    "hyperliquid", "btc-usdc-perp", "BTCUSDC", "USDC", ("key", "secret"), "exchange/order", "/info/",
    "updateLeverage", expired="expired", bad_size="invalid size", too_small="minimum value",
    bad_level="Invalid TP/SL", flat="Reduce only", halted="network upgrade", halted_read="", gone="delisted",
    revoked="revoked", unified="unified", unified_cure="turn off unified account mode",
    locked_cure="close them, or switch to isolated margin",
    unclear=("Internal error", "duplicate nonce 1", "Something that nobody has heard of"), api="private",
)  # fmt: skip
BINANCE = Words(
    "binance", BTC, "BTCUSDT", "USDT", ("key", "secret"), "/fapi/v1/order", "/fapi/", "positionSide",
    expired="-1021", bad_size="-1111", too_small="-4164", bad_level="-2021", flat="-2022", halted="-1016",
    halted_read="-1016", gone="-4141", revoked="-2015", unified="-4168",
    unified_cure="switch to single-asset mode", locked_cure="close them, or switch to one-way mode",
    unclear=("-1007", "-1006", "-1001", "-1000", "-9999"), api="fapiPrivate",
    withdrawing=("enableReading", "enableWithdrawals"), no_right=("-2015", "-2015"), level_orders=2,
)  # fmt: skip
VENUES = (BITGET, BINANCE, HYPERLIQUID)


@dataclass(slots=True)
class Running:
    """An exchange that is served."""

    url: str
    opened: OpenedExchange
    loop: asyncio.AbstractEventLoop
    words: Words = BITGET

    @property
    def key(self) -> Any:
        return self.opened.keys[0]

    def control(self, method: str, where: str, body: Mapping[str, Any] | None = None) -> Any:
        """Return what the control answers, asked in the exchange's own thread."""

        async def answer() -> Any:
            told = self.opened.control.answer(method, f"/control/{where}", dict(body or {}))
            self.opened.venue.tick()
            return told

        return asyncio.run_coroutine_threadsafe(answer(), self.loop).result(60)

    def fault(self, kind: str, **more: Any) -> None:
        self.control("POST", "fault", {"kind": kind, **more})

    def do(self, what: str, **more: Any) -> Any:
        return self.control("POST", "do", {"what": what, **more})

    def jump(self, minutes: float) -> None:
        """Let the market be so many minutes after its first bar."""
        self.control("POST", "clock", {"jump_to": START + int(minutes * MINUTE)})

    def state(self) -> Any:
        return self.control("GET", "state")["accounts"]["account-1"]


def bars(prices: list[float] = PRICES, span: int = MINUTE, name: str = BTC) -> Bars:
    first, last = np.array([prices[0], *prices[:-1]]), np.array(prices)
    ts = START + np.arange(len(prices), dtype=np.int64) * span
    high, low = np.maximum(first, last) + 5.0, np.minimum(first, last) - 5.0
    return Bars(name, span, ts, first, high, low, last, np.full(len(prices), 2.0))


def walking(words: Words = BITGET) -> ExchangeConfig:
    """Return a market that moves by itself, half an hour after its first bar."""
    fundings = {words.symbol: [(START + 2 * HOUR, RATE), (START + 10 * HOUR, RATE)]}
    return ExchangeConfig(
        "path", (bars(name=words.btc),), words.rules(), 7, begins_ms=START + 30 * MINUTE, limits=1_000.0,
        exchange=words.venue, fundings=fundings,
    )  # fmt: skip


def stepped(words: Words = BITGET) -> ExchangeConfig:
    """Return a market in lock-step: hours at 50,000, then a fall through 49,000."""
    prices = [50_000.0, 50_000.0, 50_000.0, 48_500.0, 48_500.0]
    return ExchangeConfig("model", (bars(prices, HOUR, words.btc),), words.rules(), 7, exchange=words.venue)


def machine_ms() -> int:
    return time.time_ns() // 1_000_000


@contextmanager
def served(opening: ExchangeConfig, wall: Callable[[], int] = machine_ms) -> Iterator[Running]:
    """Serve an exchange until the block ends; `wall` is the clock its door and its faults go by."""
    started: list[tuple[OpenedExchange, asyncio.AbstractEventLoop]] = []
    ready = threading.Event()
    control, venue = listen_on(0), listen_on(0)
    servers: list[Any] = []

    async def serve() -> None:
        opened = open_venue(opening, time.monotonic, wall)
        app = ExchangeApp(opened.venue, opened.control, control.getsockname()[1])
        servers.append(make_server(app))
        going = asyncio.create_task(app.run_market(0.02))
        started.append((opened, asyncio.get_running_loop()))
        ready.set()
        try:
            await servers[0].serve(sockets=[venue, control])
        finally:
            going.cancel()
            with suppress(asyncio.CancelledError):
                await going

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    with venue, control:
        try:
            assert ready.wait(60)
            opened, loop = started[0]
            words = next(one for one in VENUES if one.venue == opening.exchange)
            yield Running(f"http://127.0.0.1:{venue.getsockname()[1]}", opened, loop, words)
        finally:
            servers[0].should_exit = servers[0].force_exit = True
            thread.join(timeout=10)
