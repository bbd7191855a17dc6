"""The strategy that trades plans: where it enters, once, and that its levels are the plan's to the last tick."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.domain.account import Sizing
from vigie.domain.bar import Bars
from vigie.domain.errors import UsageError
from vigie.domain.time import HOUR_MS
from vigie.engine.causality import check_causality
from vigie.trading import catalogue, sizing
from vigie.trading.plan_slots import check_distances, trades_plans

PLAN = catalogue.load("plan")
FIRST = 1_700_000_000_000 // HOUR_MS * HOUR_MS


def bars_of(closes, **features) -> Bars:
    close = np.array(closes, float)
    count = len(close)
    columns = {
        f"plan.{name}": np.broadcast_to(np.asarray(value, float), count).copy()
        for name, value in features.items()
    }
    return Bars(
        "btc-usdt-perp", HOUR_MS, FIRST + HOUR_MS * np.arange(count), close, close + 0.5, close - 0.5, close,
        np.ones(count), features=columns,
    )  # fmt: skip


def entries(bars: Bars, side: str = "long") -> list[int]:
    """Bars at whose close all criteria of a side hold."""
    criteria = getattr(PLAN.criteria(bars, PLAN.defaults()), side)
    return np.flatnonzero(np.logical_and.reduce([one.read().holds for one in criteria])).tolist()


LONG = {"side": 1, "low": 99, "high": 101, "stop": 95, "target": 110, "until": 9e15, "armed": 7}


def test_the_first_close_in_the_zone_enters_and_no_other():
    assert entries(bars_of([105, 103, 100, 100, 98, 100], **LONG)) == [2]
    assert entries(bars_of([105, 103, 100, 100], **LONG), "short") == []
    assert entries(bars_of([105, 103, 100, 100], **{**LONG, "side": 0})) == []
    assert entries(bars_of([105, 103, 100, 100])) == []


@pytest.mark.parametrize("end", [99, 101])
def test_a_close_at_an_end_of_the_zone_is_inside_and_is_the_try(end):
    assert entries(bars_of([105, end, 100, end], **LONG)) == [1]


def test_another_plan_has_a_try_of_its_own():
    armed = [7, 7, 8, 8, 8]
    assert entries(bars_of([100, 100, 100, 100, 100], **{**LONG, "armed": armed})) == [0, 2]


def test_a_plan_that_has_ended_enters_no_more():
    closes = [105, 105, 100]
    until = FIRST + 3 * HOUR_MS
    assert entries(bars_of(closes, **{**LONG, "until": until})) == [2]
    assert entries(bars_of(closes, **{**LONG, "until": until - 60_000})) == []


def test_a_close_beyond_stop_or_target_enters_nothing_and_is_no_try():
    at_once = {**LONG, "low": 95, "high": 110}
    assert entries(bars_of([95, 110, 112, 94, 100], **at_once)) == [4]
    short = {**at_once, "side": -1, "stop": 110, "target": 95}
    assert entries(bars_of([110, 95, 100, 100], **short), "short") == [2]


def test_an_unknown_level_enters_nothing():
    for name in ("low", "high", "stop", "target", "until", "side", "armed"):
        assert entries(bars_of([100, 100], **{**LONG, name: np.nan})) == []


@settings(deadline=None)  # What is compiled first takes longer.
@given(
    close=st.integers(2, 10**7), away=st.integers(1, 10**6), further=st.integers(1, 10**6),
    digits=st.integers(0, 6), side=st.sampled_from([1, -1]),
    stop_atr=st.floats(0.1, 20.0), target_atr=st.floats(0.1, 20.0),
)  # fmt: skip
def test_levels_come_out_of_the_fill_model_as_they_were_planned(
    close, away, further, digits, side, stop_atr, target_atr
):
    """On the grid, for every price, distance and multiple that an account may have."""
    stop, target = close - side * away, close + side * further
    if min(stop, target) <= 0:
        return
    scale = 10**digits
    price, planned_stop, planned_target = close / scale, stop / scale, target / scale
    bars = bars_of([price], **{
        **LONG, "side": side, "low": min(planned_stop, planned_target), "high": max(planned_stop, planned_target),
        "stop": planned_stop, "target": planned_target,
    })  # fmt: skip
    params = PLAN.with_params({"stop_atr": stop_atr, "target_atr": target_atr})
    criteria = PLAN.criteria(bars, params)
    to_stop = float(criteria.stop_distance[0]) * stop_atr
    to_target = float(criteria.target_distance[0]) * target_atr
    assert sizing.stop_ticks(side, price, to_stop, 1, float(scale), 0) == stop
    assert sizing.target_ticks(side, price, to_target, 1, float(scale), 0) == target


def test_it_knows_nothing_of_what_comes_later():
    rng = np.random.default_rng(7)
    closes = 100.0 + rng.normal(0.0, 4.0, 400)
    armed = np.repeat([np.nan, 1, 2, 3], 100)
    bars = bars_of(closes, **{**LONG, "armed": armed, "low": 97, "high": 103, "stop": 80, "target": 130})
    assert entries(bars)
    whole = PLAN.criteria(bars, PLAN.defaults())
    ask = partial(PLAN.criteria, params=PLAN.defaults())
    assert check_causality(ask, bars, whole, np.random.default_rng(3)) is None


def test_it_stands_in_no_list_and_distances_are_the_accounts():
    assert "plan" not in catalogue.available()
    assert trades_plans(PLAN)
    assert not trades_plans(catalogue.load("ema_cross"))
    check_distances(PLAN, PLAN.defaults(), Sizing())
    with pytest.raises(UsageError, match=r"stop_atr of the strategy plan must be 1\.5 as in"):
        check_distances(PLAN, PLAN.defaults(), Sizing(stop_atr=1.5))


def test_ones_own_file_of_that_name_is_ones_own(tmp_path):
    (tmp_path / "plan.py").write_text((catalogue.SHIPPED / "ema_cross.py").read_text())
    own = catalogue.load("plan", tmp_path)
    assert own.path == str(tmp_path / "plan.py")
    assert not trades_plans(own)
