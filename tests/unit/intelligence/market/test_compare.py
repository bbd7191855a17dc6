"""Series on one chart share their times, and their base."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.intelligence.market.material import START, bars
from vigie.domain.errors import UsageError
from vigie.domain.time import DAY_MS
from vigie.intelligence.market.compare import TimeSeries, compare, series_of_bars

NAN = float("nan")


def series(name, ts, values):
    """Return a small series."""
    return TimeSeries(name, np.array(ts, dtype=np.int64), np.array(values, dtype=np.float64))


A = series("a", [1, 2, 3, 4], [10.0, 20.0, 30.0, 40.0])
B = series("b", [2, 3, 4, 5], [5.0, NAN, 10.0, 20.0])


def test_series_are_rebased_at_their_first_common_time():
    found = compare([A, B])
    assert found.ts.tolist() == [2, 4]
    assert found.values.tolist() == [[100.0, 200.0], [100.0, 200.0]]
    assert found.bases == (20.0, 5.0)
    assert found.changes == (1.0, 1.0)


def test_absolute_values_stay_as_they_are():
    assert compare([A, B], mode="absolute").values.tolist() == [[20.0, 40.0], [5.0, 10.0]]


def test_a_start_moves_the_base():
    found = compare([A], start=3)
    assert found.ts.tolist() == [3, 4]
    assert found.bases == (30.0,)
    assert compare([A], end=2).ts.tolist() == [1, 2]


def test_nothing_in_common_is_an_empty_comparison():
    found = compare([A, series("c", [9], [1.0])])
    assert found.values.shape == (2, 0)
    assert np.isnan(found.bases).all()


def test_closes_of_bars_stand_at_their_closing_times():
    found = series_of_bars("x", bars([1.0, 2.0]))
    assert found.ts.tolist() == [START + DAY_MS, START + 2 * DAY_MS]
    assert found.values.tolist() == [1.0, 2.0]


def test_a_base_of_zero_is_refused_by_name():
    zero = series("z", [1, 2], [0.0, 5.0])
    with pytest.raises(UsageError, match=r"first value of z must be above 0 to be rebased, was 0\.0"):
        compare([A, zero])
    assert np.isnan(compare([series("z", [1], [0.0])], mode="absolute").changes).all()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ([], "give 1 to 8 series, were 0"),
        ([series(str(k), [1], [1.0]) for k in range(9)], "were 9"),
        ([A, A], "series must be different"),
    ],
)
def test_too_many_too_few_or_equal_are_refused(given, words):
    with pytest.raises(UsageError, match=words):
        compare(given)


def test_eight_series_are_accepted():
    assert compare([series(str(k), [1], [k + 1.0]) for k in range(8)]).values.shape == (8, 1)


def test_times_must_fit_and_ascend():
    with pytest.raises(UsageError, match="as many values as times"):
        series("a", [1, 2], [1.0])
    with pytest.raises(UsageError, match="times of a must ascend"):
        series("a", [2, 2], [1.0, 2.0])
    with pytest.raises(UsageError, match="mode must be one of"):
        compare([A], mode="log")
