"""Bars from zero: as long as their values, on both sides, with the level each is compared with."""

from __future__ import annotations

import pytest

from tests.unit.drawing.material import export, page, parsed, texts
from vigie.drawing.ranked_bars import RankedBar, ranked_bars_chart

BARS = [RankedBar("up & far", 2.0, "2.0", 1.0), RankedBar("down", -1.0, "-1.0"), RankedBar("none", 0.0, "0")]


def share(text: str) -> float:
    return float(text.removesuffix("%"))


def test_bars_are_as_long_as_their_values_on_their_side_of_zero():
    tree = parsed(ranked_bars_chart(BARS, frame=page()))
    boxes = [one for one in tree.iter("rect") if one.get("class") == "series-1"]
    up, down, none = ((share(one.get("x")), share(one.get("width"))) for one in boxes)
    assert up[1] == pytest.approx(2 * down[1], abs=0.2)
    assert down[0] + down[1] == pytest.approx(up[0], abs=0.2)
    assert up[0] + up[1] == pytest.approx(100.0, abs=0.1)
    assert 0.0 < none[1] < 0.2
    (mark,) = (one for one in tree.iter("rect") if one.get("class") == "series-2")
    assert share(mark.get("x")) == pytest.approx(up[0] + up[1] / 2, abs=0.2)


def test_names_and_values_are_written_and_nothing_is_a_frame():
    svg = ranked_bars_chart(BARS, frame=page())
    assert texts(svg) == ["up & far", "2.0", "down", "-1.0", "none", "0"]
    assert list(parsed(ranked_bars_chart([], frame=page())).iter("rect")) == []


def test_letters_keep_their_size_in_a_page_and_an_export_is_as_high_as_its_bars():
    tree = parsed(ranked_bars_chart(BARS, frame=page()))
    # Without a box nothing is scaled: letters are those of the page, however narrow.
    assert (tree.get("width"), tree.get("viewBox")) == ("100%", None)
    few, many = (parsed(ranked_bars_chart(BARS * count, frame=export())) for count in (1, 9))
    step = (int(many.get("height")) - int(few.get("height"))) / (8 * len(BARS))
    assert float(tree.get("height")) == step * len(BARS)
    lowest = max(float(one.get("y", 0)) + float(one.get("height")) for one in list(many.iter("rect"))[1:])
    assert lowest < int(many.get("height")) - 40
    assert not any(one.get("class") for one in many.iter("rect"))
