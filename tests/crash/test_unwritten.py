"""A book that cannot be written for a while: positions are guarded by the right there was, then trading goes on."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from tests.clocks import StandingClock
from tests.crash import market
from tests.crash.seconds import TICK_S, Unruly, told
from tests.parity.core_venue import symbol_of
from vigie.adapters.stores.sql.tradebook.book import SqlTradeBook
from vigie.domain.errors import Conflict, StorageError
from vigie.domain.order import VenuePosition
from vigie.domain.time import Elapsed
from vigie.engine.live.stops.outage_guard import AGAIN_S, OutageGuard
from vigie.engine.live.stops.stop_guard import GuardedPosition, StopDeadlines, StopGuard
from vigie.ports.trading import Levels

SHIELD = StopDeadlines()
BTC, ETH = (name.instrument for name, _ in market.inputs())
LOOK_S = SHIELD.look_s + TICK_S
LEASE_S, AWAY_S = 30.0, 20.0


class Away:
    """A book that cannot be written for some seconds of a clock."""

    def __init__(self, inner, clock, away_s):
        self._inner, self._clock, self._away_s = inner, clock, away_s
        self.begun, self.refused = None, 0

    def __getattr__(self, name):
        return getattr(self._inner, name)

    def commit(self, lease, change):
        self._check()
        return self._inner.commit(lease, change)

    def keep(self, lease, *, for_s):
        self._check()
        return self._inner.keep(lease, for_s=for_s)

    @property
    def is_away(self):
        return self.begun is not None and self._clock.wall_now() < self.begun + 1_000 * self._away_s

    def _check(self):
        if self.is_away:
            self.refused += 1
            raise StorageError("the folder cannot be written")


class Bare(Unruly):
    """An exchange that forgets the first stop of bitcoin, just when the book cannot be written any more."""

    book = None

    async def entries_placed(self, instant, series):
        await super().entries_placed(instant, series)
        if self.unprotected() and self.book.begun is None:
            self.book.begun = self.clock.now
            self.drops.clear()


def lived(database, name, *, away_s=AWAY_S, **more):
    venue = Bare()
    venue.drops.add(BTC)
    venue.refuses.update(more.pop("refuses", ()))
    venue.book = Away(SqlTradeBook(database, venue.clock), venue.clock, away_s)
    return told(database, name, venue, venue.book, lease_s=LEASE_S, **more)


def assert_booked(story):
    assert story.venue.book.refused > 1
    assert story.account.cash == pytest.approx(story.cash(), abs=1e-6)
    sent = [one.intent.id for one in story.book.intents(story.run.id) if one.intent.leg == "entry"]
    assert len(sent) == len(set(sent)) > 1


def test_a_position_is_given_its_stop_although_nothing_can_be_written(sqlite_database):
    story = lived(sqlite_database, "unwritten")
    assert 0 < story.naked_s[symbol_of(BTC)] <= SHIELD.protect_s + LOOK_S
    assert story.said == [f"the position in {BTC} has no stop and is given one; that cannot be written down"]
    assert_booked(story)


def test_one_that_gets_no_stop_is_closed_although_nothing_can_be_written(sqlite_database):
    story = lived(sqlite_database, "unwritten-closed", refuses=[BTC])
    assert SHIELD.look_s < story.naked_s[symbol_of(BTC)] <= SHIELD.flatten_s + LOOK_S
    assert any("is closed" in line for line in story.said)
    assert_booked(story)


def test_after_the_end_of_the_right_nothing_is_sent_until_it_was_kept_again(sqlite_database):
    story = lived(sqlite_database, "unwritten-long", away_s=2 * LEASE_S)
    assert story.venue.clock.now >= story.venue.book.begun + 2_000 * LEASE_S
    assert_booked(story)


def test_entries_wait_until_the_book_can_be_written(sqlite_database):
    story = lived(sqlite_database, "unwritten-entries")
    until = story.venue.book.begun + 1_000 * AWAY_S
    written = [one.intent.ts for one in story.book.intents(story.run.id)]
    assert not [ts for ts in written if story.venue.book.begun < ts < until]
    assert [ts for ts in written if ts >= until], "and go on then"


class Kept:
    """A right to trade that cannot be kept until some second, and has ended before."""

    def __init__(self, clock, back_s):
        self._clock, self._back = clock, clock.now + 1_000 * back_s
        self._ends = clock.now + 1_000 * LEASE_S

    def renew_lease(self):
        if self._clock.now < self._back:
            raise StorageError("the folder cannot be written")
        self._ends = self._clock.now + 1_000 * LEASE_S

    async def last_lease_time(self):
        if self._clock.now >= self._ends:
            raise StorageError("the lease to trade has expired")
        return self._clock.now


class Losing:
    """A venue whose position has no stop after so many seconds, until it is given one."""

    def __init__(self, clock, after_s):
        self._clock, self._begun, self._resolve_unanswered = clock, clock.now, clock.now + 1_000 * after_s
        self.put = []

    async def positions(self):
        stop = None if self._clock.now > self._resolve_unanswered and not self.put else Decimal(90)
        return [VenuePosition(BTC, 1, Decimal(2), Decimal(100), Decimal(1), 0, stop=stop)]

    async def protect(self, levels, ts=None):
        self.put.append(((self._clock.now - self._begun) / 1_000, levels.stop))


def holding_out(clock, venue, back_s, tell=lambda _: None):
    """Return who guards the position of a venue, and the position."""
    guardian = StopGuard(SHIELD, venue, clock, None, lambda *_: None)
    guarded = GuardedPosition(Levels(BTC, 1, Decimal(90), None), Elapsed(clock.now), lambda: True)
    return OutageGuard(Kept(clock, back_s), guardian, clock, tell), [guarded]


async def until_done(clock, work):
    """Let the clock go on until something is done."""
    doing = asyncio.ensure_future(work)
    while not doing.done():
        await clock.advance(TICK_S)
    await doing


def test_a_right_that_is_kept_again_guards_also_where_nothing_is_begun_for_a_while():
    clock, said = StandingClock(), []
    # The stop is lost after the right had ended.
    venue, back_s, least_s = Losing(clock, LEASE_S), 2 * LEASE_S, 4 * LEASE_S

    async def told_of():
        held, guarded = holding_out(clock, venue, back_s, said.append)
        await until_done(clock, held.guard_until_writable(guarded, least_s))

    asyncio.run(told_of())
    assert [seconds for seconds, _ in venue.put] == [
        pytest.approx(back_s, abs=1.0 + SHIELD.protect_s + LOOK_S)
    ]
    assert said[0] == "the lease to trade has expired"


def test_what_is_held_is_guarded_while_somebody_takes_the_account_up_again():
    clock, begun_s = StandingClock(), 20.0
    venue = Losing(clock, -TICK_S)

    async def told_of():
        held, guarded = holding_out(clock, venue, 0.0)
        beside = asyncio.ensure_future(held.guard_during(guarded, clock.pause(begun_s)))
        await clock.advance(SHIELD.protect_s + LOOK_S)
        assert [stop for _, stop in venue.put] == [Decimal(90)]
        await clock.advance(begun_s)
        await beside

    asyncio.run(told_of())
    assert [stop for _, stop in venue.put] == [Decimal(90)]


def test_the_right_is_kept_while_somebody_takes_the_account_up_again_for_long():
    clock = StandingClock()
    # The stop is lost after the right would have ended.
    venue = Losing(clock, 2 * LEASE_S)

    async def told_of():
        held, guarded = holding_out(clock, venue, 0.0)
        await until_done(clock, held.guard_during(guarded, clock.pause(3 * LEASE_S)))

    asyncio.run(told_of())
    assert [seconds for seconds, _ in venue.put] == [
        pytest.approx(2 * LEASE_S, abs=SHIELD.protect_s + LOOK_S)
    ]


def test_an_account_that_somebody_took_is_not_taken_up_again():
    clock, ended = StandingClock(), []

    class Taken(Kept):
        """A right that somebody else has now."""

        def renew_lease(self):
            raise Conflict("it is another one's")

    async def taken_up():
        try:
            await clock.pause(LEASE_S)
        finally:
            ended.append((clock.now - begun) / 1_000)

    async def told_of():
        held = OutageGuard(
            Taken(clock, 0.0), StopGuard(SHIELD, None, clock, None, lambda *_: None), clock, lambda _: None
        )
        with pytest.raises(Conflict):
            await until_done(clock, held.guard_during([], taken_up()))

    begun = clock.now
    asyncio.run(told_of())
    assert ended[0] <= AGAIN_S + TICK_S
