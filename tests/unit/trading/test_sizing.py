"""Levels and quantity of an entry: by hand, and what holds for every entry."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from vigie.domain import codes
from vigie.quant.grid import grid_price
from vigie.trading import sizing


def refusal(**changes: float) -> tuple[int, float, float]:
    given = {"side": 1, "equity": 10_000.0, "close": 100.0, "stop": 95.0, "target": 110.0, "tick": 0.1,
             "leverage": 5.0, "maintenance_rate": 0.005, **changes}  # fmt: skip
    return sizing.level_refusal(*given.values())


def test_the_stop_is_rounded_away_from_the_close_and_the_target_towards_it():
    assert sizing.stop_ticks(1, 100.0, 4.03, 1, 10.0, 0) == 959  # 95.97 down
    assert sizing.stop_ticks(-1, 100.0, 4.03, 1, 10.0, 0) == 1041
    assert sizing.target_ticks(1, 100.0, 6.07, 1, 10.0, 0) == 1060
    assert sizing.target_ticks(-1, 100.0, 6.07, 1, 10.0, 0) == 940


@given(st.sampled_from([1, -1]), st.floats(1, 1e5), st.floats(1e-3, 0.5), st.integers(0, 6))
@settings(derandomize=True, deadline=None, max_examples=300)
def test_levels_never_promise_more_than_asked(side, close, share, digits):
    scale = float(10**digits)
    distance = share * close
    stop = grid_price(sizing.stop_ticks(side, close, distance, 1, scale, 0), 1, scale)
    target = grid_price(sizing.target_ticks(side, close, distance, 1, scale, 0), 1, scale)
    slack = 1.1e-6 / scale + 1e-12 * close
    assert side * (close - stop) >= distance - slack
    assert side * (target - close) <= distance + slack


def test_the_liquidation_price_is_one_over_leverage_away_less_maintenance():
    assert sizing.liquidation_price(1, 100.0, 5.0, 0.005) == pytest.approx(80.5)
    assert sizing.liquidation_price(-1, 100.0, 5.0, 0.005) == pytest.approx(119.5)


@pytest.mark.parametrize(
    ("changes", "code", "limit", "value"),
    [
        ({}, 0, 0.0, 0.0),
        ({"equity": 0.0}, codes.NO_EQUITY, 0.0, 0.0),
        ({"equity": -5.0}, codes.NO_EQUITY, 0.0, -5.0),
        ({"stop": 0.0}, codes.BAD_LEVEL, 0.0, 0.0),
        ({"side": -1, "stop": 160.0, "target": -1.0}, codes.BAD_LEVEL, 0.0, -1.0),
        ({"stop": 99.95}, codes.LEVEL_TOO_CLOSE, 1.0, 0.5),
        ({"target": 100.05}, codes.LEVEL_TOO_CLOSE, 1.0, 0.5),
        ({"stop": 99.9}, 0, 0.0, 0.0),
        ({"stop": 80.0}, codes.LIQUIDATION_TOO_NEAR, 0.85 * 19.5, 20.0),
        ({"stop": 83.5}, 0, 0.0, 0.0),
        ({"stop": 83.4}, codes.LIQUIDATION_TOO_NEAR, 0.85 * 19.5, 16.6),
        # the first in order is the code
        ({"equity": 0.0, "stop": 0.0}, codes.NO_EQUITY, 0.0, 0.0),
        ({"stop": 0.0, "target": 100.0}, codes.BAD_LEVEL, 0.0, 0.0),
        ({"target": 100.0, "stop": 80.0}, codes.LEVEL_TOO_CLOSE, 1.0, 0.0),
    ],
)
def test_the_first_fault_of_the_levels_is_the_code(changes, code, limit, value):
    found = refusal(**changes)
    assert found[0] == code
    assert found[1:] == pytest.approx((limit, value))


def test_lots_by_hand():
    # 10,000 x 2 % over a distance of 5 = 40, on lots of 0.3: 133 lots
    assert sizing.sized_lots(10_000.0, 0.02, 100.0, 95.0, 500.0, 3, 10.0) == 133
    assert sizing.sized_lots(10_000.0, 0.02, 100.0, 95.0, 12.0, 3, 10.0) == 40
    assert sizing.sized_lots(10_000.0, 0.02, 100.0, 95.0, 0.0, 3, 10.0) == 0


@given(
    st.floats(1.0, 1e7),
    st.floats(1e-4, 0.02),
    st.floats(1.0, 1e5),
    st.floats(1e-4, 0.3),
    st.floats(0.5, 5.0),
    st.sampled_from([1, -1]),
    st.integers(0, 8),
)
@settings(derandomize=True, deadline=None, max_examples=500)
def test_a_position_never_risks_more_than_planned_and_never_exceeds_leverage(
    equity, risk, close, share, leverage, side, digits
):
    scale = float(10**digits)
    stop = close * (1 - side * share)
    lots = sizing.sized_lots(equity, risk, close, stop, equity * leverage / close, 1, scale)
    qty = grid_price(lots, 1, scale)
    slack = 1.1e-9 / scale + 1e-12 * qty
    assert qty * abs(close - stop) <= equity * risk + slack * abs(close - stop)
    assert qty * close <= equity * leverage + slack * close


@given(st.floats(0, 1e4), st.floats(0, 1e4), st.integers(1, 9))
@settings(derandomize=True, deadline=None)
def test_a_lower_cap_never_gives_more(cap, other, multiple):
    low, high = sorted((cap, other))
    assume(low < high)
    one, two = (
        sizing.sized_lots(10_000.0, 0.02, 100.0, 95.0, limit, multiple, 10.0) for limit in (low, high)
    )
    assert one <= two


@pytest.mark.parametrize(
    ("qty", "min_qty", "min_notional", "needed"),
    [
        (0.0, 0.0, 0.0, 0.1),  # nothing at all: one lot is needed
        (0.4, 0.5, 0.0, 0.5),
        (0.5, 0.5, 60.0, 0.6),
    ],
)
def test_below_a_minimum_the_needed_quantity_is_said(qty, min_qty, min_notional, needed):
    assert sizing.size_refusal(qty, 100.0, min_qty, min_notional, 0.1) == (codes.TOO_SMALL, needed, qty)


@pytest.mark.parametrize(
    ("qty", "min_qty", "min_notional"), [(0.5, 0.5, 0.0), (0.6, 0.0, 60.0), (0.1, 0.0, 0.0)]
)
def test_at_a_minimum_is_enough(qty, min_qty, min_notional):
    assert sizing.size_refusal(qty, 100.0, min_qty, min_notional, 0.1) == (0, 0.0, 0.0)
