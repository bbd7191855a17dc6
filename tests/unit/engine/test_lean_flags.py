"""The flags of sweeps are the flags of backtests."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.research.material import history
from vigie.domain.errors import DataError
from vigie.domain.signal import Criteria, Criterion, Reading
from vigie.engine.lean_flags import write_flags
from vigie.engine.signals import flags_of
from vigie.trading import catalogue

N = 12


def same(criteria, n):
    row = np.full(n, 255, np.uint8)
    write_flags(criteria, row)
    np.testing.assert_array_equal(row, flags_of(criteria, n))
    return row


@pytest.mark.parametrize("name", catalogue.available())
@pytest.mark.parametrize("n", [40, 1_500])
def test_shipped_strategies_have_the_same_flags(name, n):
    bars = history(n)
    strategy = catalogue.load(name)
    assert fields(strategy.params)
    row = same(strategy.criteria(bars, strategy.defaults()), n)
    assert row[:3].max() <= 12


numbers = st.lists(st.sampled_from([np.nan, -1.0, 0.0, 1.0]), min_size=N, max_size=N).map(np.array)
truths = st.lists(st.booleans(), min_size=N, max_size=N).map(np.array)


@st.composite
def criterion(draw):
    threshold = draw(st.one_of(numbers, st.sampled_from([0.5, 1, np.nan])))
    known = draw(st.one_of(st.none(), truths))
    reading = Reading(draw(numbers), threshold, draw(truths), known=known, is_crossing=draw(st.booleans()))
    return Criterion("c", reading, required=draw(st.booleans()))


@given(
    long=st.lists(criterion(), max_size=3),
    short=st.lists(criterion(), max_size=3),
    exits=st.tuples(st.one_of(st.none(), criterion()), st.one_of(st.none(), criterion())),
)
@settings(derandomize=True, deadline=None, max_examples=300)
def test_any_criteria_have_the_same_flags(long, short, exits):
    same(Criteria(long=tuple(long), short=tuple(short), long_exit=exits[0], short_exit=exits[1]), N)


@pytest.mark.parametrize(
    "reading",
    [
        Reading(np.zeros(N), 0.0, np.zeros(N + 1, np.bool_)),
        Reading(np.zeros(N), 0.0, np.zeros(N)),
        Reading(np.zeros(N - 1), 0.0, np.zeros(N, np.bool_)),
        Reading(np.zeros(N), np.zeros(3), np.zeros(N, np.bool_)),
    ],
)
def test_wrong_shapes_are_refused_alike(reading):
    criteria = Criteria(long=(Criterion("odd", reading),), short=())
    with pytest.raises(DataError) as expected:
        flags_of(criteria, N)
    with pytest.raises(DataError) as given_:
        write_flags(criteria, np.zeros(N, np.uint8))
    assert str(given_.value) == str(expected.value)


def test_whole_numbers_as_values_go_the_long_way():
    reading = Reading(np.arange(N), 3.0, np.arange(N) > 3)
    same(Criteria(long=(Criterion("int", reading),), short=()), N)
