"""Marks of one bar are one with a count and its list, at every timeframe, and no mark lies on another."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.drawing.material import START, candles, export, page, parsed
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.drawing.candles import candles_chart
from vigie.drawing.lines import PlotLine, lines_chart
from vigie.drawing.marks import ChartMark, place_at_bars

SPANS = {"1h": HOUR_MS, "6h": 6 * HOUR_MS, "1d": DAY_MS, "1w": 7 * DAY_MS}
# Of a phone of 390 pixels, as it was looked at.
PHONE_PX = 290


def drawn(svg):
    """Return the marks of a page as (share of the plot's width, radius, count, titles), from the left."""
    found = []
    for one in parsed(svg).iter("a"):
        if one.get("class") != "news-mark":
            continue
        (circle,) = one.iter("circle")
        count = int(next(one.iter("text")).text) if list(one.iter("text")) else 1
        titles = next(one.iter("title")).text.split("\n")
        found.append((float(circle.get("cx").rstrip("%")) / 100, int(circle.get("r")), count, titles))
    return sorted(found)


def chart(marks, span, *, count=30, frame=None):
    bars = candles(count)
    bars = replace(bars, ts=START + span * np.arange(count), span_ms=span)
    return candles_chart(bars, frame=frame or page(), marks=marks, news_link="#list")


@pytest.mark.parametrize("span", SPANS.values(), ids=SPANS)
def test_marks_of_one_bar_are_one_with_their_count_and_list(span):
    last = START + 29 * span
    # Two in one bar in the middle; in the last bar at its start, its end and after it.
    times = [START + 10 * span, START + 11 * span - 1, last, last + span - 1, last + 3 * span]
    found = drawn(chart([ChartMark(ts, f"story {at}", f"/story/{at}") for at, ts in enumerate(times)], span))
    assert [(count, titles) for _, _, count, titles in found] == [
        (2, ["story 0", "story 1"]),
        (3, ["story 2", "story 3", "story 4"]),
    ]
    svg = chart([ChartMark(times[0], "alone", "/story/a")], span)
    assert 'href="/story/a"' in svg


@pytest.mark.parametrize("frame", [page(), export()])
def test_a_mark_stands_in_the_middle_of_its_bar(frame):
    ends = [chart([ChartMark(START + at, "story", "/")], DAY_MS, frame=frame) for at in (0, DAY_MS - 1)]
    places = [re.findall(r'<circle cx="([^"]+)"', one) for one in ends]
    assert places[0] == places[1]
    assert len(places[0]) == 1


@given(st.lists(st.integers(-5, 40 * 24), min_size=1, max_size=40), st.sampled_from(list(SPANS.values())))
def test_no_mark_lies_on_another_on_a_phone_and_none_is_lost(hours, span):
    marks = [ChartMark(START + hour * HOUR_MS, f"{at}", "/") for at, hour in enumerate(hours)]
    found = drawn(chart(marks, span))
    assert sum(count for _, _, count, _ in found) == sum(hour >= 0 for hour in hours)
    for (x, radius, _, _), (right, wide, _, _) in pairwise(found):
        assert (right - x) * PHONE_PX >= radius + wide - 0.5


def test_what_was_known_after_the_last_value_of_a_line_is_one_mark_at_its_end():
    ts = START + HOUR_MS * np.arange(100)
    marks = [ChartMark(int(ts[-1]) + hour * HOUR_MS, f"{hour}", "/") for hour in (0, 9, 40)]
    ((x, _, count, _),) = drawn(
        lines_chart([PlotLine("a", ts, np.arange(100.0))], frame=page(), marks=marks, news_link="#")
    )
    assert (x > 0.9, count) == (True, 3)


def test_before_the_first_bar_and_without_bars_there_is_no_mark():
    opens = np.array([START, START + DAY_MS])
    marks = [ChartMark(START - 1, "before", "/"), ChartMark(START + DAY_MS + 5, "in", "/")]
    assert [(one.ts - START, one.title) for one in place_at_bars(marks, opens, DAY_MS)] == [
        (DAY_MS + DAY_MS // 2, "in")
    ]
    assert place_at_bars(marks, np.zeros(0, dtype=np.int64), DAY_MS) == []
