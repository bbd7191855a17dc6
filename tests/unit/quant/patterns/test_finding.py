"""Each kind is found in a series made by hand at the bar where its last swing is confirmed; near misses are not."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.quant.patterns.hand_made import MIRRORED, SERIES, SIDES, WICK, mirrored, opposite, through
from vigie.domain.errors import UsageError
from vigie.quant.patterns.chart_pattern import KINDS, PatternRules
from vigie.quant.patterns.finding import find_patterns

BOTH = [(name, side) for name in SERIES for side in ("as drawn", "mirrored")]


def made(name, side, points=None):
    """Return the columns of a series, the kind and the side that they show."""
    columns = through(points or SERIES[name])
    if side == "as drawn":
        return columns, name, SIDES[name]
    return mirrored(columns), MIRRORED.get(name, name), opposite(SIDES[name])


def found_in(columns, kind, **others):
    return [pattern for pattern in find_patterns(*columns, **others) if pattern.kind == kind]


def cut(columns, stop):
    return [column[:stop] for column in columns]


def test_every_kind_is_drawn():
    assert {made(name, side)[1] for name, side in BOTH} == set(KINDS)


@pytest.mark.parametrize(("name", "side"), BOTH)
def test_it_is_found_at_the_bar_that_confirms_its_last_swing_and_not_one_earlier(name, side):
    columns, kind, points_to = made(name, side)
    last = SERIES[name][-2][0]
    (pattern,) = found_in(columns, kind)
    assert (pattern.known, pattern.side, pattern.swings[-1].bar) == (last + 3, points_to, last)
    assert found_in(cut(columns, pattern.known), kind) == []
    assert found_in(cut(columns, pattern.known + 1), kind) == [pattern]
    sign = 1 if points_to == "long" else -1
    assert sign * pattern.target > sign * pattern.confirmation > sign * pattern.invalidation
    bars = [bar for bar, _ in SERIES[name]]
    assert [swing.bar for swing in pattern.swings] == bars[-1 - len(pattern.swings) : -1]
    assert [line.last.bar for line in (pattern.upper, pattern.lower)] == [pattern.known] * 2


def levels(name, side="as drawn"):
    columns, kind, _ = made(name, side)
    (pattern,) = found_in(columns, kind)
    return pattern.confirmation, pattern.target, pattern.invalidation


def test_levels_are_the_measured_ones():
    top, valley = 100.25 + WICK, 95.0 - WICK
    assert levels("double_top") == (valley, 2.0 * valley - top, top)
    assert levels("double_top", "mirrored") == (256.0 - valley, 256.0 - (2.0 * valley - top), 256.0 - top)
    neck, head = 95.0 - WICK + 0.25 * 24 / 16, 106.0 + WICK
    height = head - (95.0 - WICK + 0.125)
    assert levels("head_and_shoulders") == pytest.approx((neck, neck - height, 100.25 + WICK))
    # A flag: the pole from its low; a wedge: its farthest swing; a triangle: its first height from the boundary.
    assert levels("flag") == pytest.approx((99.0 + WICK - 7 / 8, 95.5 + 20.0 + WICK, 95.5 - WICK))
    assert levels("rising_wedge")[1:] == (93.0 - WICK, 104.5 + WICK)
    first = 100.0 - (92.0 - 6 * 3.25 / 11) + 2.0 * WICK
    assert levels("ascending_triangle") == pytest.approx((100.0 + WICK, 100.0 + WICK + first, 95.25 - WICK))
    rise = (107.25 - 100.0) / 24
    boundary, width = 107.25 + WICK + 3 * rise, 0.5 * (100.0 - 91.875 + 107.25 - 99.375) + 2.0 * WICK
    assert levels("channel") == pytest.approx((boundary, boundary + width, 97.5 - WICK))


# What is moved, and to what, so that one thing is missing; and the rule that would let it pass, where a number decides.
NEAR_MISSES = [
    ("double_top", {4: (40, 103)}, {"tolerance_atr": 3.0}),  # the tops are not level
    ("double_top", {1: (20, 96)}, {}),  # no rise into it from below the valley
    ("double_top", {3: (35, 98)}, {"least_height_atr": 1.0}),  # too low
    ("double_top", {}, {"max_bars": 10}),  # just long enough
    ("head_and_shoulders", {4: (41, 101)}, {"tolerance_atr": 0.3}),  # the head does not stand out
    ("head_and_shoulders", {6: (54, 102.5)}, {"tolerance_atr": 2.2}),  # the shoulders are not level
    ("head_and_shoulders", {5: (49, 92.5)}, {"tolerance_atr": 3.0}),  # the valleys are not level
    ("ascending_triangle", {5: (47, 93.5)}, {"narrowing": 0.9}),  # the lines do not near each other enough
    ("ascending_triangle", {4: (42, 103)}, {"tolerance_atr": 3.0}),  # the middle top stands out of the line
    ("symmetrical_triangle", {1: (20, 92)}, {}),  # no move into it
    ("symmetrical_triangle", {6: (51, 100)}, {}),  # the upper line does not fall
    ("rising_wedge", {5: (48, 97)}, {"narrowing": 0.9}),  # the lines do not near each other enough
    ("channel", {5: (48, 99)}, {"parallel": 0.61}),  # the lines do not keep their distance
    ("flag", {5: (56, 88)}, {}),  # it gives back more than half of the pole
]


@pytest.mark.parametrize(("name", "moved", "passing"), NEAR_MISSES)
@pytest.mark.parametrize("side", ["as drawn", "mirrored"])
def test_a_near_miss_is_not_found(name, moved, passing, side):
    points = [moved.get(place, point) for place, point in enumerate(SERIES[name])]
    columns, kind, _ = made(name, side, points)
    if moved:
        assert found_in(columns, kind) == []
    if passing:
        assert found_in(columns, kind, rules=PatternRules(**passing))


@pytest.mark.parametrize(
    ("name", "rules"),
    [("flag", {"least_height_atr": 11.0}), ("flag", {"max_bars": 4 * 13}), ("double_top", {"max_bars": 9}),
     ("channel", {"max_bars": 23}), ("head_and_shoulders", {"max_bars": 25})],
)  # fmt: skip
def test_a_pole_or_a_pattern_that_is_too_short_or_too_long_is_not_found(name, rules):
    assert found_in(through(SERIES[name]), name, rules=PatternRules(**rules)) == []


@pytest.mark.parametrize(("name", "side"), BOTH)
def test_a_gap_or_an_unknown_price_inside_ends_it(name, side):
    columns, kind, _ = made(name, side)
    (pattern,) = found_in(columns, kind)
    first = pattern.swings[0].bar
    for place in (first + 1, pattern.swings[1].bar + 1, pattern.known):
        assert found_in(columns, kind, gaps=[place]) == []
        for column in range(3):
            broken = [values.copy() for values in columns]
            broken[column][place] = np.nan
            assert found_in(broken, kind) == []
    assert found_in(columns, kind, gaps=[pattern.known + 1]) == [pattern]


def test_it_is_none_where_its_end_was_reached_before_it_was_known():
    points = [*SERIES["ascending_triangle"][:-1], (52, 94), (60, 94)]
    assert found_in(through(points), "ascending_triangle") == []


def test_two_of_a_kind_share_no_more_than_a_swing():
    tops = [(0, 110), (20, 90)]
    for place in range(6):
        tops += [(30 + 10 * place, 100.0), (35 + 10 * place, 95.0)]
    pairs = [
        (pattern.swings[0].bar, pattern.swings[-1].bar) for pattern in found_in(through(tops), "double_top")
    ]
    # Only the first has a rise before it that begins below its valley: the next valley is no lower.
    assert pairs == [(30, 40)]
    two = [*SERIES["double_top"], (60, 80), (70, 90), (75, 85), (80, 90), (86, 84)]
    assert [p.known for p in found_in(through(two), "double_top")] == [43, 83]


@pytest.mark.parametrize(
    ("rules", "words"),
    [({"swing_bars": 0}, "width must be"), ({"atr_window": 0}, "atr_window must be"),
     ({"tolerance_atr": 0.0}, "tolerance_atr must be"), ({"max_bars": -1}, "max_bars must be")],
)  # fmt: skip
def test_impossible_rules_are_refused(rules, words):
    with pytest.raises(UsageError, match=words):
        find_patterns(*through(SERIES["flag"]), rules=PatternRules(**rules))


def test_without_bars_or_with_few_there_are_none():
    for n_bars in (0, 1, 6, 7, 20):
        assert find_patterns(*cut(through(SERIES["flag"]), n_bars)) == []
    with pytest.raises(UsageError, match="equally many"):
        find_patterns([1.0], [1.0], [])
