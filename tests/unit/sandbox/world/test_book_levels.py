"""Levels of a simulated book lie on the venue's grid, and its two sides never meet."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from vigie_sandbox.world.services.hyperliquid import level_text


@settings(derandomize=True, deadline=None)
@given(st.floats(1e-4, 1e6), st.floats(1e-9, 1e-2))
def test_a_bid_is_below_its_ask_however_small_the_spread(bid, spread):
    ask = bid * (1.0 + spread)
    low, high = level_text(bid, ROUND_FLOOR), level_text(ask, ROUND_CEILING)
    assert Decimal(low) <= Decimal(bid) + Decimal("1e-12")
    assert Decimal(low) < Decimal(high) or bid == ask
    for text in (low, high):
        figures = Decimal(text).normalize().as_tuple().digits
        assert len(figures) <= 5 or Decimal(text) == int(Decimal(text))
