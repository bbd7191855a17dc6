"""The years before the tape: the same for a seed, joining its first bar, told by every service alike."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from tests.clocks import OPENED
from vigie.domain.asset import WATCHED
from vigie.domain.time import DAY_MS
from vigie_sandbox.world import economy
from vigie_sandbox.world.earlier_days import EARLIER_DAYS, all_closes, earlier_closes
from vigie_sandbox.world.economy import FX_FIRST_DAY, euro_rates, euro_rates_between
from vigie_sandbox.world.price_walk import OPEN
from vigie_sandbox.world.world import World


def make_world(seed: int = 7) -> World:
    return World(lambda: 0.0, OPENED, seed=seed, history_days=8, flawless=True, quiet=True)


@pytest.fixture(scope="module")
def world() -> World:
    return make_world()


@pytest.mark.parametrize("symbol", [asset.symbol for asset in WATCHED])
def test_last_earlier_close_is_the_first_price_of_the_tape(world, symbol):
    coin = world.coin_by_symbol[symbol]
    closes = earlier_closes(world, coin)
    assert len(closes) == EARLIER_DAYS >= 8 * 365
    assert closes[-1] == pytest.approx(float(world.tape.hours()[coin.number, OPEN, 0]))
    assert np.all(closes > 0)
    steps = np.abs(np.diff(np.log(closes)))
    if coin.kind == "stablecoin":
        assert np.all(np.abs(closes / closes[-1] - 1) < 0.01)
    else:
        assert 0.1 * coin.profile.sigma_day < np.std(np.diff(np.log(closes))) < coin.profile.sigma_day
        assert steps.max() < 0.5
        assert closes.max() / closes.min() > 3, "eight years hold rises and falls"


def test_days_follow_each_other_and_the_tapes_stay_as_they_are(world):
    coin = world.coin_by_symbol["BTC"]
    days, closes = all_closes(world, coin, world.now_ms())
    assert set(np.diff(days)) == {DAY_MS}
    own_days, own_closes, _ = economy.daily(world, coin, world.now_ms())
    assert days[EARLIER_DAYS:].tolist() == own_days.tolist()
    assert closes[EARLIER_DAYS:].tolist() == own_closes.tolist()


def test_coin_that_nobody_watches_has_no_earlier_years(world):
    coin = next(coin for coin in world.coins if not coin.is_watched)
    days, _ = all_closes(world, coin, world.now_ms())
    assert days[0] == world.tape.first_ms


def test_same_seed_makes_the_same_years_and_another_seed_others(world):
    coin = world.coin_by_symbol["ETH"]
    assert earlier_closes(make_world(), coin).tolist() == earlier_closes(world, coin).tolist()
    other = make_world(8)
    found = earlier_closes(other, other.coin_by_symbol["ETH"])
    shape = np.diff(np.log(earlier_closes(world, coin)))
    assert not np.allclose(np.diff(np.log(found)), shape)


def test_euro_rates_of_known_days_stay_and_earlier_ones_join_them():
    known = euro_rates(7, "USD", FX_FIRST_DAY + 400)
    assert euro_rates_between(7, "USD", FX_FIRST_DAY + 100, FX_FIRST_DAY + 400) == known[100:]
    over = euro_rates_between(7, "USD", FX_FIRST_DAY - 2_000, FX_FIRST_DAY + 400)
    assert over[2_000:] == known
    assert len(over) == 2_401
    assert max(abs(later / before - 1) for before, later in pairwise(over)) < 0.03
    before_all = euro_rates_between(7, "USD", FX_FIRST_DAY - 2_000, FX_FIRST_DAY - 1_990)
    assert before_all == over[:11], "a span does not change what a day had"
