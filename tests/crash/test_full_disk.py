"""A trader ends because the disk is full, at any write of a trade's life; everything is closed, and trading goes on."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from tests.clocks import QuickClock
from tests.crash.day import LONG_S, PROTECTIONS, SPEED, live_through, slots
from tests.crash.invariants import assert_money_adds_up, assert_orders_are_whole
from tests.parity.test_trader_on_paper import live_slots
from vigie.adapters.stores.sql.tradebook.book import SqlTradeBook
from vigie.adapters.venues.bitget.trading import open_trading
from vigie.adapters.venues.manifest import FOLDER, read_manifest
from vigie.domain import codes
from vigie.domain.errors import DiskFull
from vigie.engine.live import steps
from vigie.services.trading import flattening
from vigie.services.trading.trading import TradeJob

pytest.importorskip("ccxt")
pytestmark = pytest.mark.slow


class Full:
    """A book on a disk that is full from one of its writes on, until there is room again."""

    def __init__(self, inner, at=0):
        self._inner, self._at = inner, at
        self.written, self.is_full = [], False

    def __getattr__(self, name):
        return getattr(self._inner, name)

    def commit(self, lease, change):
        self.written.append(change)
        self.is_full = self.is_full or len(self.written) == self._at
        self._check()
        return self._inner.commit(lease, change)

    def keep(self, lease, *, for_s):
        self._check()
        return self._inner.keep(lease, for_s=for_s)

    def _check(self):
        if self.is_full:
            raise DiskFull("the disk of the database is full")


@dataclass
class Hand:
    """The wall's clock; the market stands where the log ends."""

    clock: QuickClock
    now: int

    def market_now(self):
        return self.now

    def wall_now(self):
        return self.clock.wall_now()

    async def pause(self, seconds):
        await self.clock.pause(seconds)


def closing(book, clock, name, said):
    """Return what makes room and closes everything, as `vigie trade flatten` does."""

    def close(exchange):
        book.is_full = False
        run, inputs = book.run(name), slots()
        plan = SimpleNamespace(
            live_slots=lambda: live_slots(inputs), protections=PROTECTIONS,
            slots=[SimpleNamespace(slot=one) for one, _ in inputs],
        )  # fmt: skip

        async def process():
            venue = open_trading(
                read_manifest(FOLDER / "bitget"), market="perp", key=exchange.key.key,
                secret=exchange.key.secret, passphrase=exchange.key.passphrase, demo=True, clock=clock,
                url=exchange.url, interval_ms=0.0,
            )  # fmt: skip
            written = [steps.read(one).ts for one in book.steps(run.id)]
            lease = book.take(name, "a person", for_s=1e7, by_force=True)
            hand = Hand(clock, written[-1])
            try:
                job = TradeJob(SimpleNamespace(trades=book), run, plan, lease, hand, venue)
                await flattening.flatten(job, said.append)
            finally:
                await venue.close()

        asyncio.run(process())
        assert not [one for one in exchange.state()["positions"] if float(one["qty"])]

    return close


@pytest.fixture
def no_kept_folds(monkeypatch):
    monkeypatch.setattr(flattening, "folded", lambda house, run: SimpleNamespace(fold=None))


def lived(database, name, at):
    clock, said = QuickClock(SPEED), []
    book = Full(SqlTradeBook(database, clock), at)
    day = live_through(book, clock, name, {}, closing(book, clock, name, said), entry_age_s=LONG_S)
    assert day.is_over, day.said
    assert not day.naked
    assert_orders_are_whole(book, day.run, day.there)
    return book, day, said, assert_money_adds_up(book, day.run, day.there, slots(), PROTECTIONS)


def first_trade(written):
    """Return the numbers of the writes of the first trade, from its entry's intent to the booking of its exit."""
    legs = [{one.leg for one in change.intents} for change in written]
    begun = next(at for at, leg in enumerate(legs, start=1) if "entry" in leg)
    again = next(at for at, leg in enumerate(legs, start=1) if at > begun and "entry" in leg)
    return range(begun, again)


def test_a_disk_that_is_full_at_any_write_of_a_trade_leaves_nothing_that_is_not_booked_as_ours(
    sqlite_database, no_kept_folds
):
    book, _, _, _ = lived(sqlite_database, "roomy", 0)
    words = set()
    for at in first_trade(book.written):
        _, day, said, account = lived(sqlite_database, f"full-{at}", at)
        assert "full" in day.said[0]
        words.update(said)
        assert codes.OUTSIDE not in account.trades["reason"], f"write {at}: {said}"
        assert not [line for line in said if flattening.STRANGE in line]
    assert any("not booked yet" in line for line in words)
