"""Numbered points on a chart: each stands where the sentence with its number belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from vigie.drawing.frame import COLOURS, Frame, PlotArea, escape_text, text_element
from vigie.drawing.scale import ValueScale

_RADIUS: Final = 9
# Between a bar's end, or a level, and the middle of its point.
_GAP: Final = 15
PointPlace = Literal["above", "below", "at"]


@dataclass(frozen=True, slots=True)
class NumberedMark:
    """A number at a time, epoch milliseconds, and a price: above it, below it, or at it; a file says its words, too."""

    number: int
    ts: int
    price: float
    place: PointPlace
    text: str


def points_layer(
    points: Sequence[NumberedMark], frame: Frame, area: PlotArea, scale: ValueScale, span: tuple[int, int]
) -> str:
    """Return the points over a plot; `span` is when the plot begins and ends. What lies outside is left out."""
    start, end = span
    return "".join(
        _numbered(
            frame, point.number, area.x((point.ts - start) / max(end - start, 1)), _height(point, area, scale)
        )
        for point in points
        if start <= point.ts <= end
    )


def points_legend(points: Sequence[NumberedMark], frame: Frame, x: float) -> str:
    """Return what each number stands for, beside the names of an export's lines; a page says it in sentences."""
    if not frame.standalone:
        return ""
    parts = []
    for point in points:
        parts.append(_numbered(frame, point.number, f"{x + _RADIUS:.1f}", ("62", 0)))
        parts.append(text_element(frame, f"{x + 2 * _RADIUS + 6:.1f}", "67", point.text))
        x += 48 + 7.8 * len(point.text)
    return "".join(parts)


def _height(point: NumberedMark, area: PlotArea, scale: ValueScale) -> tuple[str, int]:
    gap = {"above": -_GAP, "below": _GAP, "at": 0}[point.place]
    return area.y(min(max(float(scale.share(point.price)), 0.0), 1.0)), gap


def _numbered(frame: Frame, number: int, x: str, height: tuple[str, int]) -> str:
    """Return a number in a circle: it is told by the number, not by the colour."""
    y, gap = height
    moved = f' transform="translate(0 {gap})"' if gap else ""
    colours = COLOURS[frame.theme]
    circle = f' fill="{colours["series-1"]}" stroke="{colours["ground"]}"' if frame.standalone else ""
    text = f' font-size="11" font-weight="600" fill="{colours["ground"]}"' if frame.standalone else ""
    return (
        f'<g class="chart-point"{moved}><circle cx="{x}" cy="{y}" r="{_RADIUS}"{circle}/>'
        f'<text x="{x}" y="{y}" dy="4" text-anchor="middle"{text}>{escape_text(str(number))}</text></g>'
    )
