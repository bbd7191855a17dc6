"""How often values lie in each of some ranges, as bars; those below and above zero have their colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vigie.drawing.frame import BOX, Frame, inner_svg, plot_area, text_element, value_axis, wrap_chart
from vigie.drawing.scale import ValueScale

# Of a bar's place that it leaves free, so that neighbours stay apart.
_GAP: Final = 0.12


@dataclass(frozen=True, slots=True)
class HistogramBar:
    """One range.

    Attributes
    ----------
    label : str
        Where it begins, below its left edge; empty for no mark.
    count : int
        How many values lie in it.
    is_rise : bool
        Whether its values are at or above zero.
    """

    label: str
    count: int
    is_rise: bool


def histogram_chart(bars: Sequence[HistogramBar], *, frame: Frame) -> str:
    """Return bars as SVG; without any the chart has its frame only."""
    if not bars:
        return wrap_chart(frame, "")
    area = plot_area(frame)
    scale = ValueScale(0.0, max(bar.count for bar in bars) * 1.08 or 1.0)
    step = area.box_width / len(bars)
    paths = {"up": "", "down": ""}
    for place, bar in enumerate(bars):
        if bar.count:
            height = (1.0 - scale.share(bar.count)) * area.box_height
            left, width = (place + _GAP / 2) * step, step * (1 - _GAP)
            paths["up" if bar.is_rise else "down"] += (
                f"M{left:.0f} {area.box_height:.0f}v-{max(height, BOX / 500):.0f}h{width:.0f}V{area.box_height:.0f}z"
            )
    drawn = "".join(
        f'<path {frame.style_attributes(kind)} d="{path}"/>' for kind, path in paths.items() if path
    )
    below = area.y(1)
    line = f'<line {frame.style_attributes("axis")} x1="{area.x(0)}" x2="{area.x(1)}" y1="{below}" y2="{below}"/>'
    texts = "".join(
        text_element(
            frame,
            area.x(place / len(bars)),
            below,
            bar.label,
            anchor="middle",
            dy=22 if frame.standalone else 15,
        )
        for place, bar in enumerate(bars)
        if bar.label
    )
    return wrap_chart(
        frame, value_axis(frame, area, scale, "count", count=3) + inner_svg(area, drawn) + line + texts
    )
