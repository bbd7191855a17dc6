"""Autocorrelation, mutual information and stability of series whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.quant.stats.drawn_series import filtered, noise
from vigie.domain.errors import UsageError
from vigie.quant.stats.dependence import (
    autocorrelation,
    information_by_chance,
    mutual_information,
    quantile_bins,
)
from vigie.quant.stats.stability import stability_index

DICE = np.random.default_rng(3)
NORMAL = DICE.normal(size=20_000)
OTHER = DICE.normal(size=20_000)


def test_autocorrelation_when_of_an_autoregression_then_its_weight():
    series = filtered(NORMAL, 0.7)
    assert autocorrelation(series, 1) == pytest.approx(0.7, abs=0.02)
    assert autocorrelation(series, 2) == pytest.approx(0.49, abs=0.03)
    series[::50] = np.nan
    assert autocorrelation(series, 1) == pytest.approx(0.7, abs=0.02)


def test_autocorrelation_when_it_says_nothing_then_none_and_a_wrong_lag_is_refused():
    assert autocorrelation(np.full(50, 2.0), 1) is None
    assert autocorrelation([1.0, 2.0, 3.0], 2) is None
    assert autocorrelation(np.tile([1.0, -1.0], 20), 1) == pytest.approx(-1.0)
    with pytest.raises(UsageError, match="lag must be >= 1, was 0"):
        autocorrelation(NORMAL, 0)


def test_bins_when_values_are_distinct_then_equally_many_and_equal_values_share_one():
    assert np.bincount(quantile_bins(np.arange(100.0), 10)).tolist() == [10] * 10
    assert set(quantile_bins(np.repeat([0.0, 1.0], 30), 10).tolist()) == {0, 1}
    assert quantile_bins(np.full(20, 5.0), 10).tolist() == [0] * 20


def test_information_when_of_two_normals_then_near_the_formula():
    correlated = 0.8 * NORMAL + np.sqrt(1.0 - 0.64) * OTHER
    # -ln(1 - 0.8^2) / 2 = 0.511; bins keep nearly all of it.
    assert mutual_information(NORMAL, correlated, 40) == pytest.approx(0.511, abs=0.03)
    assert mutual_information(NORMAL, NORMAL) == pytest.approx(np.log(10.0), abs=0.01)


def test_information_when_two_have_nothing_to_do_with_each_other_then_not_above_chance():
    above = 0
    for seed in range(1, 41):
        # Both wander, as columns and overlapping labels do: plain tables of chance would cry wolf.
        first, second = filtered(noise(1_500, seed), 0.9), filtered(noise(1_500, 1_000 + seed), 0.9)
        above += mutual_information(first, second) > information_by_chance(first, second)
    assert above <= 6
    linked = 0.3 * NORMAL + OTHER
    assert mutual_information(NORMAL, linked) > information_by_chance(NORMAL, linked)


def test_information_when_too_few_pairs_are_known_then_none():
    few = np.where(np.arange(200) < 120, np.nan, 1.0 * np.arange(200))
    assert mutual_information(few, np.arange(200.0)) is None
    assert information_by_chance(few, np.arange(200.0)) is None


def test_stability_when_a_distribution_moves_then_it_grows():
    first, second = NORMAL[:10_000], NORMAL[10_000:]
    assert stability_index(first, second) < 0.01
    assert 0.1 < stability_index(first, second + 0.5) < 0.5
    assert stability_index(first, second + 30.0) > 2.0
    # Shares by hand: half and half against a quarter and three quarters.
    before, after = np.repeat([0.0, 1.0], 100), np.repeat([0.0, 1.0, 1.0, 1.0], 50)
    assert stability_index(before, after, 2) == pytest.approx(
        (0.25 - 0.5) * np.log(0.5) + (0.75 - 0.5) * np.log(1.5)
    )
    assert stability_index(first[:50], second) is None
