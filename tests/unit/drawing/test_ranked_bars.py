"""Bars from zero: as long as their values, on both sides, with the level each is compared with."""

from __future__ import annotations

import pytest

from tests.unit.drawing.material import page, parsed, texts
from vigie.drawing.ranked_bars import RankedBar, ranked_bars_chart

BARS = [RankedBar("up & far", 2.0, "2.0", 1.0), RankedBar("down", -1.0, "-1.0"), RankedBar("none", 0.0, "0")]


def test_bars_are_as_long_as_their_values_on_their_side_of_zero():
    tree = parsed(ranked_bars_chart(BARS, frame=page()))
    up, down, none = ((float(one.get("x")), float(one.get("width"))) for one in tree.iter("rect"))
    assert up[1] == pytest.approx(2 * down[1], abs=0.2)
    assert down[0] + down[1] == pytest.approx(up[0], abs=0.2)
    assert none[1] == 1.0
    marks = [one for one in tree.iter("path") if "series-2" in one.get("class")]
    assert len(marks) == 1
    at = float(marks[0].get("d")[1:].split(",")[0])
    assert at == pytest.approx(up[0] + up[1] / 2, abs=0.2)


def test_names_and_values_are_written_and_nothing_is_a_frame():
    svg = ranked_bars_chart(BARS, frame=page())
    assert texts(svg) == ["up & far", "2.0", "down", "-1.0", "none", "0"]
    assert list(parsed(ranked_bars_chart([], frame=page())).iter("rect")) == []
