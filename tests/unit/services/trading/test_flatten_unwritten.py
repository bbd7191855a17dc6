"""`vigie trade flatten` on a full disk without any room: positions are closed at the venue, and it is said."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import pytest

from tests import houses
from tests.unit.services.trading.material import BEGUN, RunningClock, planned
from tests.unit.services.trading.test_at_a_venue import BTC, SENT, entry
from vigie.adapters.stores.sql.tradebook.book import SqlTradeBook
from vigie.domain.errors import (
    ConnectorError,
    DiskFull,
    OrderRejected,
    OutcomeUnknown,
    TransientError,
    UsageError,
)
from vigie.domain.order import VenueOrder, VenuePosition
from vigie.domain.time import DAY_MS
from vigie.engine.live.book.unwritten_intents import closing_intent
from vigie.ports.tradebook import TradeChange
from vigie.services.needs import bound
from vigie.services.trading.process import trading
from vigie.views.cli import trade_closing
from vigie.wiring import app_context

# Loaded before anything is replaced: loaded afterwards, it would keep the replacement for the tests that follow.
from vigie.wiring import trader as wiring_trader

ETH = "eth-usdt-perp"


class Venue:
    """An account whose entry was filled; `faults` are met by the first orders, one each."""

    venue = "bitget-perp"

    def __init__(self, *held, faults=()):
        self.held, self.faults = dict.fromkeys(held, 1), list(faults)
        self.placed, self.flashed, self.cancelled = [], [], []

    async def positions(self):
        return [
            VenuePosition(one, side, Decimal(2), Decimal(100), Decimal(5), BEGUN)
            for one, side in self.held.items()
        ]

    async def order(self, instrument, client_id):
        if client_id != SENT:
            return None
        return VenueOrder(instrument, "7", SENT, 1, "market", Decimal(2), Decimal(2), "filled", False, 0, 0)

    async def place(self, order):
        self.placed.append(order)
        fault = self.faults.pop(0) if self.faults else None
        if not isinstance(fault, OrderRejected | TransientError):
            self.held.pop(order.instrument)
        if fault is not None:
            raise fault
        return "8"

    async def cancel(self, instrument, client_id, ts=None):
        self.cancelled.append(client_id)
        return False

    async def flash_close(self, instrument, ts=None):
        self.flashed.append(instrument)
        self.held.pop(instrument)

    async def close(self):
        pass


@pytest.fixture
def full(tmp_path, monkeypatch):
    """Return a house whose account entered bitcoin in demo mode, and then nothing could be written any more."""
    clock = RunningClock(BEGUN, BEGUN + 999 * DAY_MS)
    house = houses.house(tmp_path / "home", clock=clock)
    plan = replace(planned(house, tmp_path), mode="demo")
    run = bound(house, trading.begin_run)(plan, "owner")
    lease = house.trades.take(plan.account, "trader", for_s=30.0)
    house.trades.commit(lease, TradeChange(intents=(entry(run.id, plan),)))

    def refuse(*_args, **_more):
        raise DiskFull("the disk of the database is full")

    for name in ("request_state", "take", "keep", "commit", "leave"):
        monkeypatch.setattr(SqlTradeBook, name, refuse)
    return house, plan, run


def flattened(full, monkeypatch, venue):
    """Run the command, as far as it gets; return what it said."""
    house, plan, _ = full
    said: list[str] = []
    trader = SimpleNamespace(app_context=house, clock=house.clock, url=None)
    monkeypatch.setattr(app_context, "open_app_context", lambda: house)
    monkeypatch.setattr(wiring_trader, "open_trader_context", lambda *_, **__: trader)
    monkeypatch.setattr(wiring_trader, "use_disk_reserve", lambda act: act())
    monkeypatch.setattr(trade_closing, "open_plan_venue", lambda *_: venue)
    go_on = asyncio.run

    def run(work):
        async def beside():
            hands = asyncio.ensure_future(house.clock.run())
            try:
                return await work
            finally:
                hands.cancel()

        return go_on(beside())

    monkeypatch.setattr(asyncio, "run", run)
    try:
        trade_closing.flatten_account(plan.account, "tests", None, said.append)
    finally:
        monkeypatch.setattr(asyncio, "run", go_on)
    return said


def ids(full, count):
    _, plan, run = full
    return [closing_intent(entry(run.id, plan), attempt).id for attempt in range(1, count + 1)]


def test_the_command_closes_at_the_venue_and_says_that_nothing_is_written(full, monkeypatch):
    venue = Venue(BTC)
    said = flattened(full, monkeypatch, venue)
    (sent,) = venue.placed
    assert (sent.client_id, sent.side, sent.qty, sent.is_reduce_only) == (*ids(full, 1), -1, Decimal(2), True)
    assert (venue.held, venue.flashed) == ({}, [])
    assert said[0].startswith("nothing can be written (the disk of the database is full)")
    assert said[2:4] == [
        f"closed {BTC}",
        "positions of main closed at binance-perp: 1; not recorded yet, main is active",
    ]
    assert "free some space, then run `vigie trade flatten --account" in said[4]


@pytest.mark.parametrize(
    ("fault", "orders", "flashes"),
    [(OutcomeUnknown("no answer"), 1, 0), (TransientError("busy"), 2, 0), (OrderRejected("too small"), 1, 1)],
    ids=["unknown", "busy", "refused"],
)
def test_an_order_without_an_answer_is_sent_under_the_same_id_and_a_refused_one_closed_whatever_its_size(
    full, monkeypatch, fault, orders, flashes
):
    venue = Venue(BTC, faults=[fault])
    flattened(full, monkeypatch, venue)
    assert [one.client_id for one in venue.placed] == ids(full, 1) * orders
    assert (venue.held, len(venue.flashed)) == ({}, flashes)


def test_what_the_log_does_not_know_of_is_closed_as_well_and_other_instruments_are_left_alone(
    full, monkeypatch
):
    venue = Venue(ETH, "doge-usdt-perp")
    flattened(full, monkeypatch, venue)
    assert (venue.flashed, list(venue.held)) == ([ETH], ["doge-usdt-perp"])


def test_what_cannot_be_closed_is_named_with_what_the_venue_said(full, monkeypatch):
    class InMaintenance(Venue):
        """Nothing is closed."""

        async def place(self, order):
            raise ConnectorError("40200: in maintenance")

    with pytest.raises(UsageError, match=rf"still open at the venue: {BTC} \(40200: in maintenance\); close"):
        flattened(full, monkeypatch, InMaintenance(BTC))


def test_paper_is_told_that_it_holds_nothing_at_a_venue(full, monkeypatch):
    with pytest.raises(UsageError, match="trades on paper: it holds nothing at a venue"):
        flattened(full, monkeypatch, None)
