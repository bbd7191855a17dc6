"""Rounding by hand."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from vigie_sandbox.exchange.core.grid import add_slippage, round_down_to_lot, round_money, round_to_tick


@pytest.mark.parametrize(
    ("price", "way", "rounded"),
    [
        ("100.05", 1, "100.1"),
        ("100.05", -1, "100.0"),
        ("100.1", 1, "100.1"),
        ("100.10000009", 1, "100.1"),
        ("100.0999999", -1, "100.1"),
        ("100.1000002", 1, "100.2"),
    ],
)
def test_price_is_rounded_to_the_tick_unless_it_is_one(price: str, way: int, rounded: str) -> None:
    assert round_to_tick(D(price), D("0.1"), way) == D(rounded)


def test_slippage_is_against_the_order_on_both_sides() -> None:
    assert add_slippage(D(100), 1, D("0.0005"), D("0.01")) == D("100.05")
    assert add_slippage(D(100), -1, D("0.0005"), D("0.1")) == D("99.9")


@pytest.mark.parametrize(("qty", "lots"), [("0.3", "0.3"), ("0.29999999999", "0.3"), ("0.2999", "0.2")])
def test_quantity_is_cut_to_whole_lots(qty: str, lots: str) -> None:
    assert round_down_to_lot(D(qty), D("0.1")) == D(lots)


@pytest.mark.parametrize(
    ("amount", "kept"), [("0.000000005", "0"), ("0.000000015", "0.00000002"), ("-0.000000025", "-0.00000002")]
)
def test_money_is_booked_to_the_eighth_decimal_half_to_even(amount: str, kept: str) -> None:
    assert round_money(D(amount)) == D(kept)
