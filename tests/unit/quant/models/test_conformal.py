"""Intervals hold what comes as often as they say, whatever the score is worth; too few rows give no bound."""

from __future__ import annotations

import numpy as np
import pytest

from vigie.quant.models.calibration import probabilities
from vigie.quant.models.conformal import fit_conformal

COUNT = 4_000


def drawn(seed: int, worth: float):
    random = np.random.default_rng(seed)
    scores = random.normal(size=COUNT)
    target = (random.random(COUNT) < probabilities(worth * scores)).astype(float)
    returns = 0.01 * worth * scores + 0.02 * random.standard_t(3, size=COUNT)
    return scores, target, returns


def bounds_of(seed: int, worth: float, level: float = 0.9):
    scores, target, returns = drawn(seed, worth)
    halves = np.array_split(np.arange(COUNT), 2)
    return fit_conformal(
        scores, target, returns, np.ones(COUNT), older=halves[0], newer=halves[1], level=level
    )


@pytest.mark.parametrize("worth", [-1.0, 0.0, 2.0])
@pytest.mark.parametrize("level", [0.8, 0.9, 0.95])
def test_fresh_rows_lie_inside_as_often_as_the_level_says(worth, level):
    inside, possible = [], []
    for seed in range(10):
        bounds = bounds_of(seed, worth, level)
        scores, target, returns = drawn(seed + 500, worth)
        low, high = bounds.returns(scores)
        inside.append(np.mean((low <= returns) & (returns <= high)))
        may, may_not = bounds.outcomes(scores)
        possible.append(np.mean(np.where(target == 1.0, may, may_not)))
    # Ten times 2,000 rows set the bound: its own share has a deviation of 0.003 or less.
    assert np.mean(inside) == pytest.approx(level, abs=0.012)
    # Scores that are worth nothing give one figure of log-odds: then both outcomes are possible, or one.
    assert np.mean(possible) >= level - 0.012


def test_a_score_that_says_much_leaves_one_outcome_more_often():
    def single(worth):
        may, may_not = bounds_of(1, worth).outcomes(drawn(2, worth)[0])
        return np.mean(may != may_not)

    assert single(8.0) > single(1.0) + 0.3


def test_the_interval_is_the_line_of_the_older_rows_and_the_misses_of_the_newer():
    scores = np.array([0.0, 1.0, 2.0, 3.0] * 10)
    returns = np.concatenate([0.5 * scores[:20], 0.5 * scores[20:] + np.arange(20) * 0.01])
    target = (np.arange(40) % 2).astype(float)
    older, newer = np.arange(20), np.arange(20, 40)
    bounds = fit_conformal(scores, target, returns, np.ones(40), older=older, newer=newer, level=0.9)
    low, high = bounds.returns(scores)
    assert (low + high) / 2 == pytest.approx(0.5 * scores, abs=1e-12)
    # The 19th of 20 misses: 0.9 of 21.
    assert bounds.reach == pytest.approx(0.18)


def test_rows_too_few_for_a_level_give_no_bound_and_unknown_returns_no_interval():
    scores, target, returns = drawn(1, 1.0)
    few = fit_conformal(
        scores, target, returns, np.ones(COUNT), older=np.arange(100), newer=np.arange(100, 108)
    )
    assert (few.margin, few.reach) == (np.inf, np.inf)
    assert all(part.all() for part in few.outcomes(scores))
    unknown = fit_conformal(
        scores,
        target,
        np.full(COUNT, np.nan),
        np.ones(COUNT),
        older=np.arange(100),
        newer=np.arange(100, 300),
    )
    assert unknown.reach == np.inf
    assert np.isfinite(unknown.margin)
