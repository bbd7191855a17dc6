"""What was predicted against what came: with the diagonal, the overall rate and every count."""

from __future__ import annotations

import pytest

from tests.unit.drawing.material import export, page, parsed, texts
from vigie.drawing.calibration import CalibrationPoint, calibration_chart

NAMES = ("Observed", "Perfect calibration", "Overall rate")
POINTS = [
    CalibrationPoint(0.40, 0.45, 100, "predicted 40%, observed 45%, 100 rows"),
    CalibrationPoint(0.50, 0.50, 50, "predicted 50%, observed 50%, 50 rows"),
    CalibrationPoint(0.60, 0.55, 100, "predicted 60%, observed 55% <100 rows>"),
]


def drawn(frame, points=POINTS, overall_rate=0.5):
    return calibration_chart(points, overall_rate=overall_rate, frame=frame, names=NAMES)


def test_points_lie_where_both_axes_say():
    circles = [
        [float(node.get(name).rstrip("%")) for name in ("cx", "cy")]
        for node in parsed(drawn(page())).iter("circle")
    ]
    (left, low), (middle, centre), (right, high) = circles
    assert middle - left == pytest.approx(right - middle, abs=0.02)
    # A tenth to the right is as far as a tenth up, each as a share of its side of the plot: 91 and 86 per cent.
    assert (middle - left) / 91 == pytest.approx(2 * (low - centre) / 86, abs=0.001)
    assert centre - high == pytest.approx(low - centre, abs=0.02)


def test_it_has_the_diagonal_the_usual_rate_and_a_bar_for_each_count():
    tree = parsed(drawn(page()))
    ways = {node.get("class"): node.get("d") for node in tree.iter("path")}
    assert ways["line series-2"] == "m0,1000l1000-1000"
    assert ways["line series-3"] == "m0,500l1000,0"
    heights = [int(part.split("v")[1].split("h")[0]) for part in ways["volume"].split("z") if part]
    assert heights == [-160, -80, -160]
    assert [node.find("title").text for node in tree.iter("circle")] == [point.text for point in POINTS]


def test_an_export_names_its_lines_and_has_its_own_colours():
    svg = drawn(export())
    assert set(NAMES) <= set(texts(svg))
    assert "class=" not in svg
    assert any(text.endswith("%") for text in texts(svg))


def test_one_prediction_for_all_is_drawn_and_none_is_a_frame():
    same = [CalibrationPoint(0.5, 0.5, 10, "x")] * 3
    assert "nan" not in drawn(page(), same)
    assert list(parsed(drawn(page(), [])).iter("circle")) == []
