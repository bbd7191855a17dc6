"""What a trading process says of itself to those who watch from outside: no stop, another position than the venue's."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from types import SimpleNamespace

from tests.clocks import JumpingClock
from tests.unit.engine.live.test_shield import LEVELS, Bare, allowed
from vigie.domain.time import Elapsed
from vigie.engine.live.reconcile import Difference
from vigie.engine.live.shield import Guarded, Guardian, Shield
from vigie.engine.live.watch import Rhythm, Watch


def test_a_position_is_naked_from_the_look_that_sees_it_until_the_one_that_sees_its_stop():
    venue = Bare(JumpingClock())
    seen = []
    guardian = Guardian(
        Shield(), venue, venue.clock, allowed, lambda what, _: seen.append((what, set(guardian.naked)))
    )
    asyncio.run(guardian.now([Guarded(LEVELS, Elapsed(venue.clock.now), lambda: True)]))
    assert seen == [("protect", {"btc"})]
    assert guardian.naked == set()


def test_instruments_that_the_venue_holds_otherwise_are_counted_as_long_as_they_do(monkeypatch):
    answers = [[Difference("btc", Decimal(1), Decimal(2))], []]

    class Lookout:
        async def differences(self, account):
            return answers.pop(0)

    memory = SimpleNamespace(bookings=SimpleNamespace(waiting=list), open={})
    writer = SimpleNamespace(run=SimpleNamespace(mode="paper"))
    log = SimpleNamespace(
        account=None, memory=memory, writer=writer, right=lambda: False, mind_others=lambda: None
    )
    watch = Watch(Rhythm(), log, Lookout(), None, JumpingClock())
    monkeypatch.setattr(Watch, "_book", lambda self: None)
    counted = []
    for _ in range(2):
        asyncio.run(watch._positions())
        counted.append(watch.different)
    assert counted == [1, 0]
