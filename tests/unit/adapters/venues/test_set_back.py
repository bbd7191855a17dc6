"""A machine whose clock is set back by an hour: no question waits for that hour to pass again."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

from tests.clocks import JumpingClock
from vigie.adapters.venues import history
from vigie.adapters.venues.binance.history import PERP
from vigie.adapters.venues.rank_queue import Rank
from vigie.adapters.venues.weight_budget import WeightBudget

HOUR = 3_600_000


class _Client:
    """What a client of ours is made from."""

    def handle_errors(self) -> None: ...


def test_a_look_at_positions_waits_a_minute_at_most_for_its_share():
    clock = JumpingClock()
    budget = WeightBudget(clock, 60)

    async def story():
        await budget.spend(57, Rank.LOOK)
        clock.now -= HOUR
        await budget.spend(10, Rank.LOOK)

    asyncio.run(story())
    assert 59 < sum(clock.waits) < 61


def test_what_was_spent_before_still_counts_in_its_own_minute():
    clock = JumpingClock()
    budget = WeightBudget(clock, 60)

    async def story():
        await budget.spend(30, Rank.EXIT)
        clock.now += 30_000
        await budget.spend(27, Rank.EXIT)
        clock.now -= HOUR
        await budget.spend(20, Rank.LOOK)

    asyncio.run(story())
    assert 29 < sum(clock.waits) < 31, "the first half of it is forgotten half a minute later"


def test_an_order_right_after_leaves_nobody_waiting_for_that_hour():
    clock = JumpingClock()
    budget = WeightBudget(clock, 60)

    async def story():
        await budget.spend(57, Rank.LOOK)
        clock.now -= HOUR
        await budget.spend(1, Rank.EXIT)
        await budget.spend(10, Rank.LOOK)

    asyncio.run(story())
    assert 59 < sum(clock.waits) < 61


def test_a_question_for_bars_waits_no_longer_than_its_turn():
    clock = JumpingClock()
    client = SimpleNamespace(lastRestRequestTimestamp=clock.now, rateLimit=250)
    made = history._overrides(_Client, PERP, clock)
    clock.now -= HOUR
    made["throttle"](client, 2)
    assert clock.waits == [0.5]
