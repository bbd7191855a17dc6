"""Backtest, paper and demo over the wire: the same strategies on the same market give the same run, to the cent."""

from __future__ import annotations

import asyncio
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest

from tests.clocks import QuickClock
from tests.parity.exchange_process import (
    COINS,
    COSTS,
    STRATEGIES,
    ControlFeed,
    Line,
    child,
    made_market,
    market,
    rates,
    series,
    slots,
)
from tests.parity.feeds import GivenVerdicts, HistoryFeed
from tests.parity.test_trader_on_paper import assert_as_in_the_backtest, live_slots, rows
from vigie.adapters.clock import SystemClock
from vigie.adapters.stores.sql.tradebook.book import SqlTradeBook
from vigie.adapters.venues.bitget.trading import open_trading
from vigie.adapters.venues.manifest import FOLDER, read_manifest
from vigie.domain.account import AccountSettings, Protections, Sizing
from vigie.domain.ids import SlotId
from vigie.domain.order import TradeRun
from vigie.engine.inputs import SlotInput
from vigie.engine.live.fold.evaluation import StrategyEvaluator
from vigie.engine.live.paper.paper_venue import PaperVenue
from vigie.engine.live.trader import Trader, TraderConfig
from vigie.engine.run import PlannedSlot, prepare_slot
from vigie.trading import catalogue

BARS = 2_000
# So many that one coin is traded in both timeframes.
MIXED = 600
TIMEFRAMES = ("1h", "4h")
# Those that lock for a month are off: an account that is locked proves little.
PROTECTIONS = Protections(
    window_drawdown_fraction=0.0, slot_drawdown_fraction=0.0, global_drawdown_fraction=0.0,
    account_drawdown_fraction=0.0, stop_guard_instrument_stops=0, stop_guard_account_stops=0,
)  # fmt: skip


def assignment(run, inputs, protections):
    return TraderConfig(
        run,
        live_slots(inputs),
        protections,
        GivenVerdicts(inputs),
        lambda *_: (),
        lease_s=1e7,
        entry_age_s=1e7,
    )


def begun(book, account, venue, mode):
    run = TradeRun(f"run-{account}", account, "owner", venue, mode, "plan", Decimal(10_000), 0)
    book.begin(run)
    return run, book.take(account, "tests", for_s=1e7)


@pytest.fixture(scope="module")
def inputs():
    return slots(BARS)


def test_paper_is_the_backtest(sqlite_database, inputs):
    book, clock = SqlTradeBook(sqlite_database, QuickClock()), QuickClock()
    run, lease = begun(book, "paper", "paper", "paper")
    venue = PaperVenue(run, live_slots(inputs), HistoryFeed(inputs), book, clock)
    asyncio.run(Trader(assignment(run, inputs, PROTECTIONS), book, venue, venue, clock, lease).trade())
    assert_as_in_the_backtest(book, run, inputs, PROTECTIONS)


def traded_over_the_wire(database, account, inputs, home, timeframes, bars=BARS):
    """Trade inputs at an exchange in another process; return book, run and the balance at the end."""
    book, clock = SqlTradeBook(database, SystemClock()), SystemClock()
    run, lease = begun(book, account, "bitget-perp", "demo")

    async def trade(exchange, line):
        manifest = read_manifest(FOLDER / "bitget")
        venue = open_trading(
            manifest, market="perp", key=exchange.key, secret=exchange.secret, passphrase=exchange.passphrase,
            demo=True, clock=clock, url=exchange.url, interval_ms=0.0,
        )  # fmt: skip
        try:
            for coin in COINS:
                await venue.prepare(made_market(bars).asset(coin).rules.name, Decimal(5))
            trader = Trader(
                assignment(run, inputs, PROTECTIONS),
                book,
                venue,
                ControlFeed(line, rates(bars)),
                clock,
                lease,
            )
            await trader.trade()
            return await venue.balance()
        finally:
            await venue.close()

    with child(bars, home, timeframes) as exchange, closing(Line(exchange)) as line:
        balance = asyncio.run(trade(exchange, line))
    return book, run, balance


def assert_traded_as_in_the_backtest(book, run, balance, inputs):
    assert_as_in_the_backtest(book, run, inputs, PROTECTIONS)
    known = book.intents(run.id)
    assert len(known) > 20
    assert all(one.move.state == "filled" for one in known)
    _, account = rows(book, run, inputs, PROTECTIONS)
    assert float(balance.cash) == pytest.approx(account.cash, abs=0.005)


def test_demo_over_http_and_websocket_in_another_process_is_the_backtest(sqlite_database, inputs, tmp_path):
    traded = traded_over_the_wire(sqlite_database, "demo", inputs, tmp_path / "exchange", ["1h"])
    assert_traded_as_in_the_backtest(*traded, inputs)


