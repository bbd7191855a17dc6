"""Ticks and lots: the grid point below and above, values that are grid points but for rounding, figures."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.quant.grid import SNAP, coarse_ticks, grid_price, ticks_above, ticks_below, whole_lots

PRICES = st.floats(1e-4, 1e6)
GRIDS = st.tuples(st.integers(1, 50), st.integers(0, 8).map(lambda digits: float(10**digits)))


@given(PRICES, GRIDS, st.sampled_from([0, 3, 5]))
@settings(derandomize=True, deadline=None, max_examples=400)
def test_below_is_not_above_the_price_and_above_not_below_it_but_for_the_snap(price, grid, figures):
    multiple, scale = grid
    unit = coarse_ticks(price, multiple, scale, figures) * multiple / scale
    below = grid_price(ticks_below(price, multiple, scale, figures), multiple, scale)
    above = grid_price(ticks_above(price, multiple, scale, figures), multiple, scale)
    slack = 1.01 * SNAP * unit + 1e-12 * price
    assert below <= price + slack
    assert above >= price - slack
    assert above - below <= unit * (1 + 1e-9) + slack


@given(st.integers(1, 10**7), GRIDS)
@settings(derandomize=True, deadline=None)
def test_a_grid_point_is_itself(number, grid):
    multiple, scale = grid
    price = grid_price(number, multiple, scale)
    assert ticks_below(price, multiple, scale, 0) == number
    assert ticks_above(price, multiple, scale, 0) == number
    assert price == float(Fraction(number * multiple, int(scale)))  # correctly rounded


@given(st.integers(1, 10**6), st.floats(-0.9, 0.9))
@settings(derandomize=True, deadline=None)
def test_within_a_millionth_of_a_tick_is_that_tick(number, share):
    price = (number + share * SNAP) / 10.0
    assert ticks_below(price, 1, 10.0, 0) == number
    assert ticks_above(price, 1, 10.0, 0) == number


def test_further_than_a_millionth_of_a_tick_is_rounded_as_asked():
    assert ticks_below(10.0 - 2e-6 * 0.1, 1, 10.0, 0) == 99
    assert ticks_above(10.0 + 2e-6 * 0.1, 1, 10.0, 0) == 101
    assert ticks_below(10.04, 1, 10.0, 0) == 100
    assert ticks_above(10.04, 1, 10.0, 0) == 101


def test_below_zero_is_rounded_down_and_up_too():
    assert ticks_below(-0.25, 1, 10.0, 0) == -3
    assert ticks_above(-0.25, 1, 10.0, 0) == -2


@pytest.mark.parametrize(
    ("price", "multiple", "scale", "figures", "ticks"),
    [
        (123.456, 1, 1e4, 0, 1),
        (123.456, 1, 1e4, 5, 100),  # 123.46: two decimals
        (99999.0, 1, 1e4, 5, 10_000),
        (123456.0, 1, 1e4, 5, 10_000),  # whole numbers are always allowed
        (1.23456, 1, 1e6, 5, 100),
        (0.0123456, 1, 1e8, 5, 100),
        (0.5, 1, 1e2, 5, 1),  # the tick is coarser than the figures
        (10.0, 1, 1e6, 5, 1_000),
        (9.99999, 1, 1e6, 5, 100),
        (0.0, 1, 1e2, 5, 1),
        (0.99, 5, 1e6, 3, 200),  # 0.000005: so many make 0.001
        (12345.6, 25, 1e2, 5, 4),  # quarters: whole numbers hold five figures
        (12.34, 25, 1e3, 3, 4),  # 0.025: of tenths and fortieths, tenths
        (123.4, 25, 1e2, 4, 2),  # 0.25: of tenths and quarters, halves
        (123.4, 4, 1e2, 4, 5),  # 0.04: of tenths and these, fifths
    ],
)
def test_significant_figures_make_a_coarser_step(price, multiple, scale, figures, ticks):
    assert coarse_ticks(price, multiple, scale, figures) == ticks


@given(st.floats(1e-3, 9e5), st.integers(3, 8), st.sampled_from([1, 2, 5, 25, 4, 7]))
@settings(derandomize=True, deadline=None)
def test_a_price_on_the_grid_has_no_more_figures_than_allowed(price, figures, multiple):
    rounded = grid_price(ticks_below(price, multiple, 1e8, figures), multiple, 1e8)
    integer = math.isclose(rounded, round(rounded), rel_tol=0, abs_tol=1e-9)
    assert integer or float(f"{rounded:.{figures}g}") == pytest.approx(rounded, rel=1e-12)


@pytest.mark.parametrize(
    ("qty", "lots"),
    [(0.3, 3), (0.29999999999, 3), (0.2999, 2), (0.0, 0), (-0.3, 0), (0.09, 0), (1e6, 10_000_000)],
)
def test_lots_are_whole_forgive_rounding_and_are_never_negative(qty, lots):
    assert whole_lots(qty, 1, 10.0) == lots


@given(st.floats(0, 1e6), GRIDS)
@settings(derandomize=True, deadline=None)
def test_lots_never_hold_more_than_the_quantity(qty, grid):
    multiple, scale = grid
    lots = whole_lots(qty, multiple, scale)
    assert grid_price(lots, multiple, scale) <= qty * (1 + 1e-12) + 1.01e-9 * multiple / scale
