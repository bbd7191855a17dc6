"""An endpoint is asked as often as the venue takes it, and no other one waits for that."""

from __future__ import annotations

import asyncio

import pytest

from tests.clocks import JumpingClock
from vigie.adapters.venues.bitget.pacing import EndpointPace


@pytest.mark.parametrize(("weight", "a_second"), [(2, 10), (4, 5), (20, 1)])
def test_in_no_second_there_are_more_than_the_endpoint_takes(weight, a_second):
    clock, sent = JumpingClock(), []
    pace = EndpointPace(clock, 50.0)

    async def story():
        for _ in range(5 * a_second):
            await pace.turn("fills", weight)
            sent.append(clock.now)

    asyncio.run(story())
    assert sent[a_second - 1] == sent[0], "what was not used may be used at once"
    assert all(later - first >= 1_000 for first, later in zip(sent, sent[a_second:], strict=False))


def test_an_order_does_not_wait_for_reads_nor_anything_without_a_pace():
    clock = JumpingClock()
    pace, free = EndpointPace(clock, 50.0), EndpointPace(clock, 0.0)

    async def story():
        for _ in range(10):
            await pace.turn("fills", 2)
        await pace.turn("place-order", 2)
        for _ in range(100):
            await free.turn("fills", 2)

    asyncio.run(story())
    assert clock.waits == []


def test_a_clock_that_is_set_back_keeps_nobody_waiting_longer_than_a_window():
    clock = JumpingClock()
    pace = EndpointPace(clock, 50.0)

    async def story():
        for _ in range(10):
            await pace.turn("fills", 2)
        clock.now -= 3_600_000
        await pace.turn("fills", 2)

    asyncio.run(story())
    assert sum(clock.waits) <= 1.2
