"""Round marks in the reader's language; days begin where the reader is, also when clocks change."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.domain.errors import UsageError
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.drawing.scale import ValueScale, fit_scale, moment_text, tick_texts, time_ticks, value_ticks

PARIS = ZoneInfo("Europe/Paris")


def ms(*when, zone=UTC):
    """Return a wall time as epoch milliseconds."""
    return int(datetime(*when, tzinfo=zone).timestamp() * 1000)


def marks(start, end, zone="Europe/Paris", language="en", count=6):
    """Return time marks."""
    return time_ticks(start, end, zone=zone, language=language, count=count)


@settings(derandomize=True, deadline=None)
@given(st.floats(-1e9, 1e9), st.floats(1e-4, 1e4), st.booleans())
def test_marks_lie_on_the_scale_in_order(low, part, is_log):
    span = part * max(abs(low), 1e-6)
    scale = (
        ValueScale(abs(low) + 1e-6, abs(low) + span + 1e-3, is_log=True)
        if is_log
        else ValueScale(low, low + span)
    )
    ticks = value_ticks(scale)
    assert ticks == sorted(ticks)
    assert all(-1e-6 <= scale.share(tick) <= 1 + 1e-6 for tick in ticks)
    assert len(ticks) <= 12


@pytest.mark.parametrize(
    ("scale", "wanted"),
    [
        (ValueScale(0, 10), [0, 2, 4, 6, 8, 10]),
        (ValueScale(-3, 7.2), [-2, 0, 2, 4, 6]),
        (ValueScale(60_100, 64_900), [61_000, 62_000, 63_000, 64_000]),
        (ValueScale(3_000, 140_000, is_log=True), [5_000, 10_000, 20_000, 50_000, 100_000]),
        (ValueScale(1, 1e9, is_log=True), [10.0**k for k in range(10)]),
    ],
)
def test_marks_are_round(scale, wanted):
    assert value_ticks(scale) == pytest.approx(wanted)


def test_a_logarithmic_scale_puts_equal_ratios_apart_equally():
    scale = ValueScale(1, 100, is_log=True)
    assert scale.shares(np.array([1.0, 10.0, 100.0])).tolist() == pytest.approx([1, 0.5, 0])
    assert np.isnan(scale.share(float("nan")))


def test_a_scale_holds_its_values_and_one_value_has_room():
    scale = fit_scale([np.array([1.0, np.nan]), np.array([3.0, np.inf])])
    assert (scale.low, scale.high) == pytest.approx((0.9, 3.1))
    flat = fit_scale([np.array([5.0])])
    assert flat.low < 5 < flat.high
    assert fit_scale([]).high > fit_scale([]).low
    with pytest.raises(UsageError, match=r"values above 0, had 0\.0"):
        fit_scale([np.array([0.0, 1.0])], is_log=True)


@pytest.mark.parametrize(
    ("ticks", "unit", "english", "french"),
    [
        (
            [0.0, 0.025, 0.05],
            "fraction",
            ["0.0%", "2.5%", "5.0%"],
            ["0,0\u00a0%", "2,5\u00a0%", "5,0\u00a0%"],
        ),
        ([60_000.0, 62_000.0], "price", ["60,000", "62,000"], ["60\u202f000", "62\u202f000"]),
        ([1e9, 1.5e9], "usd", ["$1.0B", "$1.5B"], ["1,0\u00a0Md\u00a0$", "1,5\u00a0Md\u00a0$"]),
        ([2e12, 3e12], "usd", ["$2T", "$3T"], ["2\u202f000\u00a0Md\u00a0$", "3\u202f000\u00a0Md\u00a0$"]),
        ([0.00012, 0.00014], "price", ["0.00012", "0.00014"], ["0,00012", "0,00014"]),
        ([-0.0001, 0.0001], "rate", ["\u22120.01%", "0.01%"], ["\u22120,01\u00a0%", "0,01\u00a0%"]),
        ([100.0, 150.0], "index", ["100", "150"], ["100", "150"]),
    ],
)
def test_marks_share_their_decimals_in_each_language(ticks, unit, english, french):
    assert tick_texts(ticks, unit, "en") == english
    assert tick_texts(ticks, unit, "fr") == french


def test_a_narrow_chart_writes_thousands_in_short():
    assert tick_texts([64_000.0, 64_500.0], "price", "en", short_from=1e4) == ["64.0K", "64.5K"]
    assert tick_texts([64_000.0, 64_500.0], "price", "fr", short_from=1e4) == ["64,0\u00a0k", "64,5\u00a0k"]
    assert tick_texts([9_000.0], "price", "en", short_from=1e4) == ["9,000"]


def test_marks_near_one_another_are_written_out_where_that_is_shorter():
    assert tick_texts([9_995.0, 10_000.0], "price", "en", short_from=1e4) == ["9,995", "10,000"]
    assert tick_texts([9_995.0, 10_000.0], "price", "fr", short_from=1e4) == ["9\u202f995", "10\u202f000"]
    assert tick_texts([9_000.0, 10_000.0], "price", "en", short_from=1e4) == ["9K", "10K"]


def test_days_begin_at_midnight_of_the_zone():
    found = marks(ms(2026, 6, 1), ms(2026, 6, 6))
    assert [text for _, text in found] == ["2 Jun", "3 Jun", "4 Jun", "5 Jun", "6 Jun"]
    assert found[0][0] == ms(2026, 6, 1, 22)


@pytest.mark.parametrize(("day", "hours"), [((2026, 3, 29), 23), ((2026, 10, 25), 25)])
def test_the_day_on_which_clocks_change_is_as_long_as_it_is(day, hours):
    start = ms(*day, zone=PARIS)
    found = marks(start - DAY_MS, start + 2 * DAY_MS + HOUR_MS)
    days = [ts for ts, text in found if "Mar" in text or "Oct" in text]
    assert days[2] - days[1] == hours * HOUR_MS
    hourly = marks(start, start + 5 * HOUR_MS)
    local = [datetime.fromtimestamp(ts / 1000, PARIS) for ts, _ in hourly]
    assert [f"{at:%H:%M}" if at.hour else f"{at.day} {at:%b}" for at in local] == [text for _, text in hourly]
    assert [ts for ts, _ in hourly] == sorted({ts for ts, _ in hourly})


def test_an_hour_that_clocks_skip_is_not_drawn():
    start = ms(2026, 3, 29, zone=PARIS)
    assert [text for _, text in marks(start, start + 5 * HOUR_MS)] == [
        "29 Mar",
        "01:00",
        "03:00",
        "04:00",
        "05:00",
        "06:00",
    ]


@settings(derandomize=True, deadline=None, max_examples=150)
@given(
    st.integers(ms(2015, 1, 1), ms(2026, 1, 1)),
    st.integers(HOUR_MS, 4_000 * DAY_MS),
    st.sampled_from(["UTC", "Europe/Paris", "Asia/Kolkata", "America/New_York"]),
)
def test_time_marks_lie_in_the_span_ascend_and_are_few(start, span, zone):
    found = marks(start, start + span, zone=zone)
    times = [ts for ts, _ in found]
    assert times == sorted(set(times))
    assert all(start <= ts <= start + span for ts in times)
    assert len(found) <= 8


@pytest.mark.parametrize(
    ("span", "english", "french"),
    [
        (
            12 * HOUR_MS,
            ["1 Feb", "03:00", "06:00", "09:00", "12:00"],
            ["1er f\u00e9vr.", "03:00", "06:00", "09:00", "12:00"],
        ),
        (
            150 * DAY_MS,
            ["Feb", "Mar", "Apr", "May", "Jun", "Jul"],
            ["f\u00e9vr.", "mars", "avr.", "mai", "juin", "juil."],
        ),
        (700 * DAY_MS, ["Jul", "2027", "Jul", "2028"], ["juil.", "2027", "juil.", "2028"]),
        (1_900 * DAY_MS, ["2027", "2028", "2029", "2030", "2031"], ["2027", "2028", "2029", "2030", "2031"]),
    ],
)
def test_marks_grow_with_the_span(span, english, french):
    start = ms(2026, 2, 1)
    assert [text for _, text in marks(start, start + span, zone="UTC")] == english
    assert [text for _, text in marks(start, start + span, zone="UTC", language="fr")] == french


def test_a_moment_names_its_zone():
    assert (
        moment_text(ms(2026, 8, 1, 10), zone="Europe/Paris", language="fr")
        == "1er ao\u00fbt 2026, 12:00 (Europe/Paris)"
    )


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", ""])
def test_a_zone_that_is_none_is_refused(zone):
    with pytest.raises(UsageError, match="time zone must be a name such as Europe/Paris"):
        marks(0, DAY_MS, zone=zone)