def test_hours_and_four_hours_on_one_account_over_the_wire_are_the_backtest(sqlite_database, tmp_path):
    mixed = slots(MIXED, TIMEFRAMES)
    traded = traded_over_the_wire(sqlite_database, "mixed", mixed, tmp_path / "exchange", TIMEFRAMES, MIXED)
    assert_traded_as_in_the_backtest(*traded, mixed)
    # Both timeframes traded, and neither held a coin while the other did: the venue nets positions.
    _, account = rows(*traded[:2], mixed, PROTECTIONS)
    ids = [mixed[int(number)][0] for number in account.trades["slot"]]
    assert {one.timeframe for one in ids} == set(TIMEFRAMES)
    spans = sorted(
        (one.instrument, int(trade["entry_ts"]), int(trade["exit_ts"]))
        for one, trade in zip(ids, account.trades, strict=True)
    )
    assert all(one[0] != after[0] or one[2] <= after[1] for one, after in pairwise(spans))


@pytest.mark.parametrize("name", STRATEGIES)
def test_live_judges_each_close_on_its_history_as_the_backtest_did(name, inputs):
    bars, _ = market(BARS)["BTC"]
    number = next(k for k, (id_, _) in enumerate(inputs) if id_.strategy == name)
    strategy = catalogue.load(name)
    asked = [(strategy, strategy.params())] * (number + 1)
    places = {int(ts): at for at, ts in enumerate(bars.ts)}
    judge = StrategyEvaluator(asked, lambda _, ts: bars.slice(0, places[ts] + 1))
    known = GivenVerdicts(inputs)
    for at in range(150, BARS, 37):
        ts = int(bars.ts[at])
        assert judge.evaluate_at(number, ts) == known.evaluate_at(number, ts)


def planned_slots(count: int, early: int = 0) -> list[tuple[SlotId, SlotInput]]:
    """A slot of `plan` a coin, with a plan armed every forty hours: long and short, in a zone and at once.

    Parameters
    ----------
    early : int
        Bars by which it is armed earlier: one before a settlement it enters exactly at it.
    """
    strategy, found = catalogue.load(catalogue.PLAN), []
    for coin, bars, settled in series(count):
        close, number = bars.close, (np.arange(count) + early) // 40
        begun = close[np.maximum(number * 40 - early, 0)]
        side = np.where(number % 2, 1.0, -1.0)
        reach = np.where(number % 3, 0.004, 0.5)
        columns = {
            "side": side, "low": begun * (1.0 - reach), "high": begun * (1.0 + reach),
            "stop": begun * (1.0 - side * 0.02), "target": begun * (1.0 + side * 0.03),
            "until": np.full(count, 9e15), "armed": number.astype(float),
        }  # fmt: skip
        features = {**bars.features, **{f"plan.{name}": column for name, column in columns.items()}}
        given = replace(bars, features=features, _memo={})
        rules = made_market(count).asset(coin).rules
        account = AccountSettings("portfolio", COSTS, Sizing())
        id_ = SlotId(bars.instrument, bars.timeframe, catalogue.PLAN)
        plan = PlannedSlot(id_, given, strategy, strategy.params(), (rules,), account, settled)
        found.append((id_, prepare_slot(plan)[1]))
    return found


@pytest.mark.parametrize("early", [0, 1], ids=["between settlements", "at settlements"])
def test_plans_over_the_wire_are_traded_as_in_the_backtest_and_on_paper(sqlite_database, tmp_path, early):
    made = planned_slots(MIXED, early)
    book, clock = SqlTradeBook(sqlite_database, QuickClock()), QuickClock()
    run, lease = begun(book, f"paper-plans-{early}", "paper", "paper")
    venue = PaperVenue(run, live_slots(made), HistoryFeed(made), book, clock)
    asyncio.run(Trader(assignment(run, made, PROTECTIONS), book, venue, venue, clock, lease).trade())
    assert_as_in_the_backtest(book, run, made, PROTECTIONS)
    traded = traded_over_the_wire(
        sqlite_database, f"plans-{early}", made, tmp_path / "exchange", ["1h"], MIXED
    )
    assert_traded_as_in_the_backtest(*traded, made)
    _, account = rows(*traded[:2], made, PROTECTIONS)
    # One try a plan: no two entries of a coin fall into the same forty hours.
    tried = [(int(one["slot"]), (int(one["entry_bar"] - 1) + early) // 40) for one in account.trades]
    assert len(set(tried)) == len(tried) > 10
    settled = [made[int(one["slot"])][1].funding.ts // 60_000 * 60_000 for one in account.trades]
    at_once = sum(int(one["entry_ts"]) in ts for one, ts in zip(account.trades, settled, strict=True))
    # Who enters at a settlement does not pay it.
    assert at_once >= 10 * early
