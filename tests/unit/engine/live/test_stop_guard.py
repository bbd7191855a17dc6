"""A position without its stop: a stop is put on it, else it is closed, by whoever may still trade."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from itertools import pairwise
from types import SimpleNamespace

import pytest

from tests.clocks import JumpingClock, StandingClock
from vigie.domain.errors import AuthError, Conflict, ConnectorError, OrderRejected, TransientError
from vigie.domain.money import parse_step
from vigie.domain.order import VenuePosition
from vigie.domain.time import Elapsed
from vigie.engine.live.stops.stop_guard import (
    MOST_QUIET_S,
    GuardedPosition,
    RequestPause,
    StopDeadlines,
    StopGuard,
)
from vigie.ports.trading import Levels

NAKED = VenuePosition("btc", 1, Decimal(2), Decimal(100), Decimal(1), 0)
LEVELS = Levels("btc", 1, Decimal(90), Decimal(110))


class Bare:
    """A venue whose position has no stop until one is put on it."""

    def __init__(self, clock, fault=None, times=0, slow_s=0.0, is_blind=False):
        self.clock, self.fault, self.times, self.slow_s, self.is_blind = clock, fault, times, slow_s, is_blind
        self.begun = clock.now
        self.done, self.signed = [], []

    def _ask(self, what, ts):
        self.signed.append(ts)
        self.done.append((what, (self.clock.now - self.begun) / 1_000))
        if self.times:
            self.times -= 1
            raise self.fault

    async def positions(self):
        if self.slow_s:
            await self.clock.pause(self.slow_s)
        if self.is_blind:
            raise TransientError("no answer")
        if not self.done or self.times:
            return [VenuePosition("btc", 1, Decimal(2), Decimal(100), Decimal(1), 0)]
        return []

    async def protect(self, levels, ts=None):
        assert levels == LEVELS
        self._ask("protect", ts)

    async def flash_close(self, instrument, ts=None):
        self._ask("flatten", ts)
        self.is_blind = False


async def allowed():
    return None


def shielded(venue, guard=allowed, *, is_held=True, **more):
    """Guard an entry whose rest is waited for until something was done."""
    told = []

    async def hold():
        is_over = asyncio.Event()
        guardian = StopGuard(
            StopDeadlines(), venue, venue.clock, guard, lambda what, _: told.append(what), **more
        )
        guarded = GuardedPosition(LEVELS, Elapsed(venue.clock.now), lambda: is_held)
        holding = asyncio.ensure_future(guardian.guard_until([guarded], is_over))
        for _ in range(400):
            await asyncio.sleep(0)
        is_over.set()
        venue.is_blind = False
        await holding

    asyncio.run(hold())
    return told


def watched(venue, shield, *, until="", **more):
    """Guard a position on a standing clock until all is well, or something was done to it."""

    async def hold():
        guardian = StopGuard(shield, venue, venue.clock, allowed, lambda what, _: None, **more)
        holding = asyncio.ensure_future(
            guardian.guard_now([GuardedPosition(LEVELS, Elapsed(venue.clock.now), lambda: True)])
        )
        while not holding.done():
            await venue.clock.advance(0.25)
            if any(what == until for what, _ in venue.done):
                venue.times = 0
        holding.result()

    asyncio.run(hold())


def test_the_deadlines_run_while_the_rest_of_an_entry_is_still_waited_for():
    venue = Bare(JumpingClock(), ConnectorError("no"), 30)
    told = shielded(venue)
    at = dict(reversed(venue.done))
    assert 3.0 <= at["protect"] <= 3.5
    assert 10.0 <= at["flatten"] <= 10.5
    assert told[:2] == ["protect", "flatten"], "told before it is done"


def test_a_process_that_stands_still_after_it_saw_its_right_signs_stops_with_the_time_of_that():
    venue, seen = Bare(JumpingClock(), ConnectorError("no"), 30), []

    async def guard():
        seen.append(venue.clock.now)
        venue.clock.sleep(45.0)
        return seen[-1]

    shielded(venue, guard)
    assert {what for what, _ in venue.done} == {"protect", "flatten"}
    assert venue.signed == seen


def test_a_maintenance_does_not_end_the_protection():
    venue = Bare(JumpingClock(), ConnectorError("maintenance"), 5)
    shielded(venue)
    assert venue.done


def test_the_first_stop_after_a_sleep_is_given_its_time_where_none_is_waited_for():
    clock = StandingClock()
    venue, slept = Bare(clock), []

    async def positions():
        if not slept:
            slept.append(True)
            clock.jump(2 * StopDeadlines().flatten_s)
        return [] if venue.done else [NAKED]

    async def protect(levels, ts=None):
        await clock.pause(0.5)
        venue.done.append(("protect", clock.now))

    venue.positions, venue.protect = positions, protect

    watched(venue, StopDeadlines(protect_s=0.0))
    assert [what for what, _ in venue.done] == ["protect"]


class Slot:
    """An account with one position, as far as it is guarded."""

    def __init__(self):
        self.record = {"side": 1, "entry_ts": 7}
        rules = SimpleNamespace(tick=parse_step("1"), significant_figures=0)
        self.slots = [SimpleNamespace(id=SimpleNamespace(instrument="btc"), versions=(rules,))]

    def slot(self, number):
        return self.record

    def levels(self, number):
        return LEVELS.stop, LEVELS.target


def test_what_is_late_stays_late_though_the_clock_is_set_back_before_it_is_looked_at():
    clock = JumpingClock()
    guardian = StopGuard(StopDeadlines(), Bare(clock), clock, allowed, lambda what, _: None)
    late = guardian.guarded_position(Slot(), 0, is_naked=True, is_late=True)
    clock.now -= 3_600_000
    assert late.since_protected.passed_ms(clock.now) == 1_000 * StopDeadlines().protect_s


def test_rules_are_asked_once_for_a_target_that_stays_refused():
    clock, account, asked, put = JumpingClock(), Slot(), [], []
    fresh = Levels("btc", 1, Decimal(90), Decimal(100))

    async def regrid(levels):
        asked.append(levels)
        return fresh

    venue = Bare(clock)

    async def protect(levels, ts=None):
        put.append(levels)
        raise OrderRejected("beyond the price")

    venue.protect = protect
    guardian = StopGuard(StopDeadlines(), venue, clock, allowed, lambda what, _: None, regrid=regrid)
    for _ in range(3):
        asyncio.run(guardian.put_triggers(account, 0))
    assert (asked, put) == ([LEVELS], [LEVELS, fresh, fresh, fresh])
    # Another position may have the same levels.
    account.record["entry_ts"] += 1
    asyncio.run(guardian.put_triggers(account, 0))
    assert asked == [LEVELS, LEVELS]


def test_a_process_that_was_asleep_tries_a_stop_before_it_closes():
    venue = Bare(JumpingClock(), slow_s=20.0)
    shielded(venue)
    assert [what for what, _ in venue.done] == ["protect"]


def test_what_is_known_to_be_held_is_closed_where_positions_are_not_shown_and_no_stop_is_taken():
    venue = Bare(JumpingClock(), ConnectorError("no"), 30, is_blind=True)
    shielded(venue)
    assert [what for what, _ in venue.done][-1] == "flatten"


def test_a_position_whose_stop_was_taken_is_not_closed_because_it_is_not_shown():
    venue = Bare(JumpingClock(), is_blind=True)
    shielded(venue)
    assert [what for what, _ in venue.done] == ["protect"]


def test_a_venue_that_asks_for_patience_is_not_asked_twice_a_second_and_the_stop_is_put_in_time():
    venue, asked = Bare(JumpingClock()), []

    async def positions():
        asked.append((venue.clock.now - venue.begun) / 1_000)
        raise TransientError("too many requests", after_s=600.0)

    venue.positions = positions
    shielded(venue)
    assert [what for what, at in venue.done if at <= 3.5] == ["protect"]
    assert len(asked) > 1
    assert min(after - before for before, after in pairwise(asked)) >= MOST_QUIET_S


def test_a_venue_that_asked_for_patience_is_asked_again_though_the_clock_was_set_back():
    quiet, now = RequestPause(), JumpingClock().now
    quiet.note_fault(TransientError("too many requests", after_s=5.0), now)
    with pytest.raises(TransientError, match="the venue asked to slow down"):
        quiet.check(now - 3_600_000)
    quiet.check(now - 3_600_000 + round(MOST_QUIET_S * 1_000))


def test_a_stop_that_is_not_answered_does_not_delay_the_closing():
    clock = StandingClock()
    venue = Bare(clock)
    asked = asyncio.Event()

    async def protect(levels, ts=None):
        venue.done.append(("protect", (clock.now - venue.begun) / 1_000))
        asked.set()
        await asyncio.Event().wait()

    venue.protect = protect
    venue.positions = lambda: answer([] if venue.done[-1:] and venue.done[-1][0] == "flatten" else [NAKED])

    async def answer(rows):
        return rows

    watched(venue, StopDeadlines())
    at = dict(reversed(venue.done))
    assert asked.is_set()
    assert (
        StopDeadlines().flatten_s <= at["flatten"] <= StopDeadlines().flatten_s + 2 * StopDeadlines().look_s
    )


def test_a_position_that_has_ended_is_nobodys_to_guard():
    venue = Bare(JumpingClock())
    guardian = StopGuard(StopDeadlines(), venue, venue.clock, allowed, lambda what, _: None)
    asyncio.run(guardian.guard_now([GuardedPosition(LEVELS, Elapsed(0), lambda: True, is_over=lambda: True)]))
    assert venue.done == []


def test_what_may_not_have_come_yet_is_not():
    venue = Bare(JumpingClock(), is_blind=True)
    venue.times = 0
    told = shielded(venue, is_held=False)
    assert "flatten" not in told


def test_who_may_not_trade_any_more_protects_and_closes_nothing():
    async def taken():
        raise Conflict("somebody took it")

    venue = Bare(JumpingClock())
    with pytest.raises(Conflict):
        shielded(venue, taken)
    assert venue.done == []


def test_a_key_that_is_refused_is_said():
    with pytest.raises(AuthError):
        shielded(Bare(JumpingClock(), AuthError("no such key"), 1))


def test_what_a_position_needed_is_not_done_to_the_one_that_came_after_it():
    venue = Bare(JumpingClock())
    ended = []

    async def positions():
        # While the venue is asked the position is closed, and its instrument entered again.
        ended.append(True)
        return [NAKED]

    venue.positions = positions
    guardian = StopGuard(StopDeadlines(protect_s=0.0), venue, venue.clock, allowed, lambda what, _: None)
    asyncio.run(
        guardian.guard_now([GuardedPosition(LEVELS, Elapsed(0), lambda: True, is_over=lambda: bool(ended))])
    )
    assert not venue.done
    assert not guardian.unprotected, "nor is it told that it has no stop"


def test_a_position_that_had_its_stop_is_not_closed_because_nothing_is_shown_and_nothing_taken():
    venue = Bare(JumpingClock(), ConnectorError("no"), 30, is_blind=True)

    async def hold():
        guardian = StopGuard(StopDeadlines(), venue, venue.clock, allowed, lambda what, _: None)
        guarded = GuardedPosition(LEVELS, Elapsed(venue.clock.now), lambda: True, had_stop=True)
        holding = asyncio.ensure_future(guardian.guard_now([guarded]))
        for _ in range(400):
            await asyncio.sleep(0)
        venue.times, venue.is_blind = 0, False
        await holding

    asyncio.run(hold())
    assert {what for what, _ in venue.done} == {"protect"}
