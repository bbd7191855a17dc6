"""Requests of any rank, coming at any time: the venue's limit holds, the shares hold, and nobody is passed by."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.clocks import StandingClock
from vigie.adapters.venues.rank_queue import Rank
from vigie.adapters.venues.weight_budget import WeightBudget

MOST = 120
LEFT = {Rank.READ: MOST // 6, Rank.LOOK: MOST // 20, Rank.ENTRY: MOST // 40}
REQUESTS = st.lists(
    st.tuples(st.integers(0, 20), st.sampled_from(list(Rank)), st.integers(1, 20)), min_size=1, max_size=60
)


@pytest.mark.parametrize("gives_up", [False, True])
@settings(max_examples=60, deadline=None)
@given(requests=REQUESTS)
def test_shares_hold_and_nobody_of_a_rank_is_passed_by(gives_up, requests):
    clock, spent, came = StandingClock(), [], {}
    budget = WeightBudget(clock, MOST)

    async def one(number, rank, weight):
        came[number] = clock.now
        await budget.spend(weight, rank)
        spent.append((clock.now, rank, weight, number))

    async def story():
        works = []
        for number, (after_s, rank, weight) in enumerate(requests):
            await clock.advance(after_s)
            works.append(asyncio.ensure_future(one(number, rank, weight)))
            if gives_up and number % 3 == 2:
                works.pop(number // 2 % len(works)).cancel()
        await clock.advance(60.0 * (len(requests) + 1))
        await asyncio.gather(*works)

    asyncio.run(story())
    for place, (ts, rank, weight, number) in enumerate(spent):
        before = sum(one[2] for one in spent[:place] if one[0] > ts - 60_000)
        if rank is Rank.EXIT:
            assert ts == came[number], "what makes a position smaller never waits"
        elif before:
            assert before + weight <= MOST - LEFT[rank]
    for rank in Rank:
        numbers = [one[3] for one in spent if one[1] is rank]
        assert numbers == sorted(numbers)
