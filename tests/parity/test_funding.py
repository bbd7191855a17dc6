"""Funding finds its own trade: when a process is killed before it is charged, and when the venue tells it late."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest

from tests.clocks import QuickClock
from tests.crash import market
from tests.crash.seconds import Unruly, told
from tests.parity.test_trader_on_paper import Dead, DyingBook, begin, live_slots, rows, trade
from vigie.adapters.stores.sql.tradebook.book import SqlTradeBook
from vigie.domain.bar import Bars
from vigie.domain.ids import SlotId
from vigie.domain.state import LONG_ENTRY, LONG_EXIT
from vigie.engine.inputs import SlotInput, settlements_of
from vigie.engine.live.book import account_memory
from vigie.engine.live.book.deduplicator import Deduplicator

HOUR = 3_600_000
COARSE = 4
NONE = settlements_of(np.zeros(0, np.int64), np.zeros(0))


def coarse(bars: Bars) -> Bars:
    """Four bars as one."""
    whole = len(bars) // COARSE * COARSE
    by_bar = {
        name: getattr(bars, name)[:whole].reshape(-1, COARSE) for name in ("open", "high", "low", "close")
    }
    return Bars(
        bars.instrument, COARSE * HOUR, bars.ts[:whole:COARSE], by_bar["open"][:, 0].copy(),
        by_bar["high"].max(axis=1), by_bar["low"].min(axis=1), by_bar["close"][:, -1].copy(),
        np.full(whole // COARSE, 1.0),
    )  # fmt: skip


def inputs():
    """A slot on bars of four hours, whose funding falls inside them, beside one that meets an instant every hour."""
    (btc, one), (eth, other) = market.inputs()
    made, _ = market.exchange_process.market(market.MADE)["BTC"]
    bars = coarse(made.slice(200, 200 + 5 * COARSE))
    flags = np.zeros(len(bars), np.uint8)
    flags[0], flags[2] = LONG_ENTRY, LONG_EXIT
    units = bars.close * 0.05
    inside = np.array([bars.ts[1] + HOUR, bars.ts[2] + 2 * HOUR])
    funding = settlements_of(inside, np.array([0.001, -0.002]))
    slow = SlotInput(bars, flags, units, units, one.versions, one.sizing, one.costs, funding)
    hours, _ = market.exchange_process.market(market.MADE)["ETH"]
    hours = hours.slice(200, 200 + 5 * COARSE)
    still = np.zeros(len(hours), np.uint8)
    fast = replace(
        other, bars=hours, flags=still, stop_unit=hours.close, target_unit=hours.close, funding=NONE
    )
    return [(SlotId(btc.instrument, "4h", "slow"), slow), (eth, fast)]


def funded(database, name, given, at=None):
    book = SqlTradeBook(database, QuickClock())
    run = begin(book, name)
    if at is not None:
        with suppress(Dead):
            trade(DyingBook(book, at, after=True), run, given, market.PROTECTIONS)
    trade(book, run, given, market.PROTECTIONS)
    _, account = rows(book, run, given, market.PROTECTIONS)
    return account.trades["funding"].tolist()


@pytest.mark.parametrize("at", range(8, 18, 2))
def test_killed_inside_a_long_bar_paper_still_charges_what_was_settled_in_it(sqlite_database, at):
    given = inputs()
    whole = funded(sqlite_database, "whole", given)
    assert len(whole) == 1
    assert whole[0] != 0.0
    assert funded(sqlite_database, f"killed-{at}", given, at) == whole


def settled_often():
    """The hours of two coins, with four settlements in every hour."""
    made = []
    for name, one in market.inputs():
        quarters = [one.bars.ts + part * HOUR // 4 for part in range(4)]
        ts = np.sort(np.concatenate(quarters))
        made.append((name, replace(one, funding=settlements_of(ts, np.full(len(ts), 0.0001)))))
    return made


@pytest.mark.parametrize("late_ms", [0, HOUR // 2, 3 * HOUR, 10**12])
def test_killed_anywhere_little_is_read_of_funding_and_each_settlement_is_charged_once(
    sqlite_database, monkeypatch, late_ms
):
    monkeypatch.setattr(account_memory, "PAPER_FUNDINGS_LATE_MS", late_ms)
    given, slots = settled_often(), live_slots(settled_often())
    book = SqlTradeBook(sqlite_database, QuickClock())
    run = begin(book, f"read-{late_ms}")
    for at in range(1, 40, 3):
        with suppress(Dead):
            trade(DyingBook(book, at % 7 + 1, after=bool(at % 2)), run, given, market.PROTECTIONS)
        booked = book.fundings(run.id)
        if not booked:
            continue
        all_of = Deduplicator(run.ts, late_ms)
        all_of.new(booked)
        counting = Counted(book)
        known = account_memory.restore_memory(run, slots, market.PROTECTIONS, counting)
        assert (known.fundings.since, known.fundings._seen) == (all_of.since, all_of._seen)
        assert counting.read == len([one for one in booked if one.ts >= booked[-1].ts - late_ms])
    trade(book, run, given, market.PROTECTIONS)
    _, account = rows(book, run, given, market.PROTECTIONS)
    whole = funded(sqlite_database, f"whole-{late_ms}", given)
    assert account.trades["funding"].tolist() == whole
    assert all(whole)


class Counted:
    """A book that counts the settlements that are read from it."""

    def __init__(self, book):
        self._book, self.read = book, 0

    def __getattr__(self, name):
        return getattr(self._book, name)

    def fundings(self, *given, **more):
        told = self._book.fundings(*given, **more)
        self.read += len(told)
        return told


class Late(Unruly):
    """An exchange that tells of funding hours later than of the exit that followed it."""

    async def fundings(self, since_ms):
        now = self._steps.current().ts
        return [one for one in await super().fundings(since_ms) if one.ts <= now - self.late_ms]


def settled_early():
    """The hours of two coins, with a settlement inside each coin's first trade."""
    made = []
    for name, one in market.inputs():
        ts = one.bars.ts[2:3] - HOUR // 2
        made.append((name, replace(one, funding=settlements_of(ts, np.array([0.001])))))
    return made


@pytest.mark.parametrize("late_ms", [0, 3 * HOUR])
def test_funding_that_is_told_late_is_part_of_its_own_trade(sqlite_database, late_ms):
    venue = Late(settled_early())
    venue.late_ms = late_ms
    story = told(sqlite_database, f"late-{late_ms}", venue)
    trades = story.account.trades
    assert [bool(amount) for amount in trades["funding"]] == [True, True, False, False]
    assert story.account.cash == pytest.approx(story.cash(), abs=1e-6)
    assert 10_000 + trades["pnl"].sum() == pytest.approx(story.account.cash, abs=1e-6)
