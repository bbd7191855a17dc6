"""The trader at the simulated exchange: a venue that shares no line with the kernel fills what the backtest fills."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.clocks import QuickClock
from tests.parity.core_venue import ACCOUNT, CoreVenue
from tests.parity.feeds import GivenVerdicts
from tests.parity.test_trader_on_paper import BY_SEED, assert_as_in_the_backtest, live_slots, one_feed
from vigie.adapters.stores.sql.tradebook.book import SqlTradeBook
from vigie.domain.order import TradeRun
from vigie.engine.live.trader import Trader, TraderConfig


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
    given = TraderConfig(
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


SEED = 7


def other_prices(inputs, name):
    """Return inputs whose bars open, or close, one tick higher."""
    made = []
    for id_, one in inputs:
        price = getattr(one.bars, name) + one.versions[0].tick.value
        bars = replace(one.bars, **{name: price}, _memo={})
        made.append((id_, replace(one, bars=replace(bars, high=np.maximum(bars.high, price), _memo={}))))
    return made


def other_fees(inputs):
    """Return inputs that count with a little more than is charged."""
    return [
        (id_, replace(one, costs=replace(one.costs, taker=one.costs.taker + 1e-7))) for id_, one in inputs
    ]


ALTERED = {
    "tick": lambda inputs: other_prices(inputs, "close"),
    "fee": other_fees,
    # What is entered or left by decision is filled at the open.
    "fill": lambda inputs: other_prices(inputs, "open"),
}


def test_what_nobody_altered_is_the_backtest(sqlite_database):
    inputs, protections = at_an_exchange(SEED)
    book = SqlTradeBook(sqlite_database, QuickClock())
    run, _ = trade_at(CoreVenue(inputs), inputs, protections, book, "true")
    assert_as_in_the_backtest(book, run, inputs, protections)


@pytest.mark.parametrize("what", ALTERED)
@pytest.mark.parametrize("side", ["exchange", "kernel"])
def test_the_proof_notices_one_tick_fee_or_fill_that_is_altered_on_either_side(sqlite_database, side, what):
    inputs, protections = at_an_exchange(SEED)
    other = ALTERED[what](inputs)
    theirs, ours = (other, inputs) if side == "exchange" else (inputs, other)
    book = SqlTradeBook(sqlite_database, QuickClock())
    run, _ = trade_at(CoreVenue(theirs), ours, protections, book, f"{side}-{what}")
    with pytest.raises(AssertionError):
        assert_as_in_the_backtest(book, run, ours, protections)


class Shifted(CoreVenue):
    """An exchange one of whose fills is told a tick away."""

    async def fills(self, since_ms):
        told = await super().fills(since_ms)
        tick = self.exchange.contract("A").tick
        return [replace(one, price=one.price + tick) if one.id == told[0].id else one for one in told]


def test_the_proof_notices_one_fill_that_is_told_a_tick_away(sqlite_database):
    inputs, protections = at_an_exchange(SEED)
    book = SqlTradeBook(sqlite_database, QuickClock())
    run, _ = trade_at(Shifted(inputs), inputs, protections, book, "shifted")
    with pytest.raises(AssertionError):
        assert_as_in_the_backtest(book, run, inputs, protections)
