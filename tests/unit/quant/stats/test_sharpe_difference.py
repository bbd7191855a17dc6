"""The difference of two Sharpe ratios: equal to its definition, paired, and inside its interval as often as it says."""

from __future__ import annotations

import numpy as np
import pytest

from vigie.quant.stats.bootstrap import sharpe_difference, usual_block


def pair(seed, n=600, ahead=0.0, common=1.0):
    random = np.random.default_rng(seed)
    market = random.normal(size=n) * 0.01
    own = common * market + random.normal(size=n) * 0.004 + ahead
    return own, market


def ratio(returns):
    return np.sqrt(365.0) * returns.mean() / returns.std(ddof=1)


def test_it_equals_its_definition_on_the_same_draws():
    own, market = pair(1)
    told = sharpe_difference(own, market, seed=5, samples=50)
    random, n, chance = np.random.default_rng(5), len(own), 1.0 / usual_block(len(own))
    differences = []
    for _ in range(50):
        starts, draws = random.integers(0, n, n), random.random(n)
        index = [starts[0]]
        for t in range(1, n):
            index.append(starts[t] if draws[t] < chance else (index[-1] + 1) % n)
        differences.append(ratio(own[index]) - ratio(market[index]))
    assert told.value == pytest.approx(ratio(own) - ratio(market), rel=1e-9)
    assert (told.interval.low, told.interval.high) == pytest.approx(
        np.quantile(differences, [0.025, 0.975]), rel=1e-9
    )


def test_an_account_that_is_the_market_in_part_differs_by_nothing():
    _, market = pair(2)
    for own in (market, 0.3 * market):
        told = sharpe_difference(own, market, seed=0)
        assert (told.value, told.interval.low, told.interval.high) == pytest.approx((0.0, 0.0, 0.0), abs=1e-9)


def test_what_moves_both_at_once_cancels_out():
    own, market = pair(3)
    alone = np.random.default_rng(4).normal(size=len(own)) * 0.01
    paired, apart = (sharpe_difference(own, other, seed=0).interval for other in (market, alone))
    assert paired.high - paired.low < 0.6 * (apart.high - apart.low)


def test_of_equal_pairs_few_are_called_better():
    called = 0
    for seed in range(200):
        random = np.random.default_rng(1_000 + seed)
        own, market = random.normal(0.0005, 0.01, (2, 400))
        called += sharpe_difference(own, market, seed=seed, samples=300).interval.low > 0.0
    # 2.5 % are expected; a percentile interval is a little too narrow.
    assert called <= 12


def test_a_better_one_is_found():
    own, market = pair(6, ahead=0.002)
    assert sharpe_difference(own, market, seed=0).interval.low > 0.0


def test_what_is_not_known_in_one_is_left_out_of_both():
    own, market = pair(7)
    with_gap = own.copy()
    with_gap[10:20] = np.nan
    kept = np.r_[0:10, 20 : len(own)]
    assert sharpe_difference(with_gap, market, seed=0) == sharpe_difference(own[kept], market[kept], seed=0)


@pytest.mark.parametrize("length", [0, 1, 50])
def test_without_variation_nothing_is_said(length):
    told = sharpe_difference(np.zeros(length), np.linspace(-0.01, 0.01, length), seed=0)
    assert np.isnan([told.value, told.interval.low, told.interval.high]).all()
