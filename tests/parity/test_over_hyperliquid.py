"""The same strategies over Hyperliquid's wire, wallet signatures and all: the backtest's decisions, fills and money."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pytest

from tests.contracts.trading_exchanges import Running, served
from tests.parity.exchange_process import (
    COINS,
    COSTS,
    SEED,
    STRATEGIES,
    ControlFeed,
    made_market,
    market,
)
from tests.parity.feeds import GivenVerdicts
from tests.parity.test_over_the_wire import PROTECTIONS
from tests.parity.test_trader_on_paper import assert_as_in_the_backtest, live_slots, rows
from vigie.adapters.clock import SystemClock
from vigie.adapters.stores.sql.tradebook.book import SqlTradeBook
from vigie.adapters.venues.hyperliquid.trading import open_trading
from vigie.adapters.venues.manifest import FOLDER, read_manifest
from vigie.domain.account import AccountSettings, Sizing
from vigie.domain.bar import Bars
from vigie.domain.ids import SlotId
from vigie.domain.instrument import Instrument
from vigie.domain.order import TradeRun
from vigie.engine.inputs import Settlements
from vigie.engine.live.trader import Trader, TraderConfig
from vigie.engine.run import PlannedSlot, prepare_slot
from vigie.trading import catalogue
from vigie_sandbox.exchange.hyperliquid.listing import list_coin
from vigie_sandbox.exchange.run import ExchangeConfig

BARS = 500
Coin = tuple[Bars, Instrument, Settlements]


@dataclass(frozen=True, slots=True)
class Knobs:
    """The control of an exchange in this process, asked as one in another is."""

    exchange: Running

    def ask(self, method: str, where: str, body: Any = None) -> Any:
        return self.exchange.control(method, where, body)


@pytest.fixture(scope="module")
def coins() -> list[Coin]:
    """Three coins as the venue lists them, at the fees that runs are charged."""
    found = []
    for coin, (bars, settled) in market(BARS).items():
        own, rules, _ = list_coin((bars, made_market(BARS).asset(coin).rules, []))
        found.append((own, replace(rules, taker=COSTS.taker, maker=COSTS.maker), settled))
    return found


def planned(coins: list[Coin]) -> list[Any]:
    account = AccountSettings("portfolio", COSTS, Sizing())
    found = []
    for bars, rules, settled in coins:
        for name in STRATEGIES:
            strategy = catalogue.load(name)
            id_ = SlotId(bars.instrument, "1h", name)
            plan = PlannedSlot(id_, bars, strategy, strategy.params(), (rules,), account, settled)
            found.append((id_, prepare_slot(plan)[1]))
    return found


def opening(coins: list[Coin]) -> ExchangeConfig:
    fundings = {
        f"{coin}USDC": [
            (ts, Decimal(repr(rate)))
            for ts, rate in zip(settled.ts.tolist(), settled.rate.tolist(), strict=True)
        ]
        for coin, (_, _, settled) in zip(COINS, coins, strict=True)
    }
    return ExchangeConfig(
        "model", tuple(bars for bars, _, _ in coins), tuple(rules for _, rules, _ in coins), SEED,
        fundings=fundings, exchange="hyperliquid", slippage=Decimal(repr(COSTS.slippage_bps)) / 10_000,
    )  # fmt: skip


def test_demo_over_hyperliquid_s_wire_is_the_backtest(sqlite_database, coins):
    clock = SystemClock()
    book, inputs = SqlTradeBook(sqlite_database, clock), planned(coins)
    run = TradeRun("run-hl", "hl", "owner", "hyperliquid-perp", "demo", "plan", Decimal(10_000), 0)
    book.begin(run)
    lease = book.take("hl", "tests", for_s=1e7)

    async def trade(exchange: Running) -> Any:
        venue = open_trading(
            read_manifest(FOLDER / "hyperliquid"), market="perp", key=exchange.key.key, secret=exchange.key.secret,
            demo=True, clock=clock, url=exchange.url, interval_ms=0.0,
        )  # fmt: skip
        given = TraderConfig(
            run, live_slots(inputs), PROTECTIONS, GivenVerdicts(inputs), lambda *_: (), lease_s=1e7, entry_age_s=1e7
        )  # fmt: skip
        rates = {bars.instrument: settled for bars, _, settled in coins}
        try:
            for bars, _, _ in coins:
                await venue.prepare(bars.instrument, Decimal(5))
            await Trader(given, book, venue, ControlFeed(Knobs(exchange), rates), clock, lease).trade()
            return await venue.balance()
        finally:
            await venue.close()

    with served(opening(coins)) as exchange:
        balance = asyncio.run(trade(exchange))
    assert_as_in_the_backtest(book, run, inputs, PROTECTIONS)
    known = book.intents(run.id)
    assert len(known) > 10
    assert all(one.move.state == "filled" for one in known)
    _, account = rows(book, run, inputs, PROTECTIONS)
    assert float(balance.cash) == pytest.approx(account.cash, abs=0.005)
