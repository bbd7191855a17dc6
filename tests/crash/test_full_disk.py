"""A trader ends because the disk is full, at any write of a trade's life; everything is closed, and trading goes on."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from tests.clocks import QuickClock
from tests.crash.day import LONG_S, PROTECTIONS, SPEED, live_through, slots
from tests.crash.invariants import assert_money_adds_up, assert_orders_are_whole
from tests.crash.mortal import Dead
from tests.parity.test_trader_on_paper import live_slots
from vigie.adapters.stores.sql.tradebook.book import SqlTradeBook
from vigie.adapters.venues.bitget.trading import open_trading
from vigie.adapters.venues.manifest import FOLDER, read_manifest
from vigie.domain import codes
from vigie.domain.errors import DiskFull
from vigie.domain.order import Lease
from vigie.engine.live.book.unwritten_intents import REASON
from vigie.engine.live.fold import steps
from vigie.services.trading.flattening import flattening, flattening_unwritten
from vigie.services.trading.process.trading import TradeJob

pytest.importorskip("ccxt")
pytestmark = pytest.mark.slow

NOBODY = Lease("", "", 0, 0)


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
            raise DiskFull("the database disk is full")


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


class Doomed:
    """A venue whose process dies around its so many-th question; never where there is no number."""

    def __init__(self, venue, number, *, is_after):
        self._venue, self._left, self._is_after = venue, number, is_after
        self.asked = []

    def __getattr__(self, name):
        given = getattr(self._venue, name)
        if name not in ("positions", "place", "order", "cancel", "flash_close"):
            return given

        async def ask(*args):
            self.asked.append(name)
            is_due = len(self.asked) == self._left
            if is_due and not self._is_after:
                raise Dead
            answer = await given(*args)
            if is_due:
                raise Dead
            return answer

        return ask


def closing(book, clock, name, said, *, room=True, dies=(0, False), asked=None):
    """Return what closes everything, as `vigie trade flatten` does, and makes room before that or after it.

    Parameters
    ----------
    dies : tuple of int and bool
        The question that a first attempt dies at without room, and whether after it; another attempt follows.
    asked : list, optional
        Filled with what each attempt asked the venue without room.
    """

    def close(exchange):
        book.is_full = not room
        run, inputs = book.run(name), slots()
        plan = SimpleNamespace(
            live_slots=lambda: live_slots(inputs), protections=PROTECTIONS,
            slots=[SimpleNamespace(slot=one) for one, _ in inputs],
        )  # fmt: skip

        async def process(number=0, *, is_after=False):
            venue = open_trading(
                read_manifest(FOLDER / "bitget"), market="perp", key=exchange.key.key,
                secret=exchange.key.secret, passphrase=exchange.key.passphrase, demo=True, clock=clock,
                url=exchange.url, interval_ms=0.0,
            )  # fmt: skip
            written = [steps.decode_step(one).ts for one in book.steps(run.id)]
            hand, stores = Hand(clock, written[-1]), SimpleNamespace(trades=book, results=None)
            doomed = Doomed(venue, number, is_after=is_after)
            try:
                if room:
                    lease = book.take(name, "a person", for_s=1e7, by_force=True)
                    await flattening.flatten(TradeJob(stores, run, plan, lease, hand, venue), said.append)
                else:
                    job = TradeJob(stores, run, plan, NOBODY, hand, doomed)
                    await flattening_unwritten.flatten_unwritten(job, said.append)
            finally:
                await venue.close()
                if asked is not None:
                    asked.append(doomed.asked)

        before = len(book.written)
        try:
            asyncio.run(process(dies[0], is_after=dies[1]))
        except Dead:
            asyncio.run(process())
        assert not [one for one in exchange.state()["positions"] if float(one["qty"])]
        assert room or len(book.written) == before, "nothing was written"
        book.is_full = False

    return close


@pytest.fixture
def no_kept_folds(monkeypatch):
    for module in (flattening, flattening_unwritten):
        monkeypatch.setattr(module, "load_event_log", lambda *_: SimpleNamespace(replay=None))


def lived(database, name, at, **more):
    clock, said = QuickClock(SPEED), []
    book = Full(SqlTradeBook(database, clock), at)
    day = live_through(book, clock, name, {}, closing(book, clock, name, said, **more), entry_age_s=LONG_S)
    assert day.is_over, day.said
    assert not day.unprotected
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


def assert_ours(book, day, account):
    """Hold that nothing was taken for somebody else's: neither fills nor orders, and that every slot goes on."""
    assert codes.OUTSIDE not in account.trades["reason"]
    assert book.state(day.run.account) == "active", "no other program was seen"


def test_without_any_room_everything_is_closed_unwritten_and_the_log_catches_up(
    sqlite_database, no_kept_folds
):
    book, _, _, _ = lived(sqlite_database, "wide", 0)
    caught = []
    for at in first_trade(book.written):
        name = f"no-room-{at}"
        book, day, said, account = lived(sqlite_database, name, at, room=False)
        assert_ours(book, day, account)
        late = [one for one in book.intents(day.run.id) if one.intent.reason == REASON]
        assert len(late) == sum(line.startswith("closed ") for line in said)
        assert all(one.move.state == "filled" and one.move.filled == one.intent.qty for one in late)
        caught += [one.intent.leg for one in late]
    assert caught.count("flatten") == len(caught) > 1


def test_who_closes_without_room_may_die_around_any_question_and_closes_once(sqlite_database, no_kept_folds):
    book, _, _, _ = lived(sqlite_database, "plain", 0)
    # The entry is booked: a position is held.
    at = next(n for n, one in enumerate(book.written, 1) if any(s.kind == "entered" for s in one.steps)) + 1
    for is_after in (False, True):
        died = []
        # How often it asks what became of an order is up to the venue: it dies at each question until one is left.
        for number in itertools.count(1):
            name, asked = f"doomed-{number}-{is_after}", []
            book, day, _, account = lived(
                sqlite_database, name, at, room=False, dies=(number, is_after), asked=asked
            )
            assert_ours(book, day, account)
            late = [one for one in book.intents(day.run.id) if one.intent.reason == REASON]
            assert [one.intent.attempt for one in late] == [1], "sent once"
            assert "flash_close" not in asked[0]
            if len(asked) == 1:
                break
            died.append(asked[0][-1])
        assert {"positions", "place", "order"} <= set(died)
