"""Another program with the same key, over the wire: at each venue its order is known, and nothing is entered beside."""

from __future__ import annotations

import pytest

from tests.clocks import QuickClock
from tests.contracts.trading_exchanges import VENUES
from tests.crash.day import LONG_S, PROTECTIONS, live_through, slots
from tests.crash.invariants import assert_money_adds_up, assert_orders_are_whole
from vigie.adapters.stores.sql.audit import SqlAuditLog
from vigie.adapters.stores.sql.tradebook.book import SqlTradeBook

pytest.importorskip("ccxt")
pytestmark = pytest.mark.slow

SPEED = 20.0
# Bar between the first entry and its exit.
HELD = 2
THEIRS = "c" * 32


@pytest.mark.parametrize("filled", [False, True], ids=["resting", "filled"])
@pytest.mark.parametrize("words", VENUES, ids=lambda words: words.venue)
def test_an_order_of_another_program_halts_the_account_and_is_left_alone(sqlite_database, words, filled):
    clock = QuickClock(SPEED)
    book = SqlTradeBook(sqlite_database, clock)
    begun = SqlAuditLog(sqlite_database, clock).newest()

    def order(exchange):
        price = {} if filled else {"price": "40000"}
        exchange.do("foreign_order", size="0.01", client_id=THEIRS, **price)

    day = live_through(
        book, clock, f"{words.venue}-{filled}", {HELD: order}, lambda _: None, entry_age_s=LONG_S, words=words,
        still={HELD: 40.0},
    )  # fmt: skip
    assert day.is_over, day.said
    (note,) = SqlAuditLog(sqlite_database, clock).after(begun, kinds=["trade.halted"])
    assert f"order {THEIRS} is named as Vigie's are" in note.text["why"]
    entries = [one for one in book.intents(day.run.id) if one.intent.leg == "entry"]
    assert [bool(one.move.filled) for one in entries].count(True) == 1, "the one before it"
    if not filled:
        assert_orders_are_whole(book, day.run, day.there, frozenset({THEIRS}))
        assert_money_adds_up(book, day.run, day.there, slots(words), PROTECTIONS)
        left = [one for one in day.there["orders"] if one["client_id"] == THEIRS]
        assert [one["state"] for one in left] == ["live"]
