"""What counts for and against a setup adds up, weighs nothing where it is absent, and mirrors with the side."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.domain.signal import CriterionState
from vigie.intelligence.setups.contributions import (
    FAMILIES,
    SetupReading,
    against_the_crowd,
    contribution_of,
    criteria_readings,
    of_forced_orders,
    total_of,
    with_the_move,
)

readings = st.lists(
    st.builds(
        SetupReading,
        name=st.just("x"),
        lean=st.floats(-1.0, 1.0),
        weight=st.floats(0.0, 2.0),
        absence=st.sampled_from(["", "", "missing", "stale"]),
    ),
    max_size=5,
)


@given(st.lists(readings, min_size=5, max_size=5), st.lists(st.floats(0.0, 2.0), min_size=5, max_size=5))
def test_the_total_is_the_weighted_mean_of_the_parts_that_are_shown(families, weights):
    parts = [
        contribution_of(family, own, "long", weight)
        for family, own, weight in zip(FAMILIES, families, weights, strict=True)
    ]
    total = total_of(parts)
    shown = [part for part in parts if part.weight > 0.0]
    assert all(-1.0 <= part.value <= 1.0 for part in parts)
    if not shown:
        assert total is None
        return
    mean = math.fsum(part.weight * part.value for part in shown) / math.fsum(part.weight for part in shown)
    assert total == pytest.approx(mean, abs=1e-9)
    assert -1.0 - 1e-9 <= total <= 1.0 + 1e-9


@given(readings, st.sampled_from(["news", "derivatives"]))
def test_for_one_side_is_against_the_other(own, family):
    assert (
        contribution_of(family, own, "long", 1.0).value == -contribution_of(family, own, "short", 1.0).value
    )


def test_what_is_absent_weighs_nothing_and_says_why():
    assert contribution_of("patterns", [], "long", 0.5).absence == "not_built"
    stale = contribution_of("news", [SetupReading("news", 0.0, absence="stale")], "long", 0.5)
    assert (stale.weight, stale.absence) == (0.0, "stale")
    left_out = contribution_of("news", [SetupReading("news", 0.5)], "long", 0.0)
    assert (left_out.weight, left_out.absence) == (0.0, "left_out")


def test_criteria_that_hold_are_for_it_and_the_farther_the_more_against():
    states = [
        CriterionState("a", 1.0, 0.0, 1.0, True, True, 1.0, "above"),
        CriterionState("b", 1.0, 0.0, 0.5, False, False, 0.25, "above"),
        CriterionState("c", math.nan, 0.0, 0.5, False, False, math.nan, "above"),
    ]
    told = criteria_readings(states, 5)
    assert [(one.lean, one.absence) for one in told] == [(1.0, ""), (-0.5, ""), (0.0, "missing")]
    assert contribution_of("criteria", told, "short", 1.0).value == pytest.approx((1.0 - 0.25) / 1.5)


def test_a_crowded_side_leans_against_it_and_few_values_say_nothing():
    past = np.arange(100.0)
    assert against_the_crowd(past, 200.0) == -1.0
    assert against_the_crowd(past, -1.0) == 1.0
    assert against_the_crowd(past, 49.5) == pytest.approx(0.0)
    assert against_the_crowd(np.full(100, 1.0), 1.0) == 0.0
    assert against_the_crowd(past[:29], 1.0) is None


def test_new_positions_lean_with_the_move_they_came_with():
    past = np.linspace(-0.05, 0.05, 50)
    assert with_the_move(past, 0.2, 0.01) == 1.0
    assert with_the_move(past, 0.2, -0.01) == -1.0
    assert with_the_move(past, -0.2, -0.01) == 0.0
    assert with_the_move(past[:5], 0.2, 0.01) is None


def test_forced_orders_push_the_price():
    assert of_forced_orders(100.0, 300.0) == 0.5
    assert of_forced_orders(100.0, 0.0) == -1.0
    assert of_forced_orders(0.0, 0.0) is None
