"""What a market order pays: on the grid, and never better than the market."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.trading.execution import market_price


@pytest.mark.parametrize(
    ("price", "direction", "slip", "paid"),
    [
        (100.0, 1, 0.0005, 100.1),  # 100.05 up to the tick
        (100.0, -1, 0.0005, 99.9),
        (100.0, 1, 0.001, 100.1),
        (100.0, 1, 0.0, 100.0),
        (100.03, 1, 0.0, 100.1),
        (100.03, -1, 0.0, 100.0),
    ],
)
def test_slippage_and_rounding_are_against_us(price, direction, slip, paid):
    assert market_price(price, direction, slip, 1, 10.0, 0) == paid


@given(
    st.floats(1e-3, 1e5),
    st.sampled_from([1, -1]),
    st.floats(0, 0.1),
    st.integers(0, 8),
    st.sampled_from([0, 5]),
)
@settings(derandomize=True, deadline=None, max_examples=300)
def test_a_fill_is_never_better_than_the_market(price, direction, slip, digits, figures):
    paid = market_price(price, direction, slip, 1, float(10**digits), figures)
    tick = 10.0**-digits
    assert direction * (paid - price) >= -1.01e-6 * max(tick, price * 1e-4) - 1e-12 * price


def test_figures_coarsen_the_price():
    assert market_price(123.4561, 1, 0.0, 1, 1e4, 5) == 123.46
    assert market_price(123.4561, -1, 0.0, 1, 1e4, 5) == 123.45
