from __future__ import annotations

import numpy as np
import pytest

from tests.unit.data.material import START, make_bars
from vigie.data.asof import add_feature, align
from vigie.domain.errors import DataError

HOUR = 3_600_000


def test_last_value_known_by_the_close_and_nothing_later():
    known = np.array([10, 20, 20, 30], dtype=np.int64)
    value = np.array([1.0, 2.0, 3.0, 4.0])
    closes = np.array([5, 10, 19, 20, 29, 35], dtype=np.int64)
    assert align(known, value, closes).tolist()[1:] == [1.0, 1.0, 3.0, 3.0, 4.0]
    assert np.isnan(align(known, value, closes)[0])


def test_cutting_the_series_never_changes_the_past():
    dice = np.random.default_rng(3)
    known = np.sort(dice.integers(0, 1_000, 200))
    value = dice.normal(size=200)
    closes = np.arange(0, 1_000, 7)
    whole = align(known, value, closes)
    for cut in (1, 50, 133):
        past = closes < known[cut]
        np.testing.assert_array_equal(align(known[:cut], value[:cut], closes[past]), whole[past])


def test_funding_settled_at_a_close_is_known_to_that_bar():
    bars = add_feature(make_bars(4), "funding_rate", np.array([START + 2 * HOUR]), np.array([1e-4]))
    got = bars.feature("funding_rate")
    assert np.isnan(got[0])
    assert got[1:].tolist() == [1e-4] * 3
    assert np.isnan(bars.feature("other")).all()


def test_series_out_of_order_or_of_unequal_length_is_refused():
    with pytest.raises(DataError, match="ts_known must be ascending"):
        align(np.array([2, 1]), np.array([1.0, 2.0]), np.array([3]))
    with pytest.raises(DataError, match="value must have 2 entries like ts_known, had 1"):
        align(np.array([1, 2]), np.array([1.0]), np.array([3]))


def test_no_values_mean_not_known():
    assert np.isnan(align(np.array([], dtype=np.int64), np.array([]), np.array([3]))).all()
