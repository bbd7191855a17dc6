"""Two coins at the exchange's core, on a clock that stands until it is moved: what takes how long is exact."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.clocks import StandingClock
from tests.crash import market
from tests.parity.core_venue import ACCOUNT, CoreVenue, symbol_of
from tests.parity.feeds import GivenVerdicts
from tests.parity.material import Inputs
from tests.parity.test_trader_on_paper import live_slots
from vigie.adapters.stores.sql.audit import SqlAuditLog
from vigie.adapters.stores.sql.tradebook.book import SqlTradeBook
from vigie.domain.errors import OrderRejected, OutcomeUnknown, StorageError
from vigie.domain.order import TradeRun, VenueOrder
from vigie.engine.live.trader import Trader, TraderConfig
from vigie.ports.feed import MarketInstant
from vigie.ports.trading import Levels, NewOrder
from vigie_sandbox.exchange.core.entities import ExchangeRefusal

TICK_S = 0.25
LONGEST_S = 3_000


class Unruly(CoreVenue):
    """An exchange that does not do as it is told.

    Attributes
    ----------
    drops : set of str
        Instruments whose levels are forgotten when an entry is placed.
    refuses : set of str
        Instruments for which no level is taken.
    loses : set of str
        Instruments whose entries never arrive.
    denies : set of str
        Instruments whose entries it takes, does nothing with, and denies.
    no_exits : int
        How many exits are refused.
    quiet : dict of int to list of (float, callable)
        By number of the instant before, what happens after how many seconds in which the market stands still.
    deeds : dict of int to callable
        What is done to it after an instant.
    """

    def __init__(self, inputs: Inputs | None = None) -> None:
        self.inputs = inputs or market.inputs()
        super().__init__(self.inputs)
        self.drops: set[str] = set()
        self.refuses: set[str] = set()
        self.loses: set[str] = set()
        self.denies: set[str] = set()
        self.no_exits = 0
        self.quiet: dict[int, list[tuple[float, Callable[[], object]]]] = {}
        self.deeds: dict[int, Callable[[], object]] = {}
        self.clock = StandingClock()

    @property
    def number(self) -> int:
        """Number of the present instant."""
        current = self._steps.current()
        return 0 if current is None else current.number

    async def after(self, number: int) -> MarketInstant | None:
        if deed := self.deeds.pop(number, None):
            deed()
        for seconds, deed in self.quiet.pop(number, ()):
            await self.clock.pause(seconds)
            deed()
        return await super().after(number)

    async def place(self, order: NewOrder) -> str:
        if order.is_reduce_only and self.no_exits:
            self.no_exits -= 1
            raise OrderRejected("no exits now")
        if order.instrument in self.loses and not order.is_reduce_only:
            raise OutcomeUnknown("no answer")
        if order.instrument in self.denies and not order.is_reduce_only:
            return "1"
        return await super().place(order)

    async def entries_placed(self, instant, series) -> None:
        await super().entries_placed(instant, series)
        for plan in self.exchange.open_plans(ACCOUNT):
            if plan.symbol.lower() in self.drops:
                self.exchange.cancel_plan(ACCOUNT, plan_id=plan.id)

    async def cancel(self, instrument: str, client_id: str, ts: int | None = None) -> bool:
        try:
            self.exchange.cancel(ACCOUNT, client_id=client_id)
        except ExchangeRefusal:
            return False
        return True

    async def protect(self, levels: Levels, ts: int | None = None) -> None:
        if levels.instrument in self.refuses:
            raise OrderRejected("no level now")
        self.exchange.set_levels(
            ACCOUNT, symbol_of(levels.instrument), stop=levels.stop, target=levels.target
        )

    async def flash_close(self, instrument: str, ts: int | None = None) -> None:
        self.exchange.force_close(ACCOUNT, symbol_of(instrument), "person")

    async def open_orders(self) -> Sequence[VenueOrder]:
        found = []
        for one in self.exchange.open_orders(ACCOUNT):
            found.append(
                VenueOrder(
                    one.symbol.lower(),
                    one.id,
                    one.client_id,
                    one.side,
                    one.kind,
                    one.qty,
                    one.filled,
                    one.state,
                    one.reduce_only,
                    one.ts,
                    one.ts_updated,
                    one.price,
                )
            )
        return found

    def unprotected(self) -> set[str]:
        stops = {plan.symbol for plan in self.exchange.open_plans(ACCOUNT) if "stop" in plan.kind}
        return {one.symbol for one in self.exchange.positions(ACCOUNT) if one.qty} - stops


@dataclass(slots=True)
class Story:
    """A run on the standing clock.

    Attributes
    ----------
    begun : int
        Number of the last audit record before it.
    naked_s : dict of str to float
        By contract, the longest time without a stop.
    said : list of str
        What was said while the book could not be written.
    """

    run: TradeRun
    trader: Trader
    venue: Unruly
    book: SqlTradeBook
    begun: int
    naked_s: dict[str, float] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    @property
    def account(self):
        return self.trader.account

    def cash(self) -> float:
        return float(self.venue.exchange.money(ACCOUNT).cash)


def told(database, name: str, venue: Unruly, book: Any = None, **more: Any) -> Story:
    """Let a trader live through it; one whose book cannot be written holds out until it can, and begins anew."""
    book = book or SqlTradeBook(database, venue.clock)
    run = TradeRun(f"run-{name}", name, "owner", "core", "demo", "plan", Decimal(10_000), 0)
    book.begin(run)
    inputs = venue.inputs
    often = {"lease_s": 1e7, "entry_age_s": 1e7, **more}
    often.setdefault("ledger", getattr(venue, "ledger", None))
    given = TraderConfig(
        run, live_slots(inputs), market.PROTECTIONS, GivenVerdicts(inputs), lambda *_: (), **often
    )
    begun = SqlAuditLog(database, venue.clock).newest()
    lease = book.take(name, "tests", for_s=1e7, by_force=True)

    def trader() -> Trader:
        return Trader(given, book, venue, venue, venue.clock, lease)

    story = Story(run, trader(), venue, book, begun)
    asyncio.run(_lived(story, trader))
    return story


async def _traded(story: Story, trader: Callable[[], Trader]) -> None:
    while True:
        try:
            await story.trader.trade()
            return
        except StorageError:
            await story.trader.guard_until_writable(story.said.append)
            story.trader = trader()


async def _lived(story: Story, trader: Callable[[], Trader]) -> None:
    # One thread: what it does is done when the clock goes on.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
    clock, since = story.venue.clock, {}
    trading = asyncio.ensure_future(_traded(story, trader))
    until = clock.now + LONGEST_S * 1_000
    while not trading.done():
        assert clock.now < until, "nothing goes on any more"
        await clock.advance(TICK_S)
        naked = story.venue.unprotected()
        since = {one: since.get(one, clock.now) for one in naked}
        for one, begun in since.items():
            seconds = (clock.now - begun) / 1_000 + TICK_S
            story.naked_s[one] = max(story.naked_s.get(one, 0.0), seconds)
    trading.result()
