"""Looks at positions go on, whatever else is asked in the same minute; an exit finds room at any time."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.clocks import StandingClock
from vigie.adapters.venues.budget import Budget, minute_of
from vigie.adapters.venues.turns import Rank

MOST, LOOK = 1_200, 22
WEIGHTS = {Rank.ENTRY: 5, Rank.FOLLOW: 20, Rank.READ: 20, Rank.PRICES: 45, Rank.HISTORY: 29}
# How often each kind is asked, in seconds: from never to far more than there is room for.
OFTEN = st.fixed_dictionaries({rank: st.sampled_from([0.2, 1.0, 5.0, 600.0]) for rank in list(WEIGHTS)[1:]})
# Of fills each second, states of orders, prices and bars, as a bar with five entries has it; and the worst.
HECTIC = {Rank.FOLLOW: 0.5, Rank.READ: 10.0, Rank.PRICES: 30.0, Rank.HISTORY: 12.0}
WORST = dict.fromkeys(HECTIC, 0.2)


def minutes_of(often, minutes=2):
    """Let a shield look while everything else is asked; return its looks, what was spent, and waits of exits."""
    clock = StandingClock()
    minute = minute_of(clock, "https://venue", MOST, trades=True)
    looks, spent, waited = [], [], []

    async def asking(rank, every_s):
        budget = Budget(clock, minute)
        while True:
            await budget.spend(WEIGHTS[rank], rank)
            spent.append((clock.now, WEIGHTS[rank]))
            await clock.pause(every_s)

    account = Budget(clock, minute)

    async def look():
        await account.spend(2, Rank.LOOK)
        await account.spend(LOOK - 2, Rank.LOOK)
        spent.append((clock.now, LOOK))
        looks.append(clock.now)

    async def shield():
        while True:
            await look()
            await clock.pause(max(account.look_in_s(LOOK), 0.5))

    async def exits():
        while True:
            await clock.pause(7.0)
            asked = clock.now
            for weight in (2, 2, 2, 1):
                await account.spend(weight, Rank.EXIT)
            spent.append((clock.now, 7))
            waited.append(clock.now - asked)

    async def story():
        others = [asyncio.ensure_future(asking(*one)) for one in often.items()]
        await clock.advance(30.0)
        mine = [asyncio.ensure_future(one()) for one in (shield, exits)]
        await clock.advance(60.0 * minutes)
        for one in (*others, *mine):
            one.cancel()
        await asyncio.gather(*others, *mine, return_exceptions=True)

    asyncio.run(story())
    return looks, spent, waited


def longest_s(looks):
    return max(later - now for now, later in pairwise(looks)) / 1_000


@settings(max_examples=8, deadline=None)
@given(often=OFTEN)
def test_a_shield_is_never_blind_for_long_and_an_exit_never_waits(often):
    looks, spent, waited = minutes_of(often)
    assert longest_s(looks) <= 6.0
    assert max(waited) == 0
    for ts, _ in spent:
        assert sum(weight for at, weight in spent if ts - 60_000 < at <= ts) <= MOST


@pytest.mark.parametrize(("often", "most_s"), [({}, 2.0), (HECTIC, 4.0), (WORST, 4.0)])
def test_how_long_a_shield_sees_nothing(often, most_s):
    looks, _, _ = minutes_of(often)
    print(f"{often}: {longest_s(looks)} s, {len(looks)} looks in two minutes")
    assert longest_s(looks) <= most_s
    assert looks[2] - looks[0] <= 1_000, "the first ones come as they are wanted"


def test_all_that_asks_one_address_shares_one_minute():
    clock = StandingClock()
    account = minute_of(clock, "https://venue/info", 100, trades=True)
    prices = minute_of(clock, "https://venue", 100)
    elsewhere = minute_of(clock, "https://test.venue", 100)
    assert account.take(30, Rank.EXIT) == 0
    assert (prices.left(), elsewhere.left()) == (70, 100)


def test_where_nobody_trades_prices_and_history_have_nearly_all_of_it():
    clock = StandingClock()
    minute = minute_of(clock, "https://venue", 100)
    assert minute.take(80, Rank.HISTORY) == 0
    assert minute.take(10, Rank.HISTORY) > 0
    assert minute.take(10, Rank.PRICES) == 0
