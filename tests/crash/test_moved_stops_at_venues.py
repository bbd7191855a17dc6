"""A hand moves the levels of a position, over the wire: at each venue they are put back and stand alone."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.clocks import QuickClock
from tests.contracts.trading_exchanges import VENUES
from tests.crash.day import LONG_S, PROTECTIONS, live_through, slots
from tests.crash.invariants import assert_money_adds_up, assert_orders_are_whole, unprotected
from vigie.adapters.stores.sql.audit import SqlAuditLog
from vigie.adapters.stores.sql.tradebook.book import SqlTradeBook
from vigie.ports.trading import Levels

pytest.importorskip("ccxt")
pytestmark = pytest.mark.slow

# Seconds of a stop are not over before it was asked for, on a busy machine either.
SPEED = 5.0
# Bars: the first entry, one before its exit.
HELD = 2
# Further away than the target is, so that nothing but decisions ends the trade.
FAR = 3
NEAR = Decimal("0.9")
KINDS = ["trade.stop_moved", "trade.target_moved", "trade.stop_nearer", "trade.stop_stays"]


class Moving:
    """A hand with the same key: it moves stop and target when positions are asked for next."""

    def __init__(self):
        self.is_due, self.is_over, self.moved, self.exchange, self.unprotected = False, False, [], None, set()

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
            far = one.entry + FAR * (one.stop - one.entry)
            far = far.quantize(one.stop)
            # Nearer than decided, and still further than the market walks while it is looked at.
            near = one.entry + (one.target - one.entry) * NEAR
            near = near.quantize(one.target)
            await protect(Levels(one.instrument, one.side, far, near))
            self.moved.append((one.instrument, one.stop, one.target))
            return await positions()

        async def protected(*given, **more):
            self.look()
            await protect(*given, **more)
            self.look()

        venue.positions, venue.protect = seen, protected
        return venue

    def look(self):
        # An entry has no stop yet where stops are orders of their own: only what was moved is looked at.
        if self.moved and not self.is_over:
            self.unprotected |= unprotected(self.exchange.state())

    def levels(self):
        self.is_over = True
        live = [one for one in self.exchange.state()["plans"] if one["state"] == "live"]
        return [[float(one["trigger"]) for one in live if kind in one["kind"]] for kind in ("stop", "target")]


@pytest.mark.parametrize("words", VENUES, ids=lambda words: words.venue)
def test_levels_that_a_hand_moved_are_put_back_and_stand_there_alone(sqlite_database, words):
    clock, hand, seen = QuickClock(SPEED), Moving(), []
    book = SqlTradeBook(sqlite_database, clock)
    begun = SqlAuditLog(sqlite_database, clock).newest()
    deeds = {HELD: hand.begin, HELD + 1: lambda _: seen.extend(hand.levels())}
    # Moved at a look, seen at the next one, put back before the one after.
    still = {HELD: 35.0}
    day = live_through(
        book, clock, words.venue, deeds, lambda _: None, entry_age_s=LONG_S, words=words, asked=hand,
        still=still,
    )  # fmt: skip
    assert day.is_over, day.said
    assert not day.said
    ((name, stop, target),) = hand.moved
    assert seen == [[float(stop)], [float(target)]]
    assert not hand.unprotected | set(day.unprotected)
    notes = SqlAuditLog(sqlite_database, clock).after(begun, kinds=KINDS)
    assert [(one.kind, one.subject) for one in notes] == [(kind, name) for kind in KINDS[:2]]
    assert_orders_are_whole(book, day.run, day.there)
    assert_money_adds_up(book, day.run, day.there, slots(words), PROTECTIONS)
