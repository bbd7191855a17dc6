"""Fills find the position they belong to, whenever they are told."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

from vigie.domain.order import Fill, FundingPayment, Intent
from vigie.engine.live.book.booking import Bookings
from vigie.engine.live.book.deduplicator import Deduplicator
from vigie.engine.live.fold.steps import EntriesFilled, EntryResult, ExitsFilled, PositionExit

ENTRY = Intent("e", "run", "one", "slot", "btc", "entry", 1, 2, Decimal(2), 0, 0)


class Held:
    """An account of one slot that holds two lots, or nothing."""

    def __init__(self, side=0):
        self.slots = (SimpleNamespace(id=Name(), span_ms=10),)
        self.record = {
            "side": side, "entry_ts": 0, "lots": 2, "exit_reason": 0, "pending_side": 0, "pending_ts": 0
        }  # fmt: skip

    def slot(self, number):
        return self.record

    def qty(self, number, ts, lots):
        return Decimal(lots)


class Name:
    instrument = "btc"

    def __str__(self):
        return "slot"


def fill(id_, side, ts, client_id=""):
    cause = "order" if client_id else "other"
    return Fill("btc", id_, id_, client_id, side, Decimal(2), Decimal(100), Decimal(0), ts, cause=cause)


def entered(account, bookings):
    bookings.take([fill("3", 1, 30, "e")], {"e": ENTRY})
    entry = bookings.take_entry(ENTRY, 100.0, 30)
    bookings.note_step(EntriesFilled(1, 30, (entry,)))
    account.record["side"] = 1


def test_what_a_person_traded_before_our_entry_does_not_close_our_position():
    account = Held()
    bookings = Bookings(account)
    bookings.take([fill("1", 1, 10), fill("2", -1, 20)], {})
    entered(account, bookings)
    bookings.take([], {"e": ENTRY})
    assert bookings.take_exits() == []
    assert bookings.pending_fills() == []


def test_after_a_restart_neither():
    bookings = Bookings(Held(side=1))
    bookings.note_holder(0, 30)
    bookings.take([fill("1", 1, 10), fill("2", -1, 20)], {"e": ENTRY})
    assert bookings.take_exits() == []


def test_a_stop_that_is_told_before_its_entry_closes_it():
    account = Held()
    bookings = Bookings(account)
    bookings.take([fill("4", -1, 40)], {})
    entered(account, bookings)
    bookings.take([], {"e": ENTRY})
    assert [leave.fills for leave in bookings.take_exits()] == [("4",)]


def test_nor_is_it_of_the_position_before_where_another_one_of_the_same_side_was_closed():
    account = Held()
    account.trades = [{"slot": 0, "side": 1, "entry_ts": 0}]
    bookings = Bookings(account)
    bookings.note_step(EntriesFilled(1, 10, (EntryResult(0, 2, 100.0, 100.0, 0.0, 10),)))
    bookings.note_step(ExitsFilled(2, 20, (PositionExit(0, 1, 100.0, 0.0, 20),)))
    account.record["pending_side"] = 1
    stop = replace(fill("4", -1, 40), cause="stop")
    bookings.take([stop], {"e": ENTRY})
    assert bookings.open_surplus() == []
    entered(account, bookings)
    account.record["pending_side"] = 0
    bookings.take([], {"e": ENTRY})
    assert [leave.fills for leave in bookings.take_exits()] == [("4",)]


def test_where_no_entry_is_meant_the_position_was_closed_twice():
    account = Held()
    account.trades = [{"slot": 0, "side": 1, "entry_ts": 0}]
    bookings = Bookings(account)
    bookings.note_step(EntriesFilled(1, 10, (EntryResult(0, 2, 100.0, 100.0, 0.0, 10),)))
    bookings.note_step(ExitsFilled(2, 20, (PositionExit(0, 1, 100.0, 0.0, 20),)))
    account.record["pending_side"] = 1
    stop = replace(fill("4", -1, 40), cause="stop")
    bookings.take([stop], {"e": ENTRY})
    # The entry that was meant is given up: whose the stop was is plain then.
    account.record["pending_side"] = 0
    bookings.take([], {"e": ENTRY})
    assert bookings.open_surplus() == [(0, Decimal(-2))]


def test_a_stop_of_before_the_next_bar_closes_again_though_an_entry_of_its_side_is_meant():
    account = Held()
    account.trades = [{"slot": 0, "side": 1, "entry_ts": 0}]
    bookings = Bookings(account)
    bookings.note_step(EntriesFilled(1, 10, (EntryResult(0, 2, 100.0, 100.0, 0.0, 10),)))
    bookings.note_step(ExitsFilled(2, 20, (PositionExit(0, 1, 100.0, 0.0, 20),)))
    # Decided at the end of the bar 15..25: nothing of it is filled before.
    account.record |= {"pending_side": 1, "pending_ts": 15}
    bookings.take([replace(fill("4", -1, 22), cause="stop")], {"e": ENTRY})
    assert bookings.open_surplus() == [(0, Decimal(-2))]
    # What the entry fills meanwhile is its own.
    entered(account, bookings)
    assert bookings.open_surplus() == [(0, Decimal(-2))]


def test_a_fill_is_still_asked_for_as_long_as_the_trader_waits_for_it():
    sight = Deduplicator(0, 600_000)
    sight.new([fill("2", 1, 1_300_000)])
    assert sight.since <= 1_000_000


def test_an_answer_that_was_asked_for_earlier_tells_nothing_twice():
    sight = Deduplicator(0, 600_000)
    early, late = fill("1", 1, 1_000), fill("2", -1, 10_000_000)
    assert sight.new([early]) == (early,)
    assert sight.new([early, late]) == (late,)
    assert sight.new([early, late]) == ()


class Two(Held):
    """An account of two slots that trade the same instrument, one after the other."""

    def __init__(self):
        super().__init__()
        self.slots = (SimpleNamespace(id=Name()), SimpleNamespace(id=Name()))


def funding(ts):
    return FundingPayment("btc", str(ts), Decimal(-1), ts)


def bearers(bookings, *times):
    return [(one.slot, one.ts) for one in bookings.payments([funding(ts) for ts in times])]


def held_in_turn():
    """Slot 0 from 100,000 to 200,000 and slot 1 from 300,000."""
    bookings = Bookings(Two())
    bookings.note_step(EntriesFilled(1, 100_000, (EntryResult(0, 2, 100.0, 100.0, 0.0, 100_000),)))
    bookings.note_step(ExitsFilled(2, 200_000, (PositionExit(0, 1, 100.0, 0.0, 200_000),)))
    bookings.note_step(EntriesFilled(3, 300_000, (EntryResult(1, 2, 100.0, 100.0, 0.0, 300_000),)))
    return bookings


def test_funding_that_is_told_late_is_borne_by_whoever_held_the_instrument_then():
    assert bearers(held_in_turn(), 150_000, 250_000, 350_000) == [(0, 150_000), (0, 250_000), (1, 350_000)]


def test_what_is_settled_as_one_position_follows_another_is_the_first_ones():
    bookings = Bookings(Two())
    bookings.note_step(EntriesFilled(1, 100_000, (EntryResult(0, 2, 100.0, 100.0, 0.0, 100_000),)))
    bookings.note_step(ExitsFilled(2, 300_000, (PositionExit(0, 1, 100.0, 0.0, 300_000),)))
    bookings.note_step(EntriesFilled(2, 300_000, (EntryResult(1, 2, 100.0, 100.0, 0.0, 300_000),)))
    assert bearers(bookings, 300_000) == [(0, 300_000)]


def test_what_is_settled_long_after_a_position_ended_is_of_a_persons_own():
    bookings = Bookings(Two())
    bookings.note_step(EntriesFilled(1, 100_000, (EntryResult(0, 2, 100.0, 100.0, 0.0, 100_000),)))
    bookings.note_step(ExitsFilled(2, 200_000, (PositionExit(0, 1, 100.0, 0.0, 200_000),)))
    assert bearers(bookings, 150_000, 201_000, 28_800_000) == [(0, 150_000), (0, 201_000)]


def test_a_settlement_that_takes_a_while_is_borne_by_the_first_and_an_earlier_one_by_nobody():
    assert bearers(held_in_turn(), 99_000, 30_000) == [(0, 99_000)]


def test_a_beginning_that_is_known_better_replaces_the_first_guess():
    bookings = held_in_turn()
    bookings.note_holder(1, 240_000)
    assert bearers(bookings, 250_000) == [(1, 250_000)]


def test_an_entry_too_small_to_hold_is_closed_by_what_sells_it_before_its_order_ends() -> None:
    bookings = Bookings(Held())
    bookings.take([replace(fill("3", 1, 30, "e"), qty=Decimal("0.5"))], {"e": ENTRY})
    bookings.take([replace(fill("4", -1, 40), qty=Decimal("0.5"))], {"e": ENTRY})
    assert bookings.take_entry(ENTRY, 100.0, 50).lots == 0
    assert bookings.take_closed_dust() == [(ENTRY, 0.0, ("3", "4"))]
