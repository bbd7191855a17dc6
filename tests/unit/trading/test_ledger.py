"""Booked amounts: whole numbers of 1e-8, half to even, their signs, and the range in which they are added."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.quant import money
from vigie.trading import ledger

UNIT = Decimal("0.00000001")
# Up to here a float64 can tell neighbouring multiples of 1e-8 apart.
TOLD_APART = 2**26 * 10**8


@given(st.floats(-1e6, 1e6))
@settings(derandomize=True, deadline=None, max_examples=500)
def test_a_booked_amount_is_a_multiple_of_1e_8_at_most_half_of_one_away(amount):
    kept = money.amount_of(ledger.booked(amount))
    assert kept == float(Decimal(repr(float(kept))).quantize(UNIT, ROUND_HALF_EVEN))
    assert abs(kept - amount) <= 0.5000001e-8 + 1e-15 * abs(amount)
    assert ledger.booked(kept) == ledger.booked(amount)


@pytest.mark.parametrize(
    ("parts", "units"), [(1, 195_312), (3, 585_938), (5, 976_562), (-1, -195_312), (-3, -585_938)]
)
def test_halves_go_to_the_even_neighbour(parts, units):
    # An odd number of 512ths is exact in float64 and ends half-way between two units.
    assert ledger.booked(parts / 512) == units


@given(st.integers(-money.MOST, money.MOST))
@settings(derandomize=True, deadline=None, max_examples=500)
def test_an_amount_is_the_float_nearest_to_the_decimal(minor):
    assert money.amount_of(minor) == float(Decimal(minor) * UNIT)


@given(st.integers(-TOLD_APART, TOLD_APART))
@settings(derandomize=True, deadline=None, max_examples=500)
def test_a_booked_amount_comes_back_from_its_float(minor):
    assert money.minor_of(money.amount_of(minor)) == minor


def test_the_product_of_a_large_amount_would_not_come_back():
    minor = 4_501_482_137_901_407  # 45,014,821.37901407
    amount = money.amount_of(minor)
    assert money.minor_of(amount) == minor != round(amount * 1e8)


@pytest.mark.parametrize("amount", [math.nan, math.inf, -math.inf, 9.1e10, -9.1e10, 1e300])
def test_an_amount_that_cannot_be_added_is_beyond(amount):
    assert ledger.booked(amount) == money.minor_of(amount) == money.BEYOND


def test_a_sum_stays_exact_to_the_end_of_the_range_and_beyond_it_stays_beyond():
    most = money.MOST
    assert (money.add(most - 1, 1), money.add(1 - most, -1)) == (most, -most)
    for total, amount in ((most, 1), (-most, -1), (most, most), (1, money.BEYOND), (1, -money.BEYOND)):
        assert money.add(total, amount) == money.BEYOND
    assert money.add(money.BEYOND, -1) == money.add(money.BEYOND, -most) == money.BEYOND
    assert (money.add(most, -1), money.add(-most, most)) == (most - 1, 0)


@given(st.floats(1e-6, 1e4), st.floats(1e-4, 1e5), st.floats(1e-4, 1e5), st.sampled_from([1, -1]))
@settings(derandomize=True, deadline=None)
def test_a_long_gains_what_a_short_loses(qty, entry, exit_price, side):
    assert ledger.gross_result(side, qty, entry, exit_price) == -ledger.gross_result(
        -side, qty, entry, exit_price
    )
    assert ledger.gross_result(side, qty, entry, entry) == 0


def test_a_fee_is_a_share_of_notional_and_a_maker_rebate_is_negative():
    assert ledger.fee(2.0, 1_000.0, 0.0006) == 120_000_000
    assert ledger.fee(2.0, 1_000.0, -0.0001) == -20_000_000


def test_a_liquidation_costs_the_initial_margin():
    assert ledger.liquidation_result(2.0, 1_000.0, 5.0) == -40_000_000_000


def test_longs_pay_a_positive_rate_and_shorts_receive_it():
    assert ledger.funding(1, 2.0, 1_000.0, 0.0001) == -20_000_000
    assert ledger.funding(-1, 2.0, 1_000.0, 0.0001) == 20_000_000
    assert ledger.funding(1, 2.0, 1_000.0, -0.0001) == 20_000_000
