"""A calendar without holes, and what of other series was known at each close."""

from __future__ import annotations

import numpy as np
import pytest

from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.intelligence.valuation.daily_history import daily_history, known_at, mean_of_day

NAN = float("nan")
CLOSES = np.array([1, 2, 3, 4, 5, 6, 7], np.int64) * DAY_MS


def test_history_when_days_are_missing_then_carried_and_marked():
    history = daily_history(
        np.array([10, 11, 14]),
        np.array([1.0, 2.0, 3.0]),
        np.array([1.5, 2.5, 3.5]),
        np.array([0.5, 1.5, 2.5]),
    )
    assert history.days.tolist() == [10, 11, 12, 13, 14]
    assert history.close.tolist() == [1.0, 2.0, 2.0, 2.0, 3.0]
    assert history.is_carried.tolist() == [False, False, True, True, False]
    np.testing.assert_array_equal(history.high, [1.5, 2.5, NAN, NAN, 3.5])
    np.testing.assert_array_equal(history.low, [0.5, 1.5, NAN, NAN, 2.5])
    assert history.close_times()[0] == 11 * DAY_MS


def test_history_when_a_price_is_none_then_that_day_has_none():
    history = daily_history(np.arange(5), np.array([NAN, 2.0, 0.0, -1.0, np.inf]))
    assert history.days.tolist() == [1]
    history = daily_history(np.arange(3), np.array([NAN, 0.0, -1.0]))
    assert len(history) == 0


def test_known_at_when_values_come_late_then_never_before_and_three_days_at_most():
    ts = np.array([DAY_MS + HOUR_MS, 2 * DAY_MS], np.int64)
    known = known_at(CLOSES, ts, np.array([7.0, 8.0]))
    np.testing.assert_array_equal(known, [NAN, 8.0, 8.0, 8.0, 8.0, NAN, NAN])
    assert np.isnan(known_at(CLOSES, ts[:0], np.zeros(0))).all()


@pytest.mark.parametrize("settlements", [3, 6])
def test_mean_of_day_when_rates_settle_then_those_of_the_day_that_ends_there(settlements):
    step = DAY_MS // settlements
    ts = np.arange(1, 2 * settlements + 1, dtype=np.int64) * step
    values = np.arange(1, 2 * settlements + 1, dtype=np.float64)
    means = mean_of_day(CLOSES, ts, values)
    first, second = values[:settlements].mean(), values[settlements:].mean()
    np.testing.assert_allclose(means, [first, second, NAN, NAN, NAN, NAN, NAN])
