"""What patterns promise, as indicators do: what is found in a cut history is what was known by its end.

Prices are ticks, so that sums and differences are exact and answers can be compared bit by bit.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.unit.quant.patterns.hand_made import MIRRORED, mirrored, opposite, wandering
from vigie.quant.patterns.chart_pattern import KINDS, ChartPattern, PatternLine, PatternSwing
from vigie.quant.patterns.finding import find_patterns

SEEDS = (1, 2, 3, 4, 12, 14)
WHOLE = {seed: (wandering(seed), find_patterns(*wandering(seed))) for seed in SEEDS}


def moved(pattern, bars=0, scale=1.0, shift=0.0):
    """Return a pattern elsewhere in time and price."""

    def swing(one):
        return PatternSwing(one.bar + bars, one.price * scale + shift)

    def line(one):
        return PatternLine(swing(one.first), swing(one.last))

    return replace(
        pattern, swings=tuple(map(swing, pattern.swings)), upper=line(pattern.upper), lower=line(pattern.lower),
        known=pattern.known + bars,
        **{name: getattr(pattern, name) * scale + shift for name in ("confirmation", "target", "invalidation")},
    )  # fmt: skip


def figures(patterns):
    """Return what is compared within rounding, and what must be equal."""
    prices = [
        [
            pattern.confirmation,
            pattern.target,
            pattern.invalidation,
            *(swing.price for swing in pattern.swings),
        ]
        + [end.price for line in (pattern.upper, pattern.lower) for end in (line.first, line.last)]
        for pattern in patterns
    ]
    return np.concatenate([*map(np.array, prices), []]), [
        (pattern.kind, pattern.side, pattern.known, *(swing.bar for swing in pattern.swings))
        for pattern in patterns
    ]


def assert_alike(found, expected):
    (prices, others), (expected_prices, expected_others) = figures(found), figures(expected)
    assert others == expected_others
    np.testing.assert_allclose(prices, expected_prices, rtol=1e-12)


def test_the_histories_show_every_kind():
    assert {pattern.kind for _, found in WHOLE.values() for pattern in found} == set(KINDS)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_cut_history_shows_what_was_known_by_its_end(seed):
    columns, whole = WHOLE[seed]
    known = [pattern.known for pattern in whole]
    assert known == sorted(known)
    cuts = {stop for bar in known for stop in (bar, bar + 1)} | set(range(0, len(columns[0]), 97))
    for stop in cuts:
        part = find_patterns(*(column[:stop] for column in columns))
        assert part == [pattern for pattern in whole if pattern.known < stop]


@pytest.mark.parametrize("seed", SEEDS)
def test_what_happens_after_it_is_known_changes_nothing(seed):
    columns, whole = WHOLE[seed]
    stop = len(columns[0]) // 2
    other = wandering(seed + 100)
    changed = [
        np.concatenate([column[:stop], new[stop:]]) for column, new in zip(columns, other, strict=True)
    ]
    assert [p for p in find_patterns(*changed) if p.known < stop] == [p for p in whole if p.known < stop]


@pytest.mark.parametrize("seed", SEEDS)
def test_each_side_of_a_gap_or_an_unknown_bar_stands_alone(seed):
    columns, _ = WHOLE[seed]
    place = 500 + seed
    left = find_patterns(*(column[:place] for column in columns))
    right = [moved(p, bars=place) for p in find_patterns(*(column[place:] for column in columns))]
    assert find_patterns(*columns, gaps=[place]) == left + right
    later = [moved(p, bars=place + 1) for p in find_patterns(*(column[place + 1 :] for column in columns))]
    for unknown in (np.nan, np.inf):
        for number in range(3):
            broken = [column.copy() for column in columns]
            broken[number][place] = unknown
            assert find_patterns(*broken) == left + later
            assert find_patterns(*broken, gaps=[place, place + 1]) == left + later


@pytest.mark.parametrize("seed", SEEDS)
def test_scale_shift_and_mirror_change_prices_and_nothing_else(seed):
    columns, whole = WHOLE[seed]
    assert find_patterns(*(column * 4.0 for column in columns)) == [moved(p, scale=4.0) for p in whole]
    assert_alike(find_patterns(*(column * 0.37 for column in columns)), [moved(p, scale=0.37) for p in whole])
    assert_alike(
        find_patterns(*(column + 512.0 for column in columns)), [moved(p, shift=512.0) for p in whole]
    )
    turned = [
        replace(moved(p, scale=-1.0, shift=4096.0), kind=MIRRORED.get(p.kind, p.kind), side=opposite(p.side))
        for p in whole
    ]
    turned = [replace(pattern, upper=pattern.lower, lower=pattern.upper) for pattern in turned]
    assert_alike(find_patterns(*mirrored(columns, 4096.0)), turned)


def test_inputs_may_be_read_only_strided_or_lists_and_stay_as_they_are():
    columns, whole = WHOLE[1]
    frozen = [column.copy() for column in columns]
    for column in frozen:
        column.flags.writeable = False
    assert find_patterns(*frozen) == whole
    assert find_patterns(*(np.repeat(column, 2)[::2] for column in columns)) == whole
    assert find_patterns(*(column.tolist() for column in columns)) == whole
    assert all(isinstance(pattern, ChartPattern) for pattern in whole)
