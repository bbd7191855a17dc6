"""Named values as bars from zero, one below the other, each with what it is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from vigie.drawing.frame import COLOURS, Frame, PlotArea, plot_area, text_element, wrap_chart

# Pixels: a name above its bar leaves both the whole width, on a phone too.
_ROW: Final = 34
_TEXT: Final = 13
_BAR: Final = 19
_THICK: Final = 10
_MARK: Final = 2


@dataclass(frozen=True, slots=True)
class RankedBar:
    """One bar.

    Attributes
    ----------
    name : str
    value : float
        Where it ends.
    text : str
        The value as it is written.
    mark : float or None
        A level that it is compared with, drawn across it.
    """

    name: str
    value: float
    text: str
    mark: float | None = None


def ranked_bars_chart(bars: Sequence[RankedBar], *, frame: Frame) -> str:
    """Return bars as SVG; without any the chart has its frame only. An export is as high as its bars need.

    Parameters
    ----------
    bars : sequence of RankedBar
        In the order in which they stand.
    frame : Frame
    """
    height = max(len(bars), 1) * _ROW
    if frame.standalone:
        margins = frame.height - plot_area(frame).height
        frame = replace(frame, height=round(margins + height))
        area = plot_area(frame)
    else:
        area = PlotArea(0.0, 0.0, 100.0, height, "%", 100.0, height, 0)
    reached = [value for bar in bars for value in (bar.value, bar.mark) if value is not None]
    low, high = min([0.0, *reached]), max([0.0, *reached])
    unit = 1.0 / ((high - low) or 1.0)
    zero, parts = area.x(-low * unit), []
    for place, bar in enumerate(bars):
        top = area.top + place * _ROW
        left, width = (min(bar.value, 0.0) - low) * unit, abs(bar.value) * unit
        parts.append(text_element(frame, area.x(0), f"{top + _TEXT:.0f}", bar.name))
        parts.append(text_element(frame, area.x(1), f"{top + _TEXT:.0f}", bar.text, anchor="end"))
        ends = f'y1="{top + _BAR - 3:.0f}" y2="{top + _BAR + _THICK + 3:.0f}"'
        parts.append(f'<line {frame.style_attributes("axis")} x1="{zero}" x2="{zero}" {ends}/>')
        long = f"{max(width * area.width, 100.0 / frame.width):.2f}{area.unit}"
        parts.append(_box(frame, 1, area.x(left), top + _BAR, long, _THICK))
        if bar.mark is not None:
            across = (bar.mark - low) * unit
            parts.append(_box(frame, 2, area.x(across), top + _BAR - 3, str(_MARK), _THICK + 6))
    return wrap_chart(frame, "".join(parts), height=height)


def _box(frame: Frame, series: int, x: str, y: float, width: str, height: int) -> str:
    looks = (
        f'fill="{COLOURS[frame.theme][f"series-{series}"]}"'
        if frame.standalone
        else f'class="series-{series}"'
    )
    return f'<rect {looks} x="{x}" y="{y:.0f}" width="{width}" height="{height}"/>'
