"""A venue that lists fills late, in any order and more than once: each is booked once, where it belongs."""

from __future__ import annotations

from random import Random

import pytest

from tests.clocks import QuickClock, busy
from tests.crash.day import LONG_S, PROTECTIONS, SPEED, live_through, slots
from tests.crash.invariants import assert_money_adds_up, assert_orders_are_whole
from tests.crash.test_faults import nothing
from vigie.adapters.stores.sql.tradebook.book import SqlTradeBook

pytest.importorskip("ccxt")
pytestmark = pytest.mark.slow

# Looks after which a fill is listed, at most.
HIDDEN = 4


class Forgetful:
    """A venue's list of fills: the newest are missing at first, what is there is told twice and in any order."""

    def __init__(self, seed):
        self._random, self._due, self.were_late = Random(seed), {}, set()

    def __call__(self, venue):
        ask = venue.fills

        async def fills(since_ms):
            told = []
            for one in await ask(since_ms):
                left = self._due.setdefault(one.id, self._random.randint(0, HIDDEN))
                self._due[one.id] = left - 1
                told += [] if left > 0 else [one, one]
                self.were_late |= {one.id} if left > 0 else set()
            self._random.shuffle(told)
            return told

        venue.fills = fills
        return venue


def test_fills_that_are_listed_late_and_in_any_order_are_booked_once(sqlite_database):
    clock, list_ = QuickClock(SPEED, busy()), Forgetful(3)
    book = SqlTradeBook(sqlite_database, clock)
    day = live_through(book, clock, "late-fills", {}, nothing, entry_age_s=LONG_S, asked=list_)
    assert day.is_over, day.said
    assert day.said == []
    assert not day.unprotected
    assert list_.were_late
    assert assert_orders_are_whole(book, day.run, day.there)
    account = assert_money_adds_up(book, day.run, day.there, slots(), PROTECTIONS)
    assert len(account.trades) == 3
