"""Times people type, times in files, timeframes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.domain.errors import UsageError
from vigie.domain.time import TIMEFRAME_MS, Elapsed, iso, parse_time, timeframe_ms, timeframe_name

NEW_YEAR = 1_735_689_600_000


@pytest.mark.parametrize(
    "text",
    [
        "2025-01-01",
        "2025-01-01T00:00:00Z",
        "2025-01-01T00:00:00",
        "2025-01-01 00:00",
        "2025-01-01T01:00:00+01:00",
        " 2025-01-01 ",
        "1735689600",
        "1735689600000",
    ],
)
def test_every_usual_spelling_of_a_time_is_the_same_time(text: str):
    assert parse_time(text) == NEW_YEAR


@pytest.mark.parametrize(
    "text", ["", "yesterday", "01/02/2025", "2025-13-01", "2025-01-01T25:00", "20250101T00", "1e9"]
)
def test_what_is_no_time_is_refused_with_an_example(text: str):
    with pytest.raises(UsageError, match=r"time must be ISO 8601 such as 2025-01-01T00:00:00Z, was "):
        parse_time(text)


def test_milliseconds_are_written_only_where_there_are_any():
    assert iso(NEW_YEAR) == "2025-01-01T00:00:00Z"
    assert iso(NEW_YEAR + 7) == "2025-01-01T00:00:00.007Z"
    assert iso(-1) == "1969-12-31T23:59:59.999Z"


@given(st.integers(0, 4_000_000_000_000))
@settings(derandomize=True, deadline=None)
def test_a_written_time_reads_back(ts: int):
    assert parse_time(iso(ts)) == ts


@pytest.mark.parametrize("name", TIMEFRAME_MS)
def test_a_timeframe_has_one_name(name: str):
    assert timeframe_name(timeframe_ms(name)) == name


def test_an_unknown_timeframe_is_refused_with_those_known():
    with pytest.raises(UsageError, match=r"timeframe must be one of 1m 5m .* 1d, was '7m'"):
        timeframe_ms("7m")


def test_an_unusual_span_names_itself():
    assert timeframe_name(7) == "7ms"


@given(st.lists(st.integers(-10_000, 10_000), max_size=20), st.integers(0, 10_000))
@settings(derandomize=True, deadline=None)
def test_what_has_passed_stays_passed_wherever_a_hand_is_set(moves: list[int], before: int):
    elapsed, now, forth = Elapsed(NEW_YEAR - before, NEW_YEAR), NEW_YEAR, before
    for move in moves:
        now += move
        forth += max(move, 0)
        assert elapsed.passed_ms(now) == forth


def test_what_is_yet_to_begin_by_a_hand_that_was_set_back_begins_now():
    elapsed = Elapsed(NEW_YEAR + 3_600_000)
    assert [elapsed.passed_ms(NEW_YEAR + ms) for ms in (0, 7)] == [0, 7]
