"""Target or stop first: against a plain loop on any bars, and the rules one by one on bars made by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.domain.errors import UsageError
from vigie.quant.stats.first_passage import FirstPassage, first_passage


def plain(columns, starts, *, side, target, stop, horizon, gaps):
    """Return the counts by a loop that is read at a glance."""
    sign = 1 if side == "long" else -1
    counts, results = {"target": 0, "stop": 0, "neither": 0, "left_out": 0}, []
    for start in starts:
        window = range(start + 1, start + horizon + 1)
        read = [column[i] for column in columns for i in (start, *window) if i < len(column)]
        is_whole = window[-1] < len(columns[0]) and not set(gaps) & set(window)
        if not is_whole or not all(map(math.isfinite, read)):
            counts["left_out"] += 1
            continue
        entry = columns[0][start + 1]
        for i in window:
            best, worst = (columns[1][i], columns[2][i])[::sign]
            if sign * worst <= sign * entry * (1.0 - sign * stop):
                counts["stop"] += 1
                break
            if sign * best >= sign * entry * (1.0 + sign * target):
                counts["target"] += 1
                break
        else:
            counts["neither"] += 1
            results.append(sign * (columns[3][window[-1]] / entry - 1.0))
    return counts, results


@st.composite
def walks(draw):
    steps = draw(st.lists(st.sampled_from([-0.03, -0.01, 0.0, 0.01, 0.04]), min_size=1, max_size=40))
    close = 100.0 * np.cumprod(1.0 + np.array(steps))
    opening = np.append(100.0, close[:-1]) * draw(st.sampled_from([1.0, 1.01]))
    wick = draw(st.sampled_from([0.0, 0.015]))
    high, low = np.maximum(opening, close) * (1.0 + wick), np.minimum(opening, close) * (1.0 - wick)
    columns = [opening, high, low, close]
    for place in draw(st.lists(st.integers(0, len(steps) - 1), max_size=2)):
        columns[draw(st.integers(0, 3))][place] = draw(st.sampled_from([np.nan, np.inf]))
    gaps = draw(st.lists(st.integers(1, len(steps)), max_size=2, unique=True))
    return columns, sorted(place for place in gaps if place < len(steps))


@settings(derandomize=True, deadline=None, max_examples=300)
@given(
    walks(), st.sampled_from(["long", "short"]), st.sampled_from([0.005, 0.03]), st.sampled_from([0.01, 0.05]),
    st.integers(1, 12),
)  # fmt: skip
def test_it_counts_what_a_plain_loop_counts(walk, side, target, stop, horizon):
    columns, gaps = walk
    starts = range(len(columns[0]))
    told = first_passage(
        *columns, list(starts), side=side, target=target, stop=stop, horizon=horizon, gaps=gaps
    )
    counts, results = plain(columns, starts, side=side, target=target, stop=stop, horizon=horizon, gaps=gaps)
    assert {name: getattr(told, name) for name in counts} == counts
    assert told.counted == len(starts) - told.left_out
    if results:
        assert told.mean_neither == pytest.approx(np.mean(results), abs=1e-12)
    else:
        assert told.mean_neither is None


FLAT = np.full(6, 100.0)


def bars(high=(), low=(), close=()):
    columns = [FLAT.copy() for _ in range(4)]
    for column, values in zip(columns[1:], (high, low, close), strict=True):
        for place, value in values:
            column[place] = value
    return columns


def counted(columns, start=0, side="long", **others):
    settings_of = {"target": 0.1, "stop": 0.05, "horizon": 3, **others}
    return first_passage(*columns, [start], side=side, **settings_of)


def test_the_stop_comes_first_where_one_bar_holds_both():
    assert counted(bars(high=[(2, 111)], low=[(2, 94)])).stop == 1
    assert counted(bars(high=[(2, 106)], low=[(2, 89)]), side="short").stop == 1


def test_a_level_counts_from_the_bar_of_the_entry_to_the_last_of_the_horizon():
    for place, is_reached in [(0, False), (1, True), (3, True), (4, False)]:
        assert counted(bars(high=[(place, 110.001)])).target == is_reached
        assert counted(bars(low=[(place, 94.999)])).stop == is_reached


def test_the_entry_is_the_next_open_and_the_result_that_of_the_last_close():
    columns = bars(close=[(3, 102.0)])
    columns[0][1] = 101.0
    assert counted(columns).mean_neither == pytest.approx(102.0 / 101.0 - 1.0)
    assert counted(columns, side="short").mean_neither == pytest.approx(1.0 - 102.0 / 101.0)


def test_each_start_may_have_its_own_distances():
    columns = bars(high=[(1, 103), (4, 103)])
    told = first_passage(*columns, [0, 3], side="long", target=[0.02, 0.04], stop=0.5, horizon=2)
    assert told == FirstPassage(1, 0, 1, 0, 0.0)


def test_without_its_whole_horizon_a_start_says_nothing_even_where_it_has_ended():
    columns = bars(high=[(5, 150)])
    assert counted(columns, start=4) == counted(columns, start=5)
    assert counted(columns, start=4).left_out == 1
    assert counted(columns, start=2).target == 1
    for gap in (3, 4, 5):
        assert counted(columns, start=2, gaps=[gap]).left_out == 1
    assert counted(columns, start=2, gaps=[2]).target == 1


@pytest.mark.parametrize(
    ("others", "words"),
    [({"horizon": 0}, "horizon must be >= 1"), ({"target": 0.0}, "target must be a fraction > 0"),
     ({"stop": math.nan}, "stop must be a fraction > 0"), ({"start": 6}, r"starts must be in \[0, 6\)")],
)  # fmt: skip
def test_what_cannot_be_counted_is_refused(others, words):
    with pytest.raises(UsageError, match=words):
        counted(bars(), **others)
