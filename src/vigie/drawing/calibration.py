"""Predicted probabilities against what came: points beside the diagonal, the overall rate, how many rows each has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from vigie.drawing.frame import (
    COLOURS,
    Frame,
    Pen,
    PlotArea,
    escape_text,
    inner_svg,
    plot_area,
    text_element,
    value_axis,
    wrap_chart,
)
from vigie.drawing.scale import ValueScale, fit_scale, tick_texts, value_ticks

# The rows of the largest group take this share of the plot's height, from below.
_COUNTS: Final = 0.16
_BAR: Final = 0.012
_RADIUS: Final = 4


@dataclass(frozen=True, slots=True)
class CalibrationPoint:
    """Predictions of like probability.

    Attributes
    ----------
    said, came : float
        Mean probability, and the share that came, both in [0, 1].
    rows : int
    text : str
        The same in words.
    """

    said: float
    came: float
    rows: int
    text: str


def calibration_chart(
    points: Sequence[CalibrationPoint], *, overall_rate: float, frame: Frame, names: tuple[str, str, str]
) -> str:
    """Return what was predicted (from the left) and what came (upwards) as SVG; both scales begin at their values.

    Parameters
    ----------
    points : sequence of CalibrationPoint
        From the least probable up; without any the chart has its frame only.
    overall_rate : float
        Share that came of all rows, drawn as a level.
    frame : Frame
    names : tuple of three str
        What came, the diagonal, the overall rate: lines 1 to 3 of an export's legend.
    """
    if not points:
        return wrap_chart(frame, "", legend=names)
    said, came = np.array([point.said for point in points]), np.array([point.came for point in points])
    across, up, area = fit_scale([said]), fit_scale([said, came, np.array([overall_rate])]), plot_area(frame)
    lines = [
        [(point.said, point.came) for point in points],
        [(across.low, across.low), (across.high, across.high)],
        [(across.low, overall_rate), (across.high, overall_rate)],
    ]
    drawn = f'<path {frame.style_attributes("volume")} d="{_count_bars(points, across, area)}"/>' + "".join(
        f'<path {frame.style_attributes("line", line=number)} d="{_path(line, across, up, area)}"/>'
        for number, line in enumerate(lines, 1)
    )
    content = (
        value_axis(frame, area, up, "fraction", count=4)
        + inner_svg(area, drawn)
        + "".join(_circle(point, across, up, area, frame) for point in points)
        + _foot(frame, area, across)
    )
    return wrap_chart(frame, content, legend=names)


def _across(value: float, scale: ValueScale) -> float:
    return 1.0 - scale.share(value)


def _path(line: Sequence[tuple[float, float]], across: ValueScale, up: ValueScale, area: PlotArea) -> str:
    pen = Pen(area.digits)
    for place, (said, came) in enumerate(line):
        draw = pen.line if place else pen.move
        draw(_across(said, across) * area.box_width, up.share(came) * area.box_height)
    return pen.path()


def _count_bars(points: Sequence[CalibrationPoint], scale: ValueScale, area: PlotArea) -> str:
    pen, most = Pen(area.digits), max(point.rows for point in points)
    width = _BAR * area.box_width
    for point in points:
        pen.move(_across(point.said, scale) * area.box_width - width / 2, area.box_height)
        pen.box(width, (1.0 - _COUNTS * point.rows / most) * area.box_height)
    return pen.path()


def _circle(point: CalibrationPoint, across: ValueScale, up: ValueScale, area: PlotArea, frame: Frame) -> str:
    looks = f'fill="{COLOURS[frame.theme]["series-1"]}"' if frame.standalone else 'class="series-1"'
    return (
        f'<circle {looks} cx="{area.x(_across(point.said, across))}" cy="{area.y(up.share(point.came))}" '
        f'r="{_RADIUS}"><title>{escape_text(point.text)}</title></circle>'
    )


def _foot(frame: Frame, area: PlotArea, scale: ValueScale) -> str:
    """Return the probabilities under the plot; those too near an edge are left out."""
    ticks, below = value_ticks(scale, 5), area.y(1)
    line = f'<line {frame.style_attributes("axis")} x1="{area.x(0)}" x2="{area.x(1)}" y1="{below}" y2="{below}"/>'
    texts = [
        text_element(
            frame, area.x(_across(tick, scale)), below, words, anchor="middle",
            dy=22 if frame.standalone else 15,
        )
        for tick, words in zip(ticks, tick_texts(ticks, "fraction", frame.language), strict=True)
        if 0.04 <= _across(tick, scale) <= 0.96
    ]  # fmt: skip
    return line + "".join(texts)
