"""A position without its stop: a stop is put on it, else it is closed, by whoever may still trade."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from types import SimpleNamespace

import pytest

from tests.clocks import JumpingClock
from vigie.domain.errors import AuthError, Conflict, ConnectorError
from vigie.domain.order import VenuePosition
from vigie.engine.live.shield import Shield


class Account:
    slots = (SimpleNamespace(id=SimpleNamespace(instrument="btc")),)

    def slot(self, number):
        return {"side": 1, "entry_ts": 0, "stop_ticks": 90, "target_ticks": 110}

    def price(self, number, ts, ticks):
        return Decimal(ticks)


class Bare:
    """A venue whose position has no stop."""

    def __init__(self, fault=None, times=0, slow_s=0.0, clock=None):
        self.fault, self.times, self.slow_s, self.clock = fault, times, slow_s, clock
        self.done = []

    def _ask(self, what):
        self.done.append(what)
        if self.times:
            self.times -= 1
            raise self.fault

    async def positions(self):
        if self.clock is not None:
            await self.clock.pause(self.slow_s)
        if not self.done or self.times:
            return [VenuePosition("btc", 1, Decimal(2), Decimal(100), Decimal(1), 0)]
        return []

    async def protect(self, levels):
        self._ask("protect")

    async def flash_close(self, instrument):
        self._ask("close")


async def allowed():
    return None


def shielded(venue, clock, guard=allowed):
    asyncio.run(Shield().over(Account(), [0], venue, clock, guard))


def test_a_maintenance_does_not_end_the_protection():
    venue = Bare(ConnectorError("maintenance"), 5)
    shielded(venue, JumpingClock())
    assert venue.done


def test_a_process_that_was_asleep_tries_a_stop_before_it_closes():
    clock = JumpingClock()
    venue = Bare(slow_s=20.0, clock=clock)
    shielded(venue, clock)
    assert venue.done == ["protect"]


def test_who_may_not_trade_any_more_protects_and_closes_nothing():
    async def taken():
        raise Conflict("somebody took it")

    venue = Bare()
    with pytest.raises(Conflict):
        shielded(venue, JumpingClock(), taken)
    assert venue.done == []


def test_a_key_that_is_refused_is_said():
    with pytest.raises(AuthError):
        shielded(Bare(AuthError("no such key"), 1), JumpingClock())
