"""Completed, or not: by hand on one series, against a plain count on others, and by nothing that came later."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.quant.patterns.hand_made import SERIES, mirrored, through, wandering
from vigie.quant.indicators.atr import atr
from vigie.quant.patterns.completion import completion_rates
from vigie.quant.patterns.finding import find_patterns
from vigie.quant.stats.first_passage import first_passage

FALL = [*SERIES["double_top"][:-1], (60, 84), (90, 84)]
RISE = [*SERIES["double_top"][:-1], (46, 94), (60, 108), (90, 108)]
BASE = [*SERIES["double_top"][:-1], (46, 94), (90, 94)]


def with_open(columns):
    """Return open, high, low and close; a bar opens where the one before it closed."""
    high, low, close = columns
    opening = np.append(close[:1], close[:-1])
    return opening, np.maximum(high, opening), np.minimum(low, opening), close


def rate_of(columns, kind="double_top", **others):
    (rate,) = completion_rates(*columns, find_patterns(*columns[1:]), kinds=[kind], **others)
    return rate


@pytest.mark.parametrize(("points", "completed"), [(FALL, 1), (RISE, 0), (BASE, 0)])
def test_a_pattern_is_completed_where_its_target_came_first(points, completed):
    for columns, kind in (
        (with_open(through(points)), "double_top"),
        (with_open(mirrored(through(points))), "double_bottom"),
    ):
        rate = rate_of(columns, kind, horizon=40)
        assert (rate.found, rate.ended, rate.completed) == (1, 1, completed)


def test_it_counts_once_its_horizon_has_passed_and_not_one_bar_earlier():
    columns = with_open(through(FALL))
    for horizon, stop, ended in [(20, 64, 1), (20, 63, 0), (40, 84, 1), (40, 83, 0)]:
        rate = rate_of([column[:stop] for column in columns], horizon=horizon)
        assert (rate.found, rate.ended, rate.completed) == (1, ended, ended)
    assert rate_of(columns, horizon=40, gaps=[70]).ended == 0
    # The target is 89.375: reached in bar 54, the eleventh after the one where the pattern is known.
    assert [rate_of(columns, horizon=bars).completed for bars in (10, 11)] == [0, 1]


def test_one_that_opens_beyond_a_level_is_left_out():
    columns = with_open(through(FALL))
    for price in (80.0, 120.0):
        columns[0][44] = price
        assert (rate_of(columns, horizon=20).found, rate_of(columns, horizon=20).ended) == (1, 0)


def test_rates_are_those_of_a_plain_count():
    columns = with_open(wandering(3, 900))
    found, units = find_patterns(*columns[1:]), atr(*columns[1:], 14)
    for rate in completion_rates(*columns, found, horizon=30):
        counts, others, in_ranges = [], [], []
        for pattern in (one for one in found if one.kind == rate.kind and one.known + 30 < 900):
            entry, sign = columns[0][pattern.known + 1], 1 if pattern.side == "long" else -1
            terms = {
                "side": pattern.side, "horizon": 30, "target": sign * (pattern.target / entry - 1.0),
                "stop": sign * (1.0 - pattern.invalidation / entry),
            }  # fmt: skip
            if min(terms["target"], terms["stop"]) <= 0.0:
                continue
            counts.append(first_passage(*columns, [pattern.known], **terms).target)
            # Without an average true range (the first 14 bars) no other bar is compared with.
            bars = np.arange(14, 899)
            everywhere = first_passage(*columns, bars, **terms)
            others.append(everywhere.target / everywhere.counted)
            scale = units[bars] / columns[0][bars + 1] / (units[pattern.known] / entry)
            scaled = {name: terms[name] * scale for name in ("target", "stop")}
            everywhere = first_passage(*columns, bars, **{**terms, **scaled})
            in_ranges.append(everywhere.target / everywhere.counted)
        assert (rate.ended, rate.completed) == (len(counts), sum(counts))
        assert rate.at_any_bar == (pytest.approx(np.mean(others)) if others else None)
        assert rate.at_any_bar_in_ranges == (pytest.approx(np.mean(in_ranges)) if others else None)
    assert sum(rate.ended for rate in completion_rates(*columns, found, horizon=30)) > 20


def test_what_comes_later_changes_nothing():
    columns, others = with_open(wandering(4, 900)), with_open(wandering(5, 900))
    changed = [np.append(column[:600], other[600:]) for column, other in zip(columns, others, strict=True)]

    def rates(given):
        part = [column[:600] for column in given]
        known = [pattern for pattern in find_patterns(*given[1:]) if pattern.known < 600]
        return completion_rates(*part, known)

    assert rates(columns) == rates(changed) == rates([column[:600] for column in columns])
