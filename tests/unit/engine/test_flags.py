"""The flags of any criteria are those of the rule, written out over whole arrays."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.research.material import history
from vigie.domain.errors import DataError
from vigie.domain.signal import Criteria, Criterion, Reading
from vigie.domain.state import LONG_ENTRY, LONG_EXIT, SHORT_ENTRY, SHORT_EXIT
from vigie.engine.signals import first_decision_bar, known_bars, make_flags
from vigie.trading import catalogue

N = 12


def by_rule(criteria, n):
    """An entry needs all its required criteria, and a bar not before the first at which everything is known."""
    flags, ready = np.zeros(n, np.uint8), np.ones(n, np.bool_)
    for bit, side in ((LONG_ENTRY, criteria.long), (SHORT_ENTRY, criteria.short)):
        required = [one.read() for one in side if one.required]
        if required:
            flags[np.all([one.holds for one in required], axis=0)] |= bit
        for one in required:
            ready &= known_bars(one)
    exits = ((LONG_EXIT, criteria.long_exit), (SHORT_EXIT, criteria.short_exit))
    for _, one in exits:
        if one is not None:
            ready &= known_bars(one.read())
    flags[: int(np.argmax(ready)) if ready.any() else n] = 0
    for bit, one in exits:
        if one is not None:
            flags[one.read().holds] |= bit
    return flags


def same(criteria, n):
    row = np.full(n, 255, np.uint8)
    assert make_flags(criteria, n, row) is row
    np.testing.assert_array_equal(row, by_rule(criteria, n))
    np.testing.assert_array_equal(make_flags(criteria, n), row)
    return row


@pytest.mark.parametrize("name", catalogue.available())
@pytest.mark.parametrize("n", [40, 1_500])
def test_shipped_strategies_have_the_flags_of_the_rule(name, n):
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
    said = draw(st.one_of(st.none(), truths))
    reading = Reading(draw(numbers), threshold, draw(truths), known=said, is_crossing=draw(st.booleans()))
    return Criterion("c", reading, required=draw(st.booleans()))


@given(
    long=st.lists(criterion(), max_size=3),
    short=st.lists(criterion(), max_size=3),
    exits=st.tuples(st.one_of(st.none(), criterion()), st.one_of(st.none(), criterion())),
)
@settings(derandomize=True, deadline=None, max_examples=300)
def test_any_criteria_have_the_flags_of_the_rule(long, short, exits):
    same(Criteria(long=tuple(long), short=tuple(short), long_exit=exits[0], short_exit=exits[1]), N)


HOLDS = np.arange(N) % 3 == 0


@pytest.mark.parametrize(
    ("reading", "said"),
    [
        (Reading(np.zeros(N - 1), 0.0, HOLDS), r"value of criterion 'odd' must have 12 values, had \(11,\)"),
        (Reading([0.0] * 11, 0.0, HOLDS), r"value of criterion 'odd' must have 12 values, had \(11,\)"),
        (Reading(np.zeros((N, 1)), 0.0, HOLDS), r"value of .* had \(12, 1\)"),
        (Reading(np.zeros(N), np.zeros(3), HOLDS), r"threshold of criterion 'odd' must have 12 values"),
        (Reading(np.zeros(N), 0.0, HOLDS, known=HOLDS[1:]), r"known of criterion 'odd' must have 12 values"),
    ],
)
def test_a_reading_of_another_length_is_refused(reading, said):
    with pytest.raises(DataError, match=said):
        make_flags(Criteria(long=(Criterion("odd", reading),), short=()), N)


@pytest.mark.parametrize("value", [np.arange(N), np.arange(N, dtype=np.float32), list(range(N))])
def test_values_of_any_number_type_are_read(value):
    same(Criteria(long=(Criterion("c", Reading(np.asarray(value), 3.0, HOLDS)),), short=()), N)
    assert first_decision_bar(Criteria(long=(Criterion("c", Reading(value, 3.0, HOLDS)),), short=()), N) == 0


def test_parts_of_arrays_and_arrays_that_cannot_be_written_to_are_read():
    wide = np.arange(2.0 * N)
    wide[:7] = np.nan
    truth = np.arange(2 * N) % 3 == 0
    sealed = truth[:N].copy()
    sealed.flags.writeable = False
    for holds in (truth[::2], sealed):
        row = same(Criteria(long=(), short=(Criterion("c", Reading(wide[::2], 3.0, holds)),)), N)
        assert np.flatnonzero(row).tolist() == np.flatnonzero(holds & ~np.isnan(wide[::2])).tolist()
