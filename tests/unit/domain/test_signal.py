"""Nearness of a criterion: 1 where it holds, falling with the distance in its own scale."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vigie.domain.signal import Criterion, Reading


def nearness(values: list[float], holds: list[bool], *, sense: str = "above", **more: object) -> list[float]:
    reading = Reading(np.array(values), more.pop("threshold", 10.0), np.array(holds), **more)
    return Criterion("c", reading, sense=sense).nearness().tolist()


def test_nearness_falls_with_the_distance_in_units_of_the_scale():
    assert nearness([8.0, 9.5, 10.5, 0.0], [False, False, True, False], scale=4.0) == [0.5, 0.875, 1.0, 0.0]


def test_below_is_mirrored():
    assert nearness([12.0, 10.5, 9.0], [False, False, True], sense="below", scale=4.0) == [0.5, 0.875, 1.0]


def test_at_the_threshold_without_holding_it_is_just_short_of_one():
    (near,) = nearness([10.0], [False])
    assert 0.999 < near < 1.0


def test_after_a_crossing_the_next_one_is_far():
    assert nearness([10.5, 9.5], [False, False], scale=1.0, is_crossing=True) == [0.0, 0.5]


def test_what_is_not_known_has_no_nearness():
    near = nearness([float("nan"), 9.0], [False, False], scale=2.0)
    assert np.isnan(near[0])
    assert near[1] == 0.5


def test_a_flat_market_is_near_only_at_the_threshold_itself():
    near = nearness([9.0, 10.0], [False, False], scale=0.0)
    assert near[0] == 0.0
    assert near[1] > 0.99


def test_arrays_given_as_a_function_are_computed_once_and_only_when_asked_for():
    calls = []

    def read() -> Reading:
        calls.append(1)
        return Reading(np.zeros(2), 1.0, np.zeros(2, np.bool_))

    criterion = Criterion("c", read, required=False)
    assert calls == []
    assert criterion.read() is criterion.read()
    assert calls == [1]


@given(
    arrays(np.float64, 5, elements=st.floats(-1e6, 1e6)),
    st.floats(1e-3, 1e3),
    st.sampled_from(["above", "below"]),
    st.booleans(),
)
@settings(derandomize=True, deadline=None)
def test_nearness_lies_between_nought_and_one_and_is_one_exactly_where_it_holds(
    values: np.ndarray, scale: float, sense: str, is_crossing: bool
):
    holds = values > 0.0 if sense == "above" else values < 0.0
    criterion = Criterion("c", Reading(values, 0.0, holds, scale=scale, is_crossing=is_crossing), sense=sense)
    near = criterion.nearness()
    assert ((near >= 0.0) & (near <= 1.0)).all()
    assert ((near == 1.0) == holds).all()


@pytest.mark.parametrize("sense", ["above", "below"])
def test_nearer_is_never_less_near(sense: str):
    sign = 1.0 if sense == "above" else -1.0
    values = 10.0 - sign * np.linspace(5.0, 0.1, 50)
    near = nearness(values.tolist(), [False] * 50, sense=sense, scale=6.0)
    assert near == sorted(near)
