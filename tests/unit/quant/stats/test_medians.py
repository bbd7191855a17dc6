"""Intervals of medians hold as often as they say; random starts keep their distance."""

from __future__ import annotations

import math

import numpy as np
import pytest

from vigie.domain.errors import UsageError
from vigie.quant.stats.medians import median_interval, random_start_medians


@pytest.mark.parametrize(("count", "low", "high"), [(6, 1, 6), (10, 2, 9), (20, 6, 15), (30, 10, 21)])
def test_interval_when_values_are_ranks_then_those_of_the_table(count, low, high):
    # Conover (1999), table A3: order statistics of the 95 % interval of a median.
    interval = median_interval(np.random.default_rng(0).permutation(count) + 1.0)
    assert (interval.low, interval.high) == (low, high)


def test_interval_when_too_few_then_unknown():
    for count in range(6):
        assert math.isnan(median_interval(np.arange(float(count))).low)


def test_interval_when_drawn_often_then_holds_the_median():
    rng = np.random.default_rng(1)
    held = 0
    for _ in range(2_000):
        interval = median_interval(rng.standard_t(2, 14))
        held += interval.low <= 0.0 <= interval.high
    assert 0.95 <= held / 2_000 <= 0.995


def test_random_starts_when_values_are_places_then_apart_and_anywhere():
    places = np.arange(100.0)
    medians = random_start_medians(places, 1, 30, seed=1, samples=5_000)
    assert (medians.min(), medians.max()) == (0.0, 99.0)
    assert abs(medians.mean() - 49.5) < 1.5
    two = random_start_medians(places, 2, 99, seed=1)
    assert set(two.tolist()) == {49.5}
    np.testing.assert_array_equal(
        random_start_medians(places, 3, 10, seed=4), random_start_medians(places, 3, 10, seed=4)
    )


def test_random_starts_when_they_do_not_fit_then_refused():
    with pytest.raises(UsageError, match="2 starts 100 apart must fit into 100 places"):
        random_start_medians(np.zeros(100), 2, 100, seed=1)
    with pytest.raises(UsageError, match="0 starts"):
        random_start_medians(np.zeros(100), 0, 1, seed=1)
