"""Looking back: what lies before the first bar is false, or not known; nothing looks forward."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vigie.quant.rolling import all_known_before, any_before, begins, previous, previous_holds

NAN = float("nan")
TRUTHS = arrays(np.bool_, st.integers(0, 12))


def test_the_bar_before_the_first_is_not_known():
    assert np.isnan(previous(np.array([1.0, 2.0, 3.0]))[0])
    assert previous(np.array([1.0, 2.0, 3.0]))[1:].tolist() == [1.0, 2.0]
    assert previous(np.array([])).tolist() == []


def test_holding_at_the_bar_before():
    assert previous_holds(np.array([True, False, True])).tolist() == [False, True, False]
    assert previous_holds(np.array([], np.bool_)).tolist() == []


@given(TRUTHS, st.integers(1, 6))
@settings(derandomize=True, deadline=None)
def test_any_of_the_bars_before_leaves_this_one_out(holds, bars):
    expected = [any(holds[max(0, i - bars) : i]) for i in range(len(holds))]
    assert any_before(holds, bars).tolist() == expected


@given(arrays(np.float64, st.integers(0, 12), elements=st.sampled_from([1.0, NAN])), st.integers(1, 5))
@settings(derandomize=True, deadline=None)
def test_all_known_before_needs_that_many_bars(values, bars):
    known = ~np.isnan(values)
    expected = [i >= bars and bool(known[i - bars : i].all()) for i in range(len(values))]
    assert all_known_before(values, bars).tolist() == expected


def test_a_beginning_needs_a_bar_before_that_was_known_not_to_hold():
    holds = np.array([True, True, False, True, True])
    known = np.array([True, True, True, True, True])
    assert begins(holds, known).tolist() == [False, False, False, True, False]
    known[2] = False
    assert begins(holds, known).tolist() == [False] * 5


@pytest.mark.parametrize("cut", [1, 4, 7])
def test_a_cut_history_says_the_same(cut):
    holds = np.array([False, True, True, False, True, False, False, True])
    values = np.where(holds, 1.0, NAN)
    for function, series in ((previous_holds, holds), (lambda h: any_before(h, 2), holds),
                             (lambda v: all_known_before(v, 2), values)):  # fmt: skip
        assert function(series)[:cut].tolist() == function(series[:cut]).tolist()
