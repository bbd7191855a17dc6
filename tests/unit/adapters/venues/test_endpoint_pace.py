"""An endpoint is asked as often as the venue takes it, and no other one waits for that."""

from __future__ import annotations

import asyncio

import pytest

from tests.clocks import JumpingClock, StandingClock
from vigie.adapters.venues.bitget.pacing import EndpointPace
from vigie.adapters.venues.rank_queue import Rank


@pytest.mark.parametrize(("weight", "a_second"), [(2, 10), (4, 5), (20, 1)])
def test_in_no_second_there_are_more_than_the_endpoint_takes(weight, a_second):
    clock, sent = JumpingClock(), []
    pace = EndpointPace(clock, 50.0)

    async def story():
        for _ in range(5 * a_second):
            await pace.wait_turn("fills", weight)
            sent.append(clock.now)

    asyncio.run(story())
    assert sent[a_second - 1] == sent[0], "what was not used may be used at once"
    assert all(later - first >= 1_000 for first, later in zip(sent, sent[a_second:], strict=False))


def test_an_order_does_not_wait_for_reads_nor_anything_without_a_pace():
    clock = JumpingClock()
    pace, free = EndpointPace(clock, 50.0), EndpointPace(clock, 0.0)

    async def story():
        for _ in range(10):
            await pace.wait_turn("fills", 2)
        await pace.wait_turn("place-order", 2)
        for _ in range(100):
            await free.wait_turn("fills", 2)

    asyncio.run(story())
    assert clock.waits == []


def test_a_clock_that_is_set_back_keeps_nobody_waiting_longer_than_a_window():
    clock = JumpingClock()
    pace = EndpointPace(clock, 50.0)

    async def story():
        for _ in range(10):
            await pace.wait_turn("fills", 2)
        clock.now -= 3_600_000
        await pace.wait_turn("fills", 2)

    asyncio.run(story())
    assert sum(clock.waits) <= 1.2


def test_orders_go_before_questions_and_within_a_rank_who_came_first():
    clock, sent = StandingClock(), []
    pace = EndpointPace(clock, 50.0)

    async def turn(name, rank):
        await pace.wait_turn("place-order", 2, rank)
        sent.append(name)

    async def story():
        works = [asyncio.ensure_future(turn(f"first {k}", Rank.READ)) for k in range(10)]
        for name, rank in (
            ("read 1", Rank.READ), ("entry 1", Rank.ENTRY), ("read 2", Rank.READ), ("exit 1", Rank.EXIT),
            ("entry 2", Rank.ENTRY), ("exit 2", Rank.EXIT), ("look", Rank.LOOK),
        ):  # fmt: skip
            works.append(asyncio.ensure_future(turn(name, rank)))
            # Each comes while the one before waits.
            await clock.advance(0.01)
        await clock.advance(5.0)
        await asyncio.gather(*works)

    asyncio.run(story())
    assert sent[10:] == ["exit 1", "exit 2", "entry 1", "entry 2", "look", "read 1", "read 2"]


def test_all_endpoints_of_an_address_come_to_less_than_the_venue_takes_in_a_minute():
    clock, sent = JumpingClock(), []
    pace = EndpointPace(clock, 1.0)

    async def story():
        for k in range(9_000):
            await pace.wait_turn(f"endpoint {k % 40}", 1)
            sent.append(clock.now)

    asyncio.run(story())
    for k in range(0, 9_000, 250):
        assert sum(sent[k] <= ts < sent[k] + 60_000 for ts in sent) <= 3_600


def test_whoever_gives_up_waiting_leaves_the_turn_to_the_next():
    clock = StandingClock()
    pace = EndpointPace(clock, 50.0)

    async def story():
        for _ in range(10):
            await pace.wait_turn("fills", 2)
        first, second = (asyncio.ensure_future(pace.wait_turn("fills", 2)) for _ in range(2))
        await clock.advance(0.1)
        first.cancel()
        await clock.advance(1.2)
        assert second.done()

    asyncio.run(story())
