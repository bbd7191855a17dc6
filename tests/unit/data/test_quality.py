from __future__ import annotations

import polars as pl
import pytest

from tests.unit.data.material import NOW, START, change, drop, make_frame
from vigie.data.frames import to_raw_rows
from vigie.data.quality import BarFindings, check_rows, find_issues, list_gaps

HOUR = 3_600_000
FRAME = make_frame(24)


def judged(frame: pl.DataFrame, now: int = NOW):
    return check_rows(to_raw_rows(frame), span_ms=HOUR, now_ms=now)


def test_good_bars_pass_untouched():
    result = judged(FRAME)
    assert result.good.equals(FRAME)
    assert (len(result.bad), result.duplicates, result.was_unsorted, result.reasons) == (0, 0, False, {})


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"high": 1.0, "low": 2.0}, "high is below low"),
        ({"open": 1e6}, "open is outside high and low"),
        ({"close": 0.5}, "close is outside high and low"),
        ({"low": 0.0}, "low is not positive"),
        ({"open": -1.0}, "open is not positive"),
        ({"volume": -0.1}, "volume is negative"),
        ({"close": float("nan")}, "close is missing or not a number"),
        ({"high": float("inf")}, "high is missing or not a number"),
        ({"volume": None}, "volume is missing or not a number"),
    ],
)
def test_row_that_cannot_be_a_bar_is_set_aside_with_the_reason(values: dict[str, float], reason: str):
    result = judged(change(FRAME, 5, **values))
    assert result.reasons == {reason: 1}
    assert result.bad["row"].to_list() == [6]
    assert result.good.equals(drop(FRAME, 5))


def test_misaligned_time_is_set_aside():
    raw = to_raw_rows(FRAME).with_columns(
        timestamp=pl.when(pl.int_range(pl.len()) == 3)
        .then(pl.col("timestamp") + 60_000)
        .otherwise("timestamp")
    )
    result = check_rows(raw, span_ms=HOUR, now_ms=NOW)
    assert result.reasons == {"time is not a multiple of the timeframe": 1}
    assert len(result.good) == 23


def test_unfinished_last_bar_and_bars_of_the_future_are_set_aside():
    result = judged(FRAME, now=START + 20 * HOUR + HOUR // 2)
    assert result.reasons == {"opens in the future": 3, "unfinished": 1}
    assert len(result.good) == 20


def test_bar_that_closes_now_is_finished():
    assert len(judged(FRAME, now=START + 24 * HOUR).good) == 24


def test_identical_repetitions_collapse_and_are_counted():
    result = judged(pl.concat([FRAME, FRAME[3:6]]))
    assert (result.duplicates, result.was_unsorted, len(result.bad)) == (3, True, 0)
    assert result.good.equals(FRAME)


def test_of_conflicting_repetitions_none_is_believed():
    other = change(FRAME, 4, volume=1.5)[4:5]
    result = judged(pl.concat([FRAME, other]))
    assert result.reasons == {"same time, different values": 2}
    assert result.good.equals(drop(FRAME, 4))


def test_unsorted_rows_are_sorted_and_said():
    result = judged(FRAME.reverse())
    assert result.was_unsorted
    assert result.good.equals(FRAME)


def test_unreadable_time_is_set_aside():
    raw = to_raw_rows(FRAME).with_columns(
        timestamp=pl.when(pl.int_range(pl.len()) == 3).then(None).otherwise("timestamp")
    )
    assert check_rows(raw, span_ms=HOUR, now_ms=NOW).reasons == {"time cannot be read": 1}


def test_gaps_jumps_and_empty_bars_are_findings_not_faults():
    frame = drop(change(FRAME, 20, volume=0.0), 3, 4, 10)
    frame = frame.with_columns(
        pl.when(pl.int_range(pl.len()) >= 12).then(pl.col("close") * 1.3).otherwise("close").alias("close")
    )
    assert find_issues(frame, HOUR) == BarFindings(gaps=2, missing=3, longest_gap=2, jumps=1, zero_volume=1)


def test_jump_of_exactly_20_percent_is_none_and_a_gap_hides_a_jump():
    frame = FRAME.with_columns(close=pl.Series([100.0] * 10 + [120.0] * 14))
    assert find_issues(frame, HOUR).jumps == 0
    frame = frame.with_columns(close=pl.Series([100.0] * 10 + [120.1] * 14))
    assert find_issues(frame, HOUR).jumps == 1
    assert find_issues(drop(frame, 9), HOUR).jumps == 0


def test_gap_list_says_from_and_to():
    assert list_gaps(drop(FRAME, 3, 4), HOUR) == [(START + 3 * HOUR, START + 5 * HOUR)]
    assert find_issues(FRAME.clear(), HOUR) == BarFindings()
