"""Booked amounts: multiples of 1e-8, half to even, and their signs."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.trading import ledger

UNIT = Decimal("0.00000001")


@given(st.floats(-1e6, 1e6))
@settings(derandomize=True, deadline=None, max_examples=500)
def test_a_booked_amount_is_a_multiple_of_1e_8_at_most_half_of_one_away(amount):
    kept = ledger.booked(amount)
    assert kept == float(Decimal(repr(float(kept))).quantize(UNIT, ROUND_HALF_EVEN))
    assert abs(kept - amount) <= 0.5000001e-8 + 1e-15 * abs(amount)
    assert ledger.booked(kept) == kept


@pytest.mark.parametrize(
    ("parts", "units"), [(1, 195_312), (3, 585_938), (5, 976_562), (-1, -195_312), (-3, -585_938)]
)
def test_halves_go_to_the_even_neighbour(parts, units):
    # An odd number of 512ths is exact in float64 and ends half-way between two units.
    assert ledger.booked(parts / 512) == units / 1e8


@given(st.floats(1e-6, 1e4), st.floats(1e-4, 1e5), st.floats(1e-4, 1e5), st.sampled_from([1, -1]))
@settings(derandomize=True, deadline=None)
def test_a_long_gains_what_a_short_loses(qty, entry, exit_price, side):
    assert ledger.gross_result(side, qty, entry, exit_price) == -ledger.gross_result(
        -side, qty, entry, exit_price
    )
    assert ledger.gross_result(side, qty, entry, entry) == 0.0


def test_a_fee_is_a_share_of_notional_and_a_maker_rebate_is_negative():
    assert ledger.fee(2.0, 1_000.0, 0.0006) == 1.2
    assert ledger.fee(2.0, 1_000.0, -0.0001) == -0.2


def test_a_liquidation_costs_the_initial_margin():
    assert ledger.liquidation_result(2.0, 1_000.0, 5.0) == -400.0


def test_longs_pay_a_positive_rate_and_shorts_receive_it():
    assert ledger.funding(1, 2.0, 1_000.0, 0.0001) == -0.2
    assert ledger.funding(-1, 2.0, 1_000.0, 0.0001) == 0.2
    assert ledger.funding(1, 2.0, 1_000.0, -0.0001) == 0.2


@given(st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=50))
@settings(derandomize=True, deadline=None)
def test_the_sum_of_booked_amounts_is_exact_to_a_fraction_of_a_unit(amounts):
    kept = [float(ledger.booked(amount)) for amount in amounts]
    total = 0.0
    for amount in kept:
        total += amount
    exact = sum(Decimal(repr(amount)).quantize(UNIT) for amount in kept)
    assert abs(Decimal(total) - exact) < UNIT / 2
    assert np.isfinite(total)
