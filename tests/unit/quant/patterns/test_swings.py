"""Swings take turns, and each is known only when the bars after it are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.domain.errors import UsageError
from vigie.quant.patterns.swings import HIGH, LOW, swing_events


def plain(high, low, width):
    """Return the same swings by a loop that is read at a glance."""
    told = []
    for bar in range(width, len(high) - width):
        before, after = slice(bar - width, bar), slice(bar + 1, bar + width + 1)
        found = []
        if high[bar] > max(high[before]) and high[bar] >= max(high[after]):
            found.append((HIGH, high[bar]))
        if low[bar] < min(low[before]) and low[bar] <= min(low[after]):
            found.append((LOW, low[bar]))
        last = told[-1] if told else (None, 0, 0.0)
        if len(found) == 2:
            found = [one for one in found if one[0] == -last[1]]
        for turn, price in found:
            if turn != last[1] or turn * price > turn * last[2]:
                told.append((bar, turn, price))
    return [(bar, turn) for bar, turn, _ in told]


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3)), max_size=50), st.integers(1, 4))
def test_they_are_what_a_plain_loop_finds_and_a_shorter_history_has_the_first_of_them(bars, width):
    low = np.array([float(price) for price, _ in bars])
    high = low + np.array([float(size) for _, size in bars])
    whole = list(zip(*map(np.ndarray.tolist, swing_events(high, low, width)), strict=True))
    assert whole == plain(high, low, width)
    for stop in range(len(bars) + 1):
        part = list(zip(*map(np.ndarray.tolist, swing_events(high[:stop], low[:stop], width)), strict=True))
        assert part == [swing for swing in whole if swing[0] + width < stop]


def test_unknown_prices_are_refused():
    for high, low in ([[1.0, np.nan], [1.0, 1.0]], [[1.0], [1.0, 1.0]]):
        with pytest.raises(UsageError, match="high and low must be known"):
            swing_events(high, low)
