"""What a trading process says of itself to those who watch from outside: no stop, another position than the venue's."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from types import SimpleNamespace

from tests.clocks import JumpingClock
from tests.unit.engine.live.test_stop_guard import LEVELS, Bare, allowed
from vigie.domain.time import Elapsed
from vigie.engine.live.account_monitor import AccountMonitor, CheckIntervals
from vigie.engine.live.book.position_differences import PositionDifference
from vigie.engine.live.stops.stop_guard import GuardedPosition, StopDeadlines, StopGuard


def test_a_position_is_naked_from_the_look_that_sees_it_until_the_one_that_sees_its_stop():
    venue = Bare(JumpingClock())
    seen = []
    guardian = StopGuard(
        StopDeadlines(),
        venue,
        venue.clock,
        allowed,
        lambda what, _: seen.append((what, set(guardian.unprotected))),
    )
    asyncio.run(guardian.guard_now([GuardedPosition(LEVELS, Elapsed(venue.clock.now), lambda: True)]))
    assert seen == [("protect", {"btc"})]
    assert guardian.unprotected == set()


def test_instruments_that_the_venue_holds_otherwise_are_counted_as_long_as_they_do(monkeypatch):
    answers = [[PositionDifference("btc", Decimal(1), Decimal(2))], []]

    class Lookout:
        async def find_differences(self, account):
            return answers.pop(0)

    memory = SimpleNamespace(bookings=SimpleNamespace(pending_fills=list), open={})
    writer = SimpleNamespace(run=SimpleNamespace(mode="paper"))
    log = SimpleNamespace(
        account=None,
        memory=memory,
        writer=writer,
        flatten_surplus=lambda: False,
        halt_if_foreign=lambda: None,
    )
    watch = AccountMonitor(CheckIntervals(), log, Lookout(), None, JumpingClock())
    monkeypatch.setattr(AccountMonitor, "_book_exits", lambda self: None)
    counted = []
    for _ in range(2):
        asyncio.run(watch._check_positions())
        counted.append(watch.n_different)
    assert counted == [1, 0]
