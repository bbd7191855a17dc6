"""Who is told to stop leaves no entry behind that could be filled when nobody looks."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from tests.clocks import IdleClock
from vigie.domain.errors import TransientError
from vigie.services.trading.process.graceful_stop import GracefulStop

BTC = "btc-usdt-perp"


class Book:
    """Orders that are under way, each until so many looks at them have passed."""

    def __init__(self, **looks):
        self.looks = looks

    def intents(self, run, *, open_only):
        assert (run, open_only) == ("run", True)
        self.looks = {leg: left - 1 for leg, left in self.looks.items()}
        there = [leg for leg, left in self.looks.items() if left > 0]
        return [
            SimpleNamespace(
                intent=SimpleNamespace(leg=leg.rstrip("0123456789"), instrument=BTC, id=f"id-{leg}")
            )
            for leg in there
        ]


class Mute:
    """A venue that answers nothing."""

    def __init__(self, book):
        self.asked = []

    async def cancel(self, instrument, client_id, ts=None):
        self.asked.append(client_id)
        await asyncio.Event().wait()


class Venue:
    def __init__(self, book, fault=None, brings=()):
        self.book, self.fault, self.cancelled, self.brings = book, fault, [], list(brings)

    async def cancel(self, instrument, client_id, ts=None):
        self.cancelled.append((instrument, client_id))
        if self.fault is not None:
            raise self.fault
        del self.book.looks[client_id.removeprefix("id-")]
        if self.brings:
            self.book.looks[self.brings.pop()] = 10**6
        return True


def stopped(book, venue, clock):
    async def process():
        stop = asyncio.Event()
        waiting = asyncio.ensure_future(
            GracefulStop(book, SimpleNamespace(id="run"), venue, clock).wait(stop)
        )
        for _ in range(5):
            await asyncio.sleep(0)
        assert not waiting.done()
        stop.set()
        await waiting

    before = clock.now
    asyncio.run(clock.through(process()))
    return (clock.now - before) / 1_000


def test_where_nothing_is_under_way_it_ends_at_once():
    book = Book(exit=10**6, target=10**6)
    venue = Venue(book)
    assert stopped(book, venue, IdleClock()) == 0
    assert venue.cancelled == []


def test_an_entry_that_is_being_filled_is_waited_for():
    book = Book(entry=6)
    venue = Venue(book)
    assert 0 < stopped(book, venue, IdleClock()) <= 3
    assert venue.cancelled == []


def test_what_rests_of_one_is_cancelled_and_its_booking_waited_for():
    book = Book(entry=10**6, exit=10**6)
    venue = Venue(book)
    assert stopped(book, venue, IdleClock()) <= 11
    assert venue.cancelled == [(BTC, "id-entry")]


@pytest.mark.parametrize("venue", [lambda book: Venue(book, TransientError("busy")), lambda book: None])
def test_nobody_waits_longer_than_may_be_waited(venue):
    book = Book(entry=10**6)
    assert stopped(book, venue(book), IdleClock()) <= 20


def test_nor_where_many_are_under_way_and_nothing_is_answered():
    book = Book(**{f"entry{number}": 10**6 for number in range(4)})
    venue = Mute(book)
    # Who trades is killed after half a minute.
    assert stopped(book, venue, IdleClock()) <= 25
    assert len(venue.asked) == 4


def test_an_entry_that_the_next_bar_brings_meanwhile_is_cancelled_as_well():
    book = Book(entry=10**6)
    venue = Venue(book, brings=["entry2"])
    assert stopped(book, venue, IdleClock()) <= 25
    assert venue.cancelled == [(BTC, "id-entry"), (BTC, "id-entry2")]
