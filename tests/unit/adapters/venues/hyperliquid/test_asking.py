"""How often the venue is asked, and how long lists are read."""

import asyncio

import pytest

from tests.clocks import JumpingClock
from vigie.adapters.venues.budget import Budget
from vigie.adapters.venues.hyperliquid.known import Known
from vigie.domain.errors import TransientError


def spent(clock, parts, *, is_order=False, most=1_200):
    async def spend():
        budget = Budget(clock, most)
        for weight in parts:
            await budget.spend(weight, is_order=is_order)
        return sum(clock.waits)

    return asyncio.run(spend())


def test_reads_wait_for_room_in_the_minute_and_leave_some_to_orders():
    assert spent(JumpingClock(), [20] * 50) == 0
    assert spent(JumpingClock(), [20] * 51) >= 60
    assert spent(JumpingClock(), [20] * 500, most=0) == 0


def test_an_order_never_waits():
    assert spent(JumpingClock(), [20] * 500, is_order=True) == 0


class Pages:
    """A wire whose list has more rows than a page; several share a time."""

    account = "0x1"

    def __init__(self, times, most):
        self.times = times
        self.most = most

    async def mine(self, _kind, startTime):
        found = [{"tid": number, "time": ts} for number, ts in enumerate(self.times) if ts >= startTime]
        return found[: self.most]


def read(times, most):
    return asyncio.run(Known(Pages(times, most)).since("userFillsByTime", 0, most, "tid"))


def test_a_list_is_read_page_by_page_each_row_once():
    times = [number // 3 for number in range(100)]
    assert [row["tid"] for row in read(times, 10)] == list(range(100))


def test_more_rows_of_one_time_than_a_page_holds_are_not_taken_for_all():
    with pytest.raises(TransientError, match="same page"):
        read([5] * 30, 10)
