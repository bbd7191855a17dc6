"""Decisions of the collector: when to ask, how long to wait, when a stream is silent, what is missing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.data.collection.schedule import (
    LONGEST_BACK_OFF_S,
    LONGEST_GAP_S,
    SHORTEST_GAP_S,
    UNKNOWN_GAP_S,
    back_off_s,
    connector_state,
    first_due,
    has_slept,
    is_silent,
    missing_span,
    next_due,
    usual_gap_s,
)

NOW = 1_760_000_000_000
jitters = st.floats(0, 1, exclude_max=True)
quick = settings(derandomize=True, deadline=None)


def test_next_time_is_the_interval_later_give_or_take_a_tenth():
    assert next_due(NOW, 60, 0.5) == NOW + 60_000
    assert next_due(NOW, 60, 0.0) == NOW + 54_000


@quick
@given(st.floats(1, 100_000), jitters)
def test_next_time_is_never_far_from_the_interval(every_s, jitter):
    assert 0.89 * every_s * 1_000 <= next_due(NOW, every_s, jitter) - NOW <= 1.11 * every_s * 1_000


def test_pauses_after_failures_double_up_to_a_quarter_of_an_hour():
    pauses = [back_off_s(errors, 1.0) for errors in range(1, 13)]
    assert pauses[:5] == [2, 4, 8, 16, 32]
    assert pauses[-1] == LONGEST_BACK_OFF_S


@quick
@given(st.integers(1, 10_000), jitters, st.one_of(st.none(), st.floats(0, 10_000)), st.booleans())
def test_pause_is_never_shorter_than_asked_for_nor_without_end(errors, jitter, after_s, is_hopeless):
    pause = back_off_s(errors, jitter, after_s=after_s, is_hopeless=is_hopeless)
    assert pause >= (after_s or 0.0)
    assert 1.0 <= pause <= max(LONGEST_BACK_OFF_S, after_s or 0.0)


@quick
@given(st.integers(1, 40), jitters)
def test_more_failures_never_mean_a_shorter_pause(errors, jitter):
    assert back_off_s(errors + 1, jitter) >= back_off_s(errors, jitter)


def test_after_a_start_what_is_fresh_is_left_alone_and_the_rest_is_asked_at_once():
    assert first_due(NOW, 3_600, None, 0.0) == NOW
    assert first_due(NOW, 3_600, NOW - 600_000, 0.0) == NOW + 3_000_000
    assert first_due(NOW, 3_600, NOW - 7_200_000, 0.5) == NOW + 1_000
    assert first_due(NOW, 3_600, NOW + 99, 0.0) == NOW, "a clock that was set back keeps nobody waiting"


def test_usual_gap_is_what_nine_of_ten_gaps_keep():
    assert usual_gap_s([]) == UNKNOWN_GAP_S
    assert usual_gap_s([5.0] * 95 + [40.0] * 5) == 5.0
    assert usual_gap_s([0.01] * 50) == SHORTEST_GAP_S
    assert usual_gap_s([500.0] * 50) == LONGEST_GAP_S


@quick
@given(st.lists(st.floats(0, 1_000), max_size=50))
def test_silence_is_noticed_within_three_usual_gaps_and_not_before(gaps):
    usual = usual_gap_s(gaps)
    assert is_silent(NOW + round(3 * usual * 1_000) + 1, NOW, usual)
    assert not is_silent(NOW + round(2.9 * usual * 1_000), NOW, usual)


def test_sleep_is_a_pause_that_took_far_too_long():
    assert not has_slept(NOW, NOW + 1_000, 1.0)
    assert not has_slept(NOW, NOW + 20_000, 1.0), "a busy machine"
    assert has_slept(NOW, NOW + 3_600_000, 1.0)
    assert has_slept(NOW, NOW - 3_600_000, 1.0), "a clock that was put right"
    assert not has_slept(NOW, NOW - 2_000, 1.0)


@pytest.mark.parametrize(
    ("known", "state"),
    [
        ({"ts_success": None, "errors": 0}, "waiting"),
        ({"ts_success": NOW - 100_000, "errors": 0}, "live"),
        ({"ts_success": NOW - 180_000, "errors": 0}, "stale"),
        ({"ts_success": NOW - 1_000, "errors": 1}, "failing"),
        ({"ts_success": NOW, "errors": 0, "is_paused": True}, "paused"),
        ({"ts_success": NOW, "errors": 3, "is_paused": True, "is_off": True}, "off"),
    ],
)
def test_state_says_what_matters_most(known, state):
    asked = {"usual_s": 60.0, "is_paused": False, "is_off": False, **known}
    assert connector_state(NOW, **asked) == state


def test_missing_bars_lie_between_the_last_one_and_the_one_that_arrived():
    minute = 60_000
    assert missing_span(NOW, NOW + minute, minute) is None
    assert missing_span(NOW, NOW, minute) is None, "said again"
    assert missing_span(NOW, NOW - minute, minute) is None, "last words on an earlier one"
    assert missing_span(NOW, NOW + 4 * minute, minute) == (NOW + minute, NOW + 4 * minute)
    assert missing_span(None, NOW, minute) == (0, NOW)


@quick
@given(st.integers(0, 500), st.integers(-500, 500))
def test_missing_bars_and_known_bars_leave_no_hole(last, ahead):
    span, arrived = 60_000, (last + ahead) * 60_000
    gap = missing_span(last * span, arrived, span)
    count = 0 if gap is None else (gap[1] - gap[0]) // span
    assert count == max(ahead - 1, 0)
