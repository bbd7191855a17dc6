"""When a state begins and ends, and which moves override its word."""

from __future__ import annotations

import numpy as np
import pytest

from vigie.intelligence.valuation.daily_history import daily_history
from vigie.intelligence.valuation.states import moves_in_ranges, state_name, states_of

NAN = float("nan")


@pytest.mark.parametrize(
    ("scores", "states"),
    [
        ([0.7, 0.5, 0.7, 0.5], [0, 0, 0, 0]),
        ([0.6, 0.6, 0.41, 0.4, 0.5], [0, 1, 1, 0, 0]),
        ([0.59, 0.6, 0.6], [0, 0, 1]),
        ([-0.6, -0.6, -0.41, -0.4, -0.9, -0.9], [0, -1, -1, 0, 0, -1]),
        ([0.9, 0.9, -0.9, -0.9], [0, 1, 0, -1]),
        ([-0.9, -0.9, 0.9, 0.9], [0, -1, 0, 1]),
        ([NAN, 0.9, 0.9, NAN, 0.9, 0.9], [9, 0, 1, 9, 0, 1]),
        ([0.9, NAN, 0.9], [0, 9, 0]),
        ([], []),
    ],
)
def test_states_when_scores_come_then_as_the_words_say(scores, states):
    assert states_of(np.array(scores, dtype=np.float64)).tolist() == states
    assert states_of(-np.array(scores, dtype=np.float64)).tolist() == [
        -state if state != 9 else 9 for state in states
    ]


def test_states_when_a_mean_misses_by_its_last_digit_then_it_counts():
    just_below = np.nextafter(0.6, 0.0)
    assert states_of(np.array([just_below, just_below])).tolist() == [0, 1]


def test_names_when_states_are_known_then_a_word_each():
    assert [state_name(state) for state in (1, 0, -1, 9)] == ["stretched", "normal", "depressed", None]


def test_moves_when_only_closes_are_known_then_in_ranges_of_the_days_before():
    close = np.full(40, 100.0)
    close[1::2] = 101.0
    close[30:] = 90.0
    moves = moves_in_ranges(daily_history(np.arange(40), close))
    assert np.isnan(moves[:15]).all()
    assert moves[29] == pytest.approx(0.5)
    assert moves[30] == pytest.approx(-5.5)


def test_moves_when_highs_and_lows_are_known_then_in_true_ranges():
    close = np.full(40, 100.0)
    close[-1] = 107.0
    moves = moves_in_ranges(daily_history(np.arange(40), close, close + 1.0, close - 1.0))
    assert moves[-1] == pytest.approx(3.5)
    assert moves[-2] == 0.0
