"""Real processes, forked from one warm parent: an exchange that is served, and traders that are killed.

All of them share one hand of the wall, which runs many times faster than the machine's: a signature's thirty seconds
pass in less than one.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.clocks import QuickClock, busy
from tests.crash import market
from tests.crash.day import UNHURRIED
from tests.parity.exchange_process import Child, ControlFeed
from tests.parity.feeds import GivenVerdicts
from tests.parity.test_trader_on_paper import live_slots
from vigie.adapters.stores.sql.database import open_database
from vigie.adapters.stores.sql.tradebook.book import SqlTradeBook
from vigie.adapters.venues.bitget.trading import BitgetTrading, open_trading
from vigie.adapters.venues.manifest import FOLDER, read_manifest
from vigie.domain.errors import TransientError
from vigie.domain.order import TradeRun
from vigie.engine.live.trader import Trader, TraderConfig
from vigie_sandbox.exchange.run import ExchangeConfig, run_exchange

SPEED = 50.0
# What hangs ends; on a machine with eight times as much to do as it can, a process that does not takes a minute.
ALIVE_AT_MOST_S = 100
ACCOUNT = "crash"


def forked(work: Callable[[], object], alive_s: int = ALIVE_AT_MOST_S) -> int:
    """Do work in a child and return its id; it ends after so long by itself."""
    pid = os.fork()
    if pid:
        return pid
    try:
        signal.alarm(alive_s)
        work()
    except BaseException:
        sys.excepthook(*sys.exc_info())
        os._exit(1)
    os._exit(0)


@contextmanager
def exchange(opening: ExchangeConfig, clock: QuickClock) -> Iterator[Child]:
    """Serve an exchange from a child until the block ends."""
    reading, writing = os.pipe()
    pid = forked(
        lambda: run_exchange(opening, clock.wall_now, lambda line: os.write(writing, f"{line}\n".encode())),
        3 * ALIVE_AT_MOST_S,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as told:
            lines = [told.readline().strip() for _ in range(5)]
        assert all(lines), "the exchange did not begin"
        yield Child(*lines)
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


class Steps(ControlFeed):
    """The lock-step feed, with the funding of this market."""

    def __init__(self, told: Child) -> None:
        super().__init__(told, market.MADE)
        self._rates = {name.instrument: one.funding for name, one in market.inputs()}


@dataclass(slots=True)
class Awaits:
    """Counts where tasks wait and where they go on; kills the process at one of these points.

    Attributes
    ----------
    until : tuple of (str, int) or None
        Kind of the point, and which of them, from 1.
    passed : list of str
        Kinds, in order.
    """

    until: tuple[str, int] | None = None
    passed: list[str] = field(default_factory=list)

    def at(self, kind: str) -> None:
        self.passed.append(kind)
        if self.until and kind == self.until[0] and self.passed.count(kind) == self.until[1]:
            os.kill(os.getpid(), signal.SIGKILL)


class Watched(Coroutine[Any, Any, Any]):
    """A task's coroutine, each of whose waits is a point."""

    def __init__(self, inner: Any, awaits: Awaits) -> None:
        self._inner = inner
        self._awaits = awaits
        self._waits = ""

    def send(self, value: Any) -> Any:
        if self._waits:
            self._awaits.at(f"{self._waits} goes on")
        return self._met(self._inner.send(value))

    def throw(self, *error: Any) -> Any:
        return self._met(self._inner.throw(*error))

    def close(self) -> None:
        self._inner.close()

    @property
    def cr_await(self) -> Any:
        return self._inner

    def __await__(self) -> Any:
        return self._inner.__await__()

    def _met(self, waits_for: Any) -> Any:
        self._waits = place(self._inner)
        if self._waits:
            self._awaits.at(f"{self._waits} waits")
        return waits_for


def place(coroutine: Any) -> str:
    """Return where a task waits: who wants something, and what is asked of the venue for it."""
    wants = asks = ""
    while coroutine is not None:
        frame = getattr(coroutine, "cr_frame", None) or getattr(coroutine, "gi_frame", None)
        if frame is not None:
            file, name = frame.f_code.co_filename, frame.f_code.co_qualname
            if "/engine/live/" in file:
                wants = name
            elif "/adapters/" in file and not asks:
                asks = name
        coroutine = getattr(coroutine, "cr_await", None) or getattr(coroutine, "gi_yieldfrom", None)
    return f"{wants}, {asks}" if wants and asks else wants


def _give_up(tasks: set[asyncio.Task[Any]]) -> None:
    """Say what every task waits for, and end."""
    for task in tasks:
        task.print_stack()
        sys.stderr.write(f"waits: {place(task.get_coro())}\n")
    sys.stderr.flush()
    os._exit(2)


@dataclass(frozen=True, slots=True)
class Scene:
    """A book on the disk, an exchange and a clock, which outlive every trader."""

    book: Path
    told: Child
    clock: QuickClock
    run: TradeRun

    def live(self, until: tuple[str, int] | None = None, record: Path | None = None) -> None:
        """Be a trading process, from its first line to the end of the feed."""
        awaits = Awaits(until)
        with asyncio.Runner() as runner, closing(open_database(f"sqlite:///{self.book}")) as database:
            loop = runner.get_loop()
            signal.signal(signal.SIGALRM, lambda *_: _give_up(asyncio.all_tasks(loop)))
            loop.set_task_factory(
                lambda loop, made, **more: asyncio.Task(Watched(made, awaits), loop=loop, **more)
            )
            runner.run(self._trade_body(SqlTradeBook(database, self.clock)))
        if record is not None:
            record.write_text(json.dumps(awaits.passed))

    async def _trade_body(self, book: SqlTradeBook) -> None:
        made = market.inputs()
        lease = book.take(ACCOUNT, f"process-{os.getpid()}", for_s=1e7, by_force=True)
        venue = open_trading(
            read_manifest(FOLDER / "bitget"), market="perp", key=self.told.key, secret=self.told.secret,
            passphrase=self.told.passphrase, demo=True, clock=self.clock, url=self.told.url, interval_ms=0.0,
        )  # fmt: skip
        given = TraderConfig(
            self.run, live_slots(made), market.PROTECTIONS, GivenVerdicts(made), lambda *_: (),
            deadlines=UNHURRIED, lease_s=1e7,
        )  # fmt: skip
        try:
            for name, _ in made:
                await self._watched_names(venue, name.instrument)
            await Trader(given, book, venue, Steps(self.told), self.clock, lease).trade()
        finally:
            await venue.close()

    async def _watched_names(self, venue: BitgetTrading, instrument: str) -> None:
        while True:
            try:
                await venue.prepare(instrument, Decimal(5))
                return
            except TransientError:  # on a busy machine a signature's seconds are soon over
                await self.clock.pause(1)


@contextmanager
def scene(template: Path, home: Path) -> Iterator[Scene]:
    """Begin an account on a fresh book and a fresh exchange."""
    home.mkdir(parents=True, exist_ok=True)
    book = home / "vigie.sqlite"
    book.write_bytes(template.read_bytes())
    clock = QuickClock(SPEED, busy())
    run = TradeRun("run-crash", ACCOUNT, "owner", "bitget-perp", "demo", "plan", Decimal(10_000), 0)
    with closing(open_database(f"sqlite:///{book}")) as database:
        SqlTradeBook(database, clock).begin(run)
    with exchange(market.opening(), clock) as told:
        yield Scene(book, told, clock, run)
