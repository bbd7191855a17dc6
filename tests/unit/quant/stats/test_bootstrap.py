"""The stationary bootstrap against a plain twin, its coverage, and its refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest

from vigie.domain.errors import UsageError
from vigie.quant.stats.bootstrap import bootstrap_intervals, usual_block


def plain_twin(returns: np.ndarray, seed: int, samples: int, block: float) -> tuple[list[float], list[float]]:
    rng = np.random.default_rng(seed)
    n = len(returns)
    sharpes, depths = [], []
    for _ in range(samples):
        fresh, chance = rng.integers(0, n, n), rng.random(n)
        order = [int(fresh[0])]
        for t in range(1, n):
            order.append(int(fresh[t]) if chance[t] < 1 / block else (order[-1] + 1) % n)
        drawn = returns[order]
        wealth = np.concatenate(([1.0], np.cumprod(1 + drawn)))
        sharpes.append(drawn.mean() / drawn.std(ddof=1) * math.sqrt(365))
        depths.append((wealth / np.maximum.accumulate(wealth) - 1).min())
    return sharpes, depths


def test_intervals_equal_the_plain_twin() -> None:
    returns = np.random.default_rng(2).normal(0.001, 0.02, 90)
    ours = bootstrap_intervals(returns, seed=11, samples=60, block_periods=5, confidence=0.9)
    sharpes, depths = plain_twin(returns, 11, 60, 5)
    assert (ours.sharpe.low, ours.sharpe.high) == pytest.approx(np.quantile(sharpes, [0.05, 0.95]), rel=1e-9)
    assert (ours.max_drawdown.low, ours.max_drawdown.high) == pytest.approx(
        np.quantile(depths, [0.05, 0.95]), rel=1e-9
    )


def test_the_same_seed_gives_the_same_interval_and_another_seed_another() -> None:
    returns = np.random.default_rng(2).normal(0.001, 0.02, 300)
    one, two, three = (bootstrap_intervals(returns, seed=seed, samples=200) for seed in (1, 1, 2))
    assert one == two
    assert one.sharpe != three.sharpe


def test_intervals_of_white_noise_cover_the_truth_about_as_often_as_they_say() -> None:
    true = 0.05
    covered = 0
    for k in range(250):
        returns = np.random.default_rng([8, k]).normal(true, 1.0, 250) / 100
        interval = bootstrap_intervals(
            returns, seed=k, samples=250, periods_per_year=1.0, confidence=0.9
        ).sharpe
        covered += interval.low <= true <= interval.high
    assert covered / 250 == pytest.approx(0.9, abs=0.05)


def test_longer_blocks_widen_the_interval_of_returns_that_trend() -> None:
    rng = np.random.default_rng(4)
    noise = rng.normal(0, 0.01, 1_000)
    returns = noise.copy()
    for t in range(1, 1_000):
        returns[t] += 0.7 * returns[t - 1]
    widths = [
        (lambda i: i.high - i.low)(bootstrap_intervals(returns, seed=1, samples=400, block_periods=b).sharpe)
        for b in (1, 20)
    ]
    assert widths[1] > 1.5 * widths[0]


@pytest.mark.parametrize("returns", [[], [0.01], [math.nan, 0.01]])
def test_too_few_returns_have_no_interval(returns: list[float]) -> None:
    ours = bootstrap_intervals(np.array(returns), seed=1)
    assert math.isnan(ours.sharpe.low)
    assert ours.samples == 0


def test_returns_without_variation_have_no_sharpe_but_a_drawdown() -> None:
    ours = bootstrap_intervals(np.zeros(50), seed=1, samples=20)
    assert math.isnan(ours.sharpe.low)
    assert (ours.max_drawdown.low, ours.max_drawdown.high) == (0.0, 0.0)


def test_blocks_grow_with_the_cube_root() -> None:
    assert [usual_block(n) for n in (1, 27, 1_000)] == [1.0, 3.0, 10.0]


@pytest.mark.parametrize("wrong", [{"confidence": 1.0}, {"samples": 0}, {"block_periods": 0.5}])
def test_parameters_out_of_range_are_refused(wrong: dict) -> None:
    with pytest.raises(UsageError, match="must be"):
        bootstrap_intervals(np.zeros(50), seed=1, **wrong)
