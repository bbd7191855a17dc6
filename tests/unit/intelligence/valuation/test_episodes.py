"""Episodes do not overlap; figures from ten on; what is called different."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.valuation import PLANTED, WALKS, any_differs, planted_walk, random_walk

from vigie.intelligence.valuation.daily_history import daily_history
from vigie.intelligence.valuation.episodes import (
    LEVEL,
    all_that_followed,
    episode_starts,
    what_followed,
)

CLOSE = 100.0 * np.exp(np.random.default_rng(3).normal(0, 0.02, 2_000).cumsum())
HISTORY = daily_history(np.arange(2_000), CLOSE)


def _states(*spans, size=2_000):
    states = np.zeros(size, np.int64)
    for start, stop, state in spans:
        states[start:stop] = state
    return states


def test_starts_when_a_state_lasts_then_one_a_horizon():
    states = _states((100, 175, 1), (180, 181, 1), (200, 201, -1))
    assert episode_starts(states, "stretched", 30).tolist() == [100, 130, 160]
    assert episode_starts(states, "stretched", 91).tolist() == [100]
    assert episode_starts(states, "depressed", 30).tolist() == [200]
    assert episode_starts(_states((1, 2, 1), (31, 32, 1)), "stretched", 30).tolist() == [1, 31]


def test_what_followed_when_fewer_than_ten_then_the_dated_list_alone():
    found = what_followed(HISTORY, _states((1_000, 1_271, 1), (1_980, 1_981, 1)), "stretched", 30)
    assert [entry.day for entry in found.episodes] == [*range(1_000, 1_271, 30), 1_980]
    assert found.episodes[0].change == CLOSE[1_030] / CLOSE[1_000] - 1
    assert found.episodes[-1].change is None
    assert found.count == 10
    few = what_followed(HISTORY, _states((1_000, 1_270, 1)), "stretched", 30)
    assert (few.count, few.median, few.random_median, few.p_value, few.differs) == (
        9,
        None,
        None,
        None,
        False,
    )


def test_what_followed_when_ten_then_figures_beside_as_many_random_starts():
    found = what_followed(HISTORY, _states((900, 1_500, -1)), "depressed", 30)
    changes = [entry.change for entry in found.episodes]
    assert found.count == len(changes) == 20
    assert found.median == np.median(changes)
    assert (found.low, found.high) == (sorted(changes)[5], sorted(changes)[14])
    assert found.random_low < found.random_median < found.random_high
    assert 0 < found.p_value <= 1
    again = what_followed(HISTORY, _states((900, 1_500, -1)), "depressed", 30)
    assert again == found
    other = what_followed(HISTORY, _states((900, 1_500, -1)), "depressed", 30, seed=1)
    assert other.random_low != found.random_low
    assert other.p_value == found.p_value


def test_what_followed_when_the_year_is_asked_then_never_tested():
    close = np.exp(np.random.default_rng(3).normal(0.001, 0.02, 6_000).cumsum())
    history = daily_history(np.arange(6_000), close)
    found = what_followed(history, _states((0, 6_000, 1), size=6_000), "stretched", 365)
    assert found.count == 16
    assert found.median is not None
    assert (found.p_value, found.differs) == (None, False)


def test_what_followed_when_a_history_is_shorter_than_the_horizon_then_nothing_is_over():
    history = daily_history(np.arange(100), CLOSE[:100])
    found = what_followed(history, _states((50, 60, 1), size=100), "stretched", 365)
    assert [(entry.day, entry.change) for entry in found.episodes] == [(50, None)]
    assert found.count == 0
    assert all(entry.count == 0 for entry in all_that_followed(history.cut(0), np.zeros(0, np.int64)))


def test_level_when_two_states_and_two_horizons_then_a_quarter():
    assert LEVEL == 0.0125


@pytest.mark.slow
def test_walks_when_nothing_is_there_then_at_most_one_in_twenty_differs():
    found = sum(any_differs(random_walk(number)) for number in range(WALKS))
    assert 0 < found <= 0.05 * WALKS == 20


@pytest.mark.slow
def test_walks_when_a_quarter_more_is_planted_then_most_are_found():
    assert sum(any_differs(planted_walk(number)) for number in range(PLANTED)) >= 60


def test_a_few_walks_when_judged_then_planted_ones_are_told_from_others():
    assert sum(any_differs(random_walk(number)) for number in range(20)) <= 1
    assert sum(any_differs(planted_walk(number)) for number in range(10)) >= 6
