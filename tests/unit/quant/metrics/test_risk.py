"""Drawdown with its dates by hand, tails and ulcer index against the reference libraries."""

from __future__ import annotations

import math

import empyrical
import numpy as np
import pytest

from tests.lazily import Lazy
from tests.unit.quant.metrics.test_returns import random_returns
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.quant.metrics.risk import deepest, drawdown_figures, tail_figures, ulcer_index

pd, qs = Lazy("pandas"), Lazy("quantstats.stats")


def drawdown(equity: list[float], capital: float = 100.0) -> tuple[float, ...]:
    ts = HOUR_MS * np.arange(len(equity))
    return drawdown_figures(np.array(equity), ts, capital, HOUR_MS)


@pytest.mark.parametrize("seed", range(8))
def test_tails_of_random_returns_equal_empyrical(seed: int) -> None:
    returns = random_returns(seed)
    var, cvar, ratio = tail_figures(returns)
    assert var == pytest.approx(empyrical.value_at_risk(returns), rel=1e-9)
    assert cvar == pytest.approx(empyrical.conditional_value_at_risk(returns), rel=1e-9)
    assert ratio == pytest.approx(empyrical.tail_ratio(returns), rel=1e-9)


@pytest.mark.parametrize("n", [2, 3, 20, 21, 22, 40, 41])
def test_tails_of_few_returns_equal_empyrical(n: int) -> None:
    returns = np.random.default_rng(n).normal(0, 0.01, n)
    var, cvar, ratio = tail_figures(returns)
    assert var == pytest.approx(empyrical.value_at_risk(returns), rel=1e-9)
    assert cvar == pytest.approx(empyrical.conditional_value_at_risk(returns), rel=1e-9)
    assert ratio == pytest.approx(empyrical.tail_ratio(returns), rel=1e-9)


def test_tails_leave_the_returns_as_they_were() -> None:
    returns = random_returns(1)
    before = returns.copy()
    tail_figures(returns)
    assert np.array_equal(returns, before)


@pytest.mark.parametrize("returns", [[], [0.1], [0.1, math.nan, 0.2]])
def test_tails_of_too_few_or_unknown_returns_are_undefined(returns: list[float]) -> None:
    assert all(math.isnan(value) for value in tail_figures(np.array(returns)))


def test_tail_ratio_without_a_left_tail_is_undefined() -> None:
    var, cvar, ratio = tail_figures(np.zeros(50))
    assert (var, cvar) == (0.0, 0.0)
    assert math.isnan(ratio)


@pytest.mark.parametrize("seed", range(8))
def test_ulcer_index_equals_quantstats(seed: int) -> None:
    returns = random_returns(seed)
    series = pd.Series(returns, index=pd.date_range("2022-01-01", periods=len(returns)))
    assert ulcer_index(returns) == pytest.approx(qs.ulcer_index(series), rel=1e-9)
    assert math.isnan(ulcer_index(returns[:1]))


@pytest.mark.parametrize("seed", range(8))
def test_drawdown_of_random_returns_equals_both_libraries(seed: int) -> None:
    returns = random_returns(seed)
    equity = 100.0 * np.cumprod(1 + returns)
    ts = DAY_MS * np.arange(len(equity))
    depth = drawdown_figures(equity, ts, 100.0, DAY_MS)[0]
    series = pd.Series(returns, index=pd.date_range("2022-01-01", periods=len(returns)))
    assert depth == pytest.approx(empyrical.max_drawdown(returns), rel=1e-9)
    assert depth == pytest.approx(qs.max_drawdown(series), rel=1e-9)
    assert deepest(equity, 100.0) == depth


def test_drawdown_names_peak_trough_and_recovery_closes() -> None:
    depth, start, trough, recovery, duration, longest = drawdown([110, 120, 90, 60, 80, 120, 130])
    assert depth == pytest.approx(-0.5)
    assert (start, trough, recovery) == (2 * HOUR_MS, 4 * HOUR_MS, 6 * HOUR_MS)
    assert duration == longest == 4 * HOUR_MS


