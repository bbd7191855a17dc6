"""Lines lie at their values, break where nothing is known, and keep their extremes when they are long."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.drawing.material import START, export, page, parsed, paths, points, texts
from vigie.domain.errors import UsageError
from vigie.domain.time import DAY_MS
from vigie.drawing.lines import MOST_POINTS, PlotLine, lines_chart, thin_out
from vigie.drawing.sparkline import spark_line

NAN = float("nan")


def line(values, name="a"):
    """Return a daily line."""
    return PlotLine(
        name, START + DAY_MS * np.arange(len(values), dtype=np.int64), np.array(values, dtype=np.float64)
    )


def test_a_line_runs_from_its_first_to_its_last_value():
    (d,) = paths(lines_chart([line([0.0, 10.0, 5.0])], frame=page()), "line")
    assert [(round(x), round(y)) for _, x, y in points(d)] == [(0, 955), (500, 45), (1000, 500)]


def test_what_is_not_known_breaks_the_line():
    (d,) = paths(lines_chart([line([1.0, 2.0, NAN, 3.0, NAN])], frame=page()), "line")
    assert [command for command, *_ in points(d)] == ["m", "l", "m"]


def test_lines_share_scale_and_times():
    late = PlotLine("b", line([1.0, 1.0, 1.0]).ts + DAY_MS, np.array([20.0, 20.0, 20.0]))
    first, second = paths(lines_chart([line([0.0, 0.0, 0.0]), late], frame=page()), "line")
    assert points(first)[-1][1] == pytest.approx(667, abs=1)
    assert points(second)[0][1:] == pytest.approx((333, 45), abs=1)


def test_a_logarithmic_scale_makes_equal_ratios_equal_steps():
    (d,) = paths(lines_chart([line([1.0, 10.0, 100.0])], frame=page(), is_log=True), "line")
    ys = [y for _, _, y in points(d)]
    assert ys[0] - ys[1] == pytest.approx(ys[1] - ys[2], abs=1)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.integers(801, 5_000), st.integers(0, 1_000))
def test_long_lines_keep_first_last_and_extremes(n, seed):
    values = np.cumsum(np.random.default_rng(seed).normal(size=n))
    keep = thin_out(values, MOST_POINTS)
    assert len(keep) <= MOST_POINTS + 2
    assert (keep[0], keep[-1]) == (0, n - 1)
    assert {int(values.argmin()), int(values.argmax())} <= set(keep.tolist())
    assert np.all(np.diff(keep) > 0)


def test_a_hole_in_a_long_line_stays_a_hole():
    values = np.ones(5_000)
    values[2_500:2_510] = NAN
    assert np.isnan(values[thin_out(values, 800)]).any()


def test_the_area_goes_down_to_the_bottom_for_each_piece():
    svg = lines_chart([line([1.0, 2.0, NAN, 3.0, 2.0])], frame=page(), is_area=True)
    (area,) = paths(svg, "area")
    assert area.count("V1000H") == 2
    assert area.count("Z") == 2
    assert area.endswith("V1000H750Z")


def test_an_export_names_several_lines_but_not_a_single_one():
    assert "a" not in texts(lines_chart([line([1.0, 2.0])], frame=export()))
    assert {"a", "b"} <= set(texts(lines_chart([line([1.0, 2.0]), line([2.0, 1.0], "b")], frame=export())))


def test_nothing_known_is_an_empty_frame():
    assert list(parsed(lines_chart([line([NAN, NAN])], frame=page())).iter("path")) == []


@pytest.mark.parametrize("count", [0, 9])
def test_too_few_or_too_many_lines_are_refused(count):
    with pytest.raises(UsageError, match=f"give 1 to 8 lines, were {count}"):
        lines_chart([line([1.0])] * count, frame=page())


@pytest.mark.parametrize(
    ("values", "tone"), [([1.0, 2.0], "up"), ([2.0, 1.0], "down"), ([1.0, 5.0, 1.0], "flat")]
)
def test_a_sparkline_tells_its_direction(values, tone):
    assert spark_line(values, 96, 24).tone == tone


def test_a_sparkline_stays_in_its_box_and_skips_what_is_not_known():
    drawn = spark_line([1.0, None, 3.0, 2.0], 96, 24)
    assert drawn.points == "0.0,22.0 64.0,2.0 96.0,12.0"
    assert (drawn.first, drawn.last) == (0.0, 96.0)


def test_one_value_is_no_sparkline():
    assert spark_line([1.0, None], 96, 24) is None
    assert spark_line([], 96, 24) is None
