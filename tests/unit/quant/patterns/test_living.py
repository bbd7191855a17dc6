"""A pattern holds from the bar where it is known until a level, its horizon or a missing bar ends it."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.quant.patterns.hand_made import SERIES, mirrored, through
from vigie.quant.patterns.finding import find_patterns
from vigie.quant.patterns.living import living_patterns

# Two tops at 100.25, the valley at 95: known at bar 43, target 89.375, invalidation 100.375.
BASE = SERIES["double_top"][:-1]
KNOWN = 43


def held_at(columns, bar, **others):
    part = [column[: bar + 1] for column in columns]
    found = find_patterns(*part, gaps=others.get("gaps", ()))
    tops = [pattern for pattern in found if pattern.kind in ("double_top", "double_bottom")]
    return [living.is_confirmed for living in living_patterns(*part, tops, **others)]


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("end", [89.0, 101.0])
def test_it_holds_from_the_bar_where_it_is_known_until_a_level_is_reached(end, turned):
    columns = through([*BASE, (46, 94.0), (56, end), (70, end)])
    held = [bool(held_at(mirrored(columns) if turned else columns, bar)) for bar in range(60)]
    assert held == [KNOWN <= bar < 55 for bar in range(60)]


def test_it_is_confirmed_by_a_close_beyond_its_level_and_stays_so():
    columns = through([*BASE, (46, 94.0), (50, 98.0), (70, 98.0)])
    assert [held_at(columns, bar) for bar in (KNOWN, 45, 46, 50)] == [[False], [False], [True], [True]]


def test_its_horizon_a_gap_and_an_unknown_bar_end_it():
    columns = through([*BASE, (43, 97.0), (70, 97.0)])
    assert [bool(held_at(columns, bar, horizon=20)) for bar in (62, 63)] == [True, False]
    assert [bool(held_at(columns, 60, gaps=[gap])) for gap in (43, 44, 60)] == [False, False, False]
    for column in range(3):
        broken = [values.copy() for values in columns]
        broken[column][50] = np.nan
        assert [bool(held_at(broken, bar)) for bar in (49, 50, 55)] == [True, False, False]