def test_drawdown_without_recovery_lasts_to_the_last_close() -> None:
    depth, start, trough, recovery, duration, longest = drawdown([200, 150, 100, 150])
    assert depth == pytest.approx(-0.5)
    assert (start, trough) == (HOUR_MS, 3 * HOUR_MS)
    assert math.isnan(recovery)
    assert duration == longest == 3 * HOUR_MS


def test_drawdown_from_the_capital_starts_at_the_first_open() -> None:
    depth, start, trough, recovery, _, _ = drawdown([90, 80, 100])
    assert depth == pytest.approx(-0.2)
    assert (start, trough, recovery) == (0, 2 * HOUR_MS, 3 * HOUR_MS)


def test_the_longest_fall_need_not_be_the_deepest() -> None:
    depth, start, _, _, duration, longest = drawdown([99, 98, 99, 99, 100, 50, 100])
    assert depth == pytest.approx(-0.5)
    assert start == 5 * HOUR_MS
    assert duration == 2 * HOUR_MS
    assert longest == 5 * HOUR_MS


def test_a_flat_stretch_at_the_peak_is_not_under_water() -> None:
    _, start, _, _, _, longest = drawdown([100, 100, 100, 90, 100])
    assert start == 3 * HOUR_MS
    assert longest == 2 * HOUR_MS


def test_an_account_that_only_rises_has_a_drawdown_of_zero_without_dates() -> None:
    depth, start, trough, recovery, duration, longest = drawdown([100, 101, 102])
    assert depth == 0.0
    assert longest == 0.0
    assert all(math.isnan(value) for value in (start, trough, recovery, duration))


def test_a_ruined_account_fell_by_all_and_more() -> None:
    assert drawdown([120, -12])[0] == pytest.approx(-1.1)
    assert deepest(np.array([120.0, -12.0]), 100.0) == pytest.approx(-1.1)


def test_no_samples_have_no_drawdown() -> None:
    assert all(math.isnan(value) for value in drawdown([]))
    assert math.isnan(deepest(np.empty(0), 100.0))


def plain_drawdown(equity: list[float], capital: float) -> tuple[float, int, int, int, int]:
    """Depth, and the bars of peak, trough and recovery, and the longest time between peaks, bar after bar."""
    n, peak, peak_at, low, low_at = len(equity), capital, -1, capital, -1
    found, longest = (0.0, -1, -1, -1), 0
    for i, value in enumerate([*equity, math.inf]):
        if value >= peak:
            end = min(i, n - 1)
            if low < peak:
                longest = max(longest, end - peak_at)
                if low / peak - 1.0 < found[0]:
                    found = low / peak - 1.0, peak_at, low_at, i
            peak, peak_at, low = value, i, value
        elif value < low:
            low, low_at = value, i
    return *found, longest


@pytest.mark.parametrize("n", [1, 2, 31, 32, 33, 63, 64, 65, 96, 500])
@pytest.mark.parametrize("seed", range(4))
def test_drawdown_in_blocks_equals_one_bar_after_the_other(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    # Long rests at and below the peak: whole blocks in which nothing happens.
    steps = rng.choice([0.0, 0.0, 0.0, 1.0, -1.0], n) * (rng.random(n) < 0.2)
    equity = 50.0 + np.cumsum(steps)
    ts = HOUR_MS * np.arange(n)
    depth, peak_at, low_at, end_at, longest = plain_drawdown(equity.tolist(), 50.0)
    found = drawdown_figures(equity, ts, 50.0, HOUR_MS)
    assert (found[0], found[5]) == (depth, longest * HOUR_MS)
    if depth < 0.0:
        assert (found[1], found[2]) == ((peak_at + 1) * HOUR_MS, (low_at + 1) * HOUR_MS)
        assert math.isnan(found[3]) if end_at == n else found[3] == (end_at + 1) * HOUR_MS
    assert deepest(equity, 50.0) == depth
