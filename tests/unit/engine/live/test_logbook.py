"""What a process was told not long ago is asked again, also where the clock was set back since."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from tests.clocks import JumpingClock
from vigie.engine.live.logbook import FRESH_MS, Logbook


@dataclass
class Told:
    """A book that counts how often it is asked."""

    state_now: str = "active"
    kept: int = 0
    lease: Any = field(default_factory=lambda: SimpleNamespace(account="main"))

    def state(self, _account: str) -> str:
        return self.state_now

    def keep(self, lease: Any, *, for_s: float) -> Any:
        self.kept += 1
        return lease


def logbook(clock: JumpingClock, book: Told) -> Logbook:
    nothing: Any = None
    asked: Any = book
    return Logbook(asked, clock, nothing, nothing, book.lease, 10.0, lambda _: "")


@pytest.mark.parametrize("moved_ms", [FRESH_MS, -3_600_000, -1])
def test_a_halt_and_a_lost_right_are_heard_whichever_way_the_clock_went(moved_ms):
    clock, book = JumpingClock(), Told()
    log = logbook(clock, book)
    assert log.may_enter()
    asyncio.run(log.guard())
    book.state_now, clock.now = "halted", clock.now + moved_ms
    assert not log.may_enter()
    asyncio.run(log.guard())
    assert book.kept == 2


def test_within_two_seconds_nobody_is_asked_again():
    clock, book = JumpingClock(), Told()
    log = logbook(clock, book)
    asyncio.run(log.guard())
    clock.now += FRESH_MS - 1
    asyncio.run(log.guard())
    assert book.kept == 1
