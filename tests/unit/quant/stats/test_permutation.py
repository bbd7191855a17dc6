"""Shuffled bars keep what they must; the p-value tells a rule that sees from one that guesses."""

from __future__ import annotations

import math

import numpy as np
import pytest

from vigie.domain.bar import Bars
from vigie.domain.errors import DataError, UsageError
from vigie.domain.time import DAY_MS
from vigie.quant.stats.permutation import permutation_test, shuffled_bars


def bars(n: int = 300, seed: int = 0, trend: float = 0.0) -> Bars:
    rng = np.random.default_rng(seed)
    moves = np.zeros(n)
    for t in range(1, n):
        moves[t] = trend * moves[t - 1] + rng.normal(0, 0.02)
    close = 100 * np.exp(np.cumsum(moves))
    open_ = np.concatenate(([100.0], close[:-1])) * np.exp(rng.normal(0, 0.002, n))
    high = np.maximum(open_, close) * np.exp(np.abs(rng.normal(0, 0.01, n)))
    low = np.minimum(open_, close) * np.exp(-np.abs(rng.normal(0, 0.01, n)))
    funding = {"funding_rate": rng.normal(0, 1e-4, n)}
    return Bars(
        "btc-usdt-perp",
        DAY_MS,
        DAY_MS * np.arange(n),
        open_,
        high,
        low,
        close,
        rng.uniform(1, 9, n),
        "",
        funding,
    )


def follow_the_last_move(history: Bars) -> float:
    moves = np.diff(np.log(history.close))
    return float((np.sign(moves[:-1]) * moves[1:]).mean())


def test_shuffled_bars_are_bars_with_the_same_shapes_and_gaps() -> None:
    real = bars()
    other = shuffled_bars(real, np.random.default_rng(1))
    assert (other.high >= np.maximum(other.open, other.close)).all()
    assert (other.low <= np.minimum(other.open, other.close)).all()
    for part in (
        lambda b: np.log(b.close / b.open)[1:],
        lambda b: np.log(b.high / b.open)[1:],
        lambda b: np.log(b.low / b.open)[1:],
        lambda b: np.log(b.open[1:] / b.close[:-1]),
        lambda b: b.volume[1:],
    ):
        assert np.sort(part(other)) == pytest.approx(np.sort(part(real)), abs=1e-12)
    assert other.close[-1] == pytest.approx(real.close[-1], rel=1e-9)
    assert not np.allclose(other.close[1:-1], real.close[1:-1])


def test_a_bar_keeps_its_own_shape_and_volume() -> None:
    real = bars()
    other = shuffled_bars(real, np.random.default_rng(1))
    shape = {
        round(float(v), 12): float(h / o) for v, h, o in zip(real.volume, real.high, real.open, strict=True)
    }
    for k in range(1, len(other)):
        assert other.high[k] / other.open[k] == pytest.approx(
            shape[round(float(other.volume[k]), 12)], rel=1e-12
        )


def test_times_features_and_the_warm_up_stay_in_place() -> None:
    real = bars()
    other = shuffled_bars(real, np.random.default_rng(1), start=50)
    assert np.array_equal(other.ts, real.ts)
    assert other.features is real.features
    assert np.array_equal(other.close[:50], real.close[:50])
    assert np.array_equal(other.high[:50], real.high[:50])
    assert not np.allclose(other.close[50:-1], real.close[50:-1])


def test_shuffled_bars_do_not_remember_indicators_of_the_real_ones() -> None:
    real = bars()
    real.of(np.cumsum, real.close)
    assert not shuffled_bars(real, np.random.default_rng(1))._memo


def test_too_short_a_history_stays_and_bad_prices_are_refused() -> None:
    short = bars(2)
    assert np.array_equal(shuffled_bars(short, np.random.default_rng(1)).close, short.close)
    broken = bars()
    broken.low[3] = 0.0
    with pytest.raises(DataError, match="prices must be > 0"):
        shuffled_bars(broken, np.random.default_rng(1))
    with pytest.raises(UsageError, match="start must be >= 1"):
        shuffled_bars(short, np.random.default_rng(1), start=0)


def test_a_rule_that_sees_a_real_pattern_has_the_smallest_p_value() -> None:
    outcome = permutation_test(follow_the_last_move, bars(trend=0.4), permutations=99, seed=3)
    assert outcome.p_value == pytest.approx(0.01)
    assert outcome.samples == 99


def test_p_values_of_a_rule_without_a_pattern_are_spread_evenly() -> None:
    found = [
        permutation_test(follow_the_last_move, bars(seed=k), permutations=19, seed=k).p_value
        for k in range(80)
    ]
    assert np.mean(found) == pytest.approx(0.525, abs=0.09)
    assert np.mean(np.array(found) <= 0.25) == pytest.approx(0.25, abs=0.13)


def test_histories_without_a_statistic_are_left_out() -> None:
    real = bars()
    calls = iter([1.0, math.nan, 0.5, 2.0])
    outcome = permutation_test(lambda _: next(calls), real, permutations=3, seed=1)
    assert (outcome.samples, outcome.p_value) == (2, pytest.approx(2 / 3))
    nothing = permutation_test(lambda _: math.nan, real, permutations=3, seed=1)
    assert math.isnan(nothing.p_value)


def test_progress_is_told_and_the_seed_decides() -> None:
    told: list[int] = []
    one = permutation_test(follow_the_last_move, bars(), permutations=5, seed=1, progress=told.append)
    two = permutation_test(follow_the_last_move, bars(), permutations=5, seed=1)
    assert told == [1, 2, 3, 4, 5]
    assert np.array_equal(one.statistics, two.statistics)
    with pytest.raises(UsageError, match="permutations must be >= 1"):
        permutation_test(follow_the_last_move, bars(), permutations=0, seed=1)
