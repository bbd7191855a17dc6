"""Candles stay small, one path for each colour, and lie where their prices are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.unit.drawing.material import START, candles, export, page, parsed, paths, points, texts
from vigie.domain.errors import UsageError
from vigie.domain.time import HOUR_MS
from vigie.drawing.candles import CandleSeries, candles_chart, merge_candles
from vigie.drawing.points import NumberedMark

NONE = np.zeros(0)


def two():
    """Return a rising and a falling candle that span the whole scale."""
    rows = [(10.0, 20.0, 10.0, 15.0), (15.0, 16.0, 12.0, 12.0)]
    o, h, low, c = np.array(rows).T
    return CandleSeries(START + HOUR_MS * np.arange(2), o, h, low, c, NONE, HOUR_MS)


@pytest.mark.parametrize("frame", [page(), export()])
def test_500_candles_with_volume_and_two_lines_stay_under_40_kilobytes(frame):
    bars = candles(500)
    svg = candles_chart(bars, frame=frame, overlays=[("SMA 50", bars.close), ("SMA 200", bars.close * 1.01)])
    assert len(svg.encode()) < 40_000
    assert len(list(parsed(svg).iter("path"))) <= 3 + 2 * 2


def test_each_colour_is_one_path_with_a_wick_and_a_body_a_candle():
    bars = candles(100)
    svg = candles_chart(bars, frame=page())
    (up,), (down,) = paths(svg, "up"), paths(svg, "down")
    rising = int(np.count_nonzero(bars.close >= bars.open))
    assert up.count("z") == rising
    assert down.count("z") == 100 - rising
    assert len(paths(svg, "volume")) == 1


def test_wicks_and_bodies_lie_at_their_prices():
    svg = candles_chart(two(), frame=page())
    # The scale runs from 9.5 to 20.5 over 1000 units.
    places = points(paths(svg, "up")[0])
    assert [(c, round(x), round(y)) for c, x, y in places[:2]] == [("m", 5, 45), ("v", 5, 955)]
    assert [(c, round(x), round(y)) for c, x, y in places[2:5]] == [
        ("m", 2, 500),
        ("h", 8, 500),
        ("v", 8, 955),
    ]
    places = points(paths(svg, "down")[0])
    assert [(c, round(x), round(y)) for c, x, y in places[:2]] == [("m", 15, 409), ("v", 15, 773)]


def test_without_volume_the_prices_have_the_whole_plot():
    assert paths(candles_chart(two(), frame=page()), "volume") == []


def test_a_gap_in_time_is_a_gap_in_the_chart():
    bars = candles(4)
    gapped = replace(bars, ts=np.array([0, 1, 8, 9], dtype=np.int64) * HOUR_MS + START)
    svg = candles_chart(gapped, frame=page())
    xs = sorted(
        x
        for kind in ("up", "down")
        for d in paths(svg, kind)
        for c, x, _ in points(d)
        if c == "v" and x % 10 == 5
    )
    assert sorted(set(xs)) == [5, 15, 85, 95]


def test_many_bars_are_put_together_without_losing_extremes():
    bars = candles(1_700)
    drawn = merge_candles(bars, 500)
    assert len(drawn.ts) <= 500
    assert drawn.span_ms == 4 * HOUR_MS
    assert drawn.high.max() == bars.high.max()
    assert drawn.low.min() == bars.low.min()
    assert drawn.volume.sum() == pytest.approx(bars.volume.sum())
    assert drawn.open[1] == bars.open[4]
    assert drawn.close[0] == bars.close[3]
    assert drawn.high[0] == bars.high[:4].max()
    assert merge_candles(bars, 5_000) is bars


def test_merging_follows_time_where_bars_are_missing():
    bars = candles(8)
    gapped = replace(bars, ts=START + HOUR_MS * np.array([0, 1, 2, 3, 9, 10, 11, 12]))
    drawn = merge_candles(gapped, 4)
    assert drawn.ts.tolist() == [START + k * HOUR_MS for k in (0, 2, 8, 10, 12)]


def test_an_export_names_its_lines_and_a_page_leaves_that_to_the_page():
    bars = candles(60)
    overlays = [("SMA 50", bars.close)]
    assert "SMA 50" in texts(candles_chart(bars, frame=export(), overlays=overlays))
    assert "SMA 50" not in texts(candles_chart(bars, frame=page(), overlays=overlays))


def test_a_logarithmic_scale_is_drawn_and_refused_for_prices_of_zero():
    bars = candles(50)
    assert candles_chart(bars, frame=page(), is_log=True) != candles_chart(bars, frame=page())
    with pytest.raises(UsageError, match="a logarithmic scale must have values above 0"):
        candles_chart(replace(bars, low=bars.low * 0), frame=page(), is_log=True)


def test_no_bars_are_an_empty_frame():
    empty = CandleSeries(np.zeros(0, np.int64), NONE, NONE, NONE, NONE, NONE, HOUR_MS)
    assert list(parsed(candles_chart(empty, frame=page())).iter("path")) == []


def test_lines_must_fit_the_bars():
    with pytest.raises(UsageError, match="SMA must have 2 values like the bars, had 3"):
        candles_chart(two(), frame=page(), overlays=[("SMA", np.ones(3))])
    with pytest.raises(UsageError, match="at most 8 lines are allowed, were 9"):
        candles_chart(two(), frame=page(), overlays=[(str(k), np.ones(2)) for k in range(9)])


NUMBERED = (
    NumberedMark(1, START + HOUR_MS // 2, 10.0, "below", "Decided"),
    NumberedMark(3, START + 3 * HOUR_MS // 2, 20.0, "at", "Stop"),
    NumberedMark(9, START + 9 * HOUR_MS, 15.0, "above", "Later"),
)


def test_a_number_stands_at_its_bar_and_price_and_none_outside_the_plot():
    svg = candles_chart(two(), frame=page(), points=NUMBERED)
    groups = [one for one in parsed(svg).iter("g") if one.get("class") == "chart-point"]
    assert [group.find("text").text for group in groups] == ["1", "3"]
    first, second = (group.find("circle") for group in groups)
    assert float(first.get("cx")[:-1]) * 3 == pytest.approx(float(second.get("cx")[:-1]), abs=0.1)
    assert float(first.get("cy")[:-1]) > float(second.get("cy")[:-1])
    assert "translate(0 15)" in groups[0].get("transform")


def test_a_file_says_beside_the_lines_what_each_number_is_about():
    svg = candles_chart(two(), frame=export(), overlays=[("Close", np.array([15.0, 12.0]))], points=NUMBERED)
    assert {"Decided", "Stop"} <= set(texts(svg))
    assert "Decided" not in texts(candles_chart(two(), frame=page(), points=NUMBERED))
