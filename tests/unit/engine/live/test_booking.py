"""Fills find the position they belong to, whenever they are told."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace

from vigie.domain.order import Fill, Intent
from vigie.engine.live.booking import Bookings, Sight
from vigie.engine.live.steps import Entered

ENTRY = Intent("e", "run", "one", "slot", "btc", "entry", 1, 2, Decimal(2), 0, 0)


class Held:
    """An account of one slot that holds two lots, or nothing."""

    def __init__(self, side=0):
        self.slots = (SimpleNamespace(id=Name()),)
        self.record = {"side": side, "entry_ts": 0, "lots": 2, "exit_reason": 0}

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
    entry = bookings.entry(ENTRY, 100.0, 30)
    bookings.took(Entered(1, 30, (entry,)))
    account.record["side"] = 1


def test_what_a_person_traded_before_our_entry_does_not_close_our_position():
    account = Held()
    bookings = Bookings(account)
    bookings.take([fill("1", 1, 10), fill("2", -1, 20)], {})
    entered(account, bookings)
    bookings.take([], {"e": ENTRY})
    assert bookings.leaves() == []
    assert bookings.waiting() == []


def test_after_a_restart_neither():
    bookings = Bookings(Held(side=1))
    bookings.held(0, 30)
    bookings.take([fill("1", 1, 10), fill("2", -1, 20)], {"e": ENTRY})
    assert bookings.leaves() == []


def test_a_stop_that_is_told_before_its_entry_closes_it():
    account = Held()
    bookings = Bookings(account)
    bookings.take([fill("4", -1, 40)], {})
    entered(account, bookings)
    bookings.take([], {"e": ENTRY})
    assert [leave.fills for leave in bookings.leaves()] == [("4",)]


def test_a_fill_is_still_asked_for_as_long_as_the_trader_waits_for_it():
    sight = Sight(0, 600_000)
    sight.new([fill("2", 1, 1_300_000)])
    assert sight.since <= 1_000_000


def test_an_answer_that_was_asked_for_earlier_tells_nothing_twice():
    sight = Sight(0, 600_000)
    early, late = fill("1", 1, 1_000), fill("2", -1, 10_000_000)
    assert sight.new([early]) == (early,)
    assert sight.new([early, late]) == (late,)
    assert sight.new([early, late]) == ()
