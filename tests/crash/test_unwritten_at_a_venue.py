"""A book that cannot be written while a position loses its stop, over the wire: it gets one, and trading goes on."""

from __future__ import annotations

import pytest

from tests.clocks import QuickClock
from tests.contracts.trading_exchanges import BITGET
from tests.crash.day import LONG_S, PROTECTIONS, live_through, slots
from tests.crash.invariants import assert_money_adds_up, assert_orders_are_whole
from tests.crash.test_unwritten import Away
from vigie.adapters.stores.sql.tradebook.book import SqlTradeBook
from vigie.ports.trading import Levels

pytest.importorskip("ccxt")
pytestmark = pytest.mark.slow

# Seconds of a stop are not over before it was asked for, on a busy machine either.
SPEED = 5.0
# A bar between the first entry and its exit.
HELD, AWAY_S, STILL_S = 2, 15.0, 25.0


class Clumsy:
    """A hand with the same key: it takes the stop away in the moment in which the book cannot be written any more."""

    def __init__(self, book, clock):
        self.book, self.clock, self.is_due = book, clock, False
        self.exchange, self.put, self.there = None, [], []

    def begin(self, exchange):
        self.exchange, self.is_due = exchange, True

    def __call__(self, venue):
        positions, protect = venue.positions, venue.protect

        async def seen():
            told = await positions()
            one = next((one for one in told if one.stop is not None), None)
            if not self.is_due or one is None:
                return told
            self.is_due = False
            self.book.begun = self.clock.wall_now()
            await protect(Levels(one.instrument, one.side, None, None))
            return await positions()

        async def protected(levels, *more):
            self.put.append(self.book.is_away)
            await protect(levels, *more)
            self.there.append((float(levels.stop), self.stops()))

        venue.positions, venue.protect = seen, protected
        return venue

    def stops(self):
        plans = self.exchange.state()["plans"]
        return [float(one["trigger"]) for one in plans if one["state"] == "live" and "stop" in one["kind"]]


def test_a_position_at_the_venue_keeps_a_stop_while_nothing_can_be_written(sqlite_database):
    clock = QuickClock(SPEED)
    book = Away(SqlTradeBook(sqlite_database, clock), clock, AWAY_S)
    hand = Clumsy(book, clock)
    day = live_through(
        book, clock, "unwritten-wire", {HELD: hand.begin}, lambda _: None, entry_age_s=LONG_S, words=BITGET,
        asked=hand, still={HELD: STILL_S},
    )  # fmt: skip
    assert day.is_over, day.said
    assert any("has no stop and is given one; that cannot be written down" in line for line in day.said), (
        day.said
    )
    assert book.refused > 1
    assert hand.put[0], "put while the book could not be written"
    stop, there = hand.there[0]
    assert there == [stop], "and it stands there"
    assert not day.unprotected
    assert_orders_are_whole(book, day.run, day.there)
    assert_money_adds_up(book, day.run, day.there, slots(), PROTECTIONS)
