"""A venue's ticks change while a limit target rests there: over the wire, at each venue, it comes on their grid."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.clocks import QuickClock
from tests.contracts.trading_exchanges import VENUES
from tests.crash.day import LONG_S, PLAIN, PROTECTIONS, live_through, slots
from tests.crash.invariants import assert_money_adds_up, assert_orders_are_whole, unprotected
from vigie.adapters.stores.sql.tradebook.book import SqlTradeBook
from vigie.domain.money import parse_step

pytest.importorskip("ccxt")
pytestmark = pytest.mark.slow

# Seconds of a stop are not over before it was asked for, on a busy machine either.
SPEED = 5.0
# Bars: the first entry, one before its exit.
ENTRY, HELD = 1, 2
TICK = "7"
RESTING = replace(PLAIN, target_execution="limit")


class Watched:
    """Sees what rests and what is protected whenever a limit order is sent, or one is cancelled."""

    def __init__(self):
        self.exchange, self.beside, self.unprotected = None, [], set()

    def know(self, exchange):
        self.exchange = exchange

    def __call__(self, venue):
        place, cancel = venue.place, venue.cancel

        async def placed(order):
            if order.limit is not None:
                self.look()
                self.beside.append(len(self.resting()))
            return await place(order)

        async def cancelled(*given):
            self.look()
            done = await cancel(*given)
            self.look()
            return done

        venue.place, venue.cancel = placed, cancelled
        return venue

    def resting(self):
        orders = self.exchange.state()["orders"]
        return [one for one in orders if one["kind"] == "limit" and one["state"] in ("live", "partial")]

    def look(self):
        self.unprotected |= unprotected(self.exchange.state())


@pytest.mark.parametrize("words", VENUES, ids=lambda words: words.venue)
def test_a_resting_target_is_put_on_the_grid_of_now_and_is_never_there_twice(sqlite_database, words):
    clock, watched, known, seen = QuickClock(SPEED), Watched(), [], []
    book = SqlTradeBook(sqlite_database, clock)

    def change(exchange):
        exchange.do("contract", tick=TICK)
        known.append(replace(words.rules()[0], tick=parse_step(TICK)))

    deeds = {
        ENTRY: watched.know, HELD: change, HELD + 2: lambda _: seen.extend(watched.resting()),
    }  # fmt: skip
    day = live_through(
        book, clock, words.venue, deeds, lambda _: None, entry_age_s=LONG_S, words=words, asked=watched,
        still={HELD + 1: 30.0}, sizing=RESTING, rules=lambda: tuple(known),
    )  # fmt: skip
    assert day.is_over, day.said
    assert not day.unprotected
    assert not watched.unprotected
    assert set(watched.beside) == {0}
    assert_orders_are_whole(book, day.run, day.there)
    assert_money_adds_up(book, day.run, day.there, slots(words, RESTING), PROTECTIONS)
    first, second, *_ = [one for one in book.intents(day.run.id) if one.intent.leg == "target"]
    assert (first.move.state, first.intent.attempt, second.intent.attempt) == ("cancelled", 1, 2)
    there = {one["client_id"]: Decimal(one["price"]) for one in day.there["orders"] if one["price"]}
    tick = Decimal(TICK)
    assert there[first.intent.id] % tick
    assert there[second.intent.id] % tick == 0
    assert abs(there[second.intent.id] - there[first.intent.id]) < tick
    assert [one["client_id"] for one in seen] == [second.intent.id]
