"""The circular shift finds what follows starts, and its p-value is level where nothing does."""

from __future__ import annotations

import math

import numpy as np
import pytest

from vigie.quant.stats.circular_shift import circular_shift_p_value


def test_p_value_when_small_then_as_counted_by_hand():
    values = np.array([0.0, 5.0, 0.0, 1.0])
    # Medians of the starts 1 and 3, moved on by 0 to 3: 3, 0, 3, 0; the middle of them is 1.5.
    assert circular_shift_p_value(values, np.array([1, 3])) == 1.0
    # One start: 5, 0, 1, 0; the middle is 0.5, and only 5 is as far.
    assert circular_shift_p_value(values, np.array([1])) == 0.25
    # Three starts 0, 1, 3: medians of (0, 5, 1), (5, 0, 0), (0, 1, 5), (1, 0, 0).
    assert circular_shift_p_value(values, np.array([0, 1, 3])) == 1.0


@pytest.mark.parametrize("count", [9, 10])
def test_p_value_when_starts_are_followed_by_more_then_small(count):
    values = np.random.default_rng(1).normal(size=1_000)
    starts = np.sort(np.random.default_rng(2).choice(1_000, count, replace=False))
    assert circular_shift_p_value(values, starts) > 0.05
    values[starts] += 3.0
    assert circular_shift_p_value(values, starts) == 1 / 1_000
    values[starts] -= 6.0
    assert circular_shift_p_value(values, starts) == 1 / 1_000


def test_p_value_when_nothing_follows_then_small_as_rarely_as_it_says():
    rng = np.random.default_rng(4)
    p_values = []
    for _ in range(400):
        # Neighbours have much in common, as changes over a month have.
        values = np.convolve(rng.normal(size=1_030), np.ones(31), "valid")
        starts = np.sort(rng.choice(1_000, 12, replace=False))
        p_values.append(circular_shift_p_value(values, starts))
    assert 0.01 < np.mean(np.array(p_values) < 0.05) < 0.09


def test_p_value_when_there_is_nothing_then_unknown():
    assert math.isnan(circular_shift_p_value(np.zeros(0), np.zeros(0, np.int64)))
    assert math.isnan(circular_shift_p_value(np.ones(5), np.zeros(0, np.int64)))
    assert circular_shift_p_value(np.ones(5), np.array([2])) == 1.0
