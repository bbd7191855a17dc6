"""The trader at the simulated exchange: a venue that shares no line with the kernel fills what the backtest fills."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.clocks import QuickClock
from tests.parity.core_venue import ACCOUNT, CoreVenue
from tests.parity.feeds import GivenVerdicts
from tests.parity.test_trader_on_paper import BY_SEED, assert_as_in_the_backtest, live_slots, one_feed
from vigie.adapters.stores.sql.tradebook.book import SqlTradeBook
from vigie.domain.order import TradeRun
from vigie.engine.live.trader import Assignment, Trader


def at_an_exchange(seed):
    """A random portfolio under rules that one contract can have: one version, no significant figures."""
    inputs, protections = one_feed(seed)
    # Two timeframes of one random instrument have prices of their own; an exchange has one price.
    spans = {name.instrument: one.bars.span_ms for name, one in reversed(inputs)}
    inputs = [(name, one) for name, one in inputs if one.bars.span_ms == spans[name.instrument]]
    versions = {name.instrument: replace(one.versions[0], significant_figures=0) for name, one in inputs}
    made = [
        (
            name,
            replace(
                one,
                versions=(versions[name.instrument],),
            ),
        )
        for name, one in inputs
    ]
    return made, protections


def trade_at(venue, inputs, protections, book, account):
    clock = QuickClock()
    capital = Decimal(repr(inputs[0][1].sizing.capital))
    run = TradeRun(f"run-{account}", account, "owner", "core", "demo", "plan", capital, 0)
    book.begin(run)
    slots = live_slots(inputs)
    given = Assignment(
        run, slots, protections, GivenVerdicts(inputs), lambda *_: (), lease_s=1e7, entry_age_s=1e7
    )
    lease = book.take(account, "tests", for_s=1e7)
    trader = Trader(given, book, venue, venue, clock, lease)
    asyncio.run(trader.trade())
    return run, trader


@BY_SEED
@given(st.integers(0, 10**9))
def test_a_trader_at_the_exchange_trades_as_the_backtest(sqlite_database, seed):
    inputs, protections = at_an_exchange(seed)
    book = SqlTradeBook(sqlite_database, QuickClock())
    venue = CoreVenue(inputs)
    run, trader = trade_at(venue, inputs, protections, book, f"exchange-{seed}")
    assert_as_in_the_backtest(book, run, inputs, protections)
    assert trader.account.cash == pytest.approx(float(venue.exchange.money(ACCOUNT).cash), abs=1e-6)


def cheaper(venue):
    """Let the exchange charge a little less than the kernel thinks."""
    contract = next(iter(venue.exchange.contracts()))
    venue.exchange.change_contract(replace(contract, taker=contract.taker + Decimal("0.0000001")))


class Shifted(CoreVenue):
    """An exchange one of whose fills is told a tick away."""

    async def fills(self, since_ms):
        told = await super().fills(since_ms)
        tick = self.exchange.contract("A").tick
        return [replace(one, price=one.price + tick) if one.id == told[0].id else one for one in told]


def same_instants(inputs, protections, book, venue, account) -> None:
    run, _ = trade_at(venue, inputs, protections, book, account)
    assert_as_in_the_backtest(book, run, inputs, protections)


SEED = 7


@pytest.mark.parametrize("how", [cheaper, Shifted], ids=["one fee", "one fill"])
def test_the_proof_notices_what_was_altered(sqlite_database, how):
    inputs, protections = at_an_exchange(SEED)
    book = SqlTradeBook(sqlite_database, QuickClock())
    same_instants(inputs, protections, book, CoreVenue(inputs), f"true-{how.__name__}")
    venue = Shifted(inputs) if how is Shifted else CoreVenue(inputs)
    if how is not Shifted:
        how(venue)
    with pytest.raises(AssertionError):
        same_instants(inputs, protections, book, venue, f"altered-{how.__name__}")


def test_the_proof_notices_a_tick_that_is_altered_on_our_side(sqlite_database):
    inputs, protections = at_an_exchange(SEED)
    book = SqlTradeBook(sqlite_database, QuickClock())
    venue = CoreVenue(inputs)
    name, one = inputs[0]
    close = one.bars.close.copy()
    close += one.versions[0].tick.value
    ours = [(name, replace(one, bars=replace(one.bars, close=close))), *inputs[1:]]
    run, _ = trade_at(venue, inputs, protections, book, "ours")
    with pytest.raises(AssertionError):
        assert_as_in_the_backtest(book, run, ours, protections)
