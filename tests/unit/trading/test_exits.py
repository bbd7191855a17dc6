"""Whether a level was touched inside a bar, which comes first, and at which price."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.domain.codes import LIQUIDATION, STOP, TARGET
from vigie.trading.exits import beyond_liquidation, touch_price, touched

LONG = {"side": 1, "stop": 95.0, "target": 110.0, "liquidation": 80.0}
SHORT = {"side": -1, "stop": 105.0, "target": 90.0, "liquidation": 120.0}


def end(levels: dict, open_: float, high: float, low: float) -> int:
    return touched(levels["side"], levels["stop"], levels["target"], levels["liquidation"], open_, high, low)


@pytest.mark.parametrize(
    ("levels", "bar", "reason"),
    [
        (LONG, (100, 104, 96), 0),
        (LONG, (100, 104, 95), STOP),
        (LONG, (100, 110, 96), TARGET),
        (LONG, (100, 111, 94), STOP),  # both: the worse
        (LONG, (81, 111, 79), STOP),  # the stop is nearer and fills first
        (LONG, (80, 111, 79), LIQUIDATION),  # the bar opens at it
        (SHORT, (100, 104, 96), 0),
        (SHORT, (100, 105, 96), STOP),
        (SHORT, (100, 104, 90), TARGET),
        (SHORT, (100, 106, 89), STOP),
        (SHORT, (119, 121, 89), STOP),
        (SHORT, (120, 121, 89), LIQUIDATION),
    ],
)
def test_the_worse_of_what_a_bar_touched_ends_the_position(levels, bar, reason):
    assert end(levels, *bar) == reason


@pytest.mark.parametrize(
    ("side", "level", "open_", "is_stop", "raw"),
    [
        (1, 95.0, 97.0, True, 95.0),
        (1, 95.0, 93.0, True, 93.0),
        (1, 110.0, 108.0, False, 110.0),
        (1, 110.0, 112.0, False, 112.0),
        (-1, 105.0, 103.0, True, 105.0),
        (-1, 105.0, 107.0, True, 107.0),
        (-1, 90.0, 92.0, False, 90.0),
        (-1, 90.0, 88.0, False, 88.0),
    ],
)
def test_a_level_opened_through_fills_at_the_open(side, level, open_, is_stop, raw):
    assert touch_price(side, level, open_, is_stop) == raw


BARS = st.tuples(*[st.floats(50, 150)] * 3).map(lambda p: (p[0], max(p), min(p)))


@given(BARS, st.sampled_from([LONG, SHORT]))
@settings(derandomize=True, deadline=None, max_examples=500)
def test_an_exit_lies_inside_the_bar_and_a_stop_is_never_better_than_its_level(bar, levels):
    open_, high, low = bar
    reason = end(levels, open_, high, low)
    if reason in (0, LIQUIDATION):
        return
    level = levels["stop"] if reason == STOP else levels["target"]
    raw = touch_price(levels["side"], level, open_, reason == STOP)
    assert low <= raw <= high
    better = levels["side"] * (raw - level)
    assert better <= 0 if reason == STOP else better >= 0
    assert raw in (level, open_)


@given(BARS, st.sampled_from([LONG, SHORT]))
@settings(derandomize=True, deadline=None)
def test_a_bar_that_stays_between_the_levels_ends_nothing(bar, levels):
    low, high = sorted((levels["stop"], levels["target"]))
    inside = tuple(min(max(price, low + 0.01), high - 0.01) for price in bar)
    assert end(levels, *inside) == 0


def test_at_the_liquidation_price_is_beyond_it():
    assert beyond_liquidation(1, 80.0, 80.0)
    assert not beyond_liquidation(1, 80.0, 80.1)
    assert beyond_liquidation(-1, 120.0, 120.0)
    assert not beyond_liquidation(-1, 120.0, 119.9)
