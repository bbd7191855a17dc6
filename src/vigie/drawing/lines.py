"""Up to eight lines over time on one scale, linear or logarithmic; what is not known is a hole in its line."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.errors import UsageError
from vigie.drawing.frame import (
    MOST_LINES,
    Frame,
    Pen,
    PlotArea,
    Role,
    inner_svg,
    plot_area,
    short_number,
    time_axis,
    value_axis,
    wrap_chart,
)
from vigie.drawing.marks import ChartMark, marks_layer
from vigie.drawing.scale import ValueScale, fit_scale

MOST_POINTS = 800


@dataclass(frozen=True, slots=True, eq=False)
class PlotLine:
    """One line.

    Attributes
    ----------
    name : str
        For the legend.
    ts : int64 array, shape (n,)
        Epoch milliseconds, ascending.
    values : float64 array, shape (n,)
        NaN where not known.
    """

    name: str
    ts: IntArray
    values: FloatArray


def lines_chart(
    lines: Sequence[PlotLine],
    *,
    frame: Frame,
    unit: str = "index",
    is_log: bool = False,
    is_area: bool = False,
    marks: Sequence[ChartMark] = (),
    news_link: str = "",
) -> str:
    """Return lines over time as SVG.

    Parameters
    ----------
    lines : sequence of PlotLine
        1 to 8; without any value the chart has its frame only.
    frame : Frame
        Title, language, zone and whether it is an export.
    unit : str
        ``price``, ``usd``, ``fraction``, ``rate``, ``index``: how values are written.
    is_log : bool
        Equal distances are equal ratios; all values must be above 0.
    is_area : bool
        The space under a single line is filled.
    marks : sequence of ChartMark
        Moments; links in a page, dots in a file.
    news_link : str
        Where several marks that are one lead to.

    Raises
    ------
    UsageError
        If there are too many lines, or a logarithmic scale cannot be.
    """
    if not 1 <= len(lines) <= MOST_LINES:
        raise UsageError(
            "give_lines",
            "give 1 to {most_lines} lines, were {lines_count}",
            most_lines=MOST_LINES,
            lines_count=len(lines),
        )
    # A single line is what the title says.
    legend = [line.name for line in lines] if len(lines) > 1 else []
    known_lines = [line for line in lines if np.isfinite(line.values).any()]
    if not known_lines:
        return wrap_chart(frame, "", legend=legend)
    start, end = min(int(line.ts[0]) for line in known_lines), max(int(line.ts[-1]) for line in known_lines)
    scale = fit_scale([line.values for line in known_lines], is_log=is_log)
    area = plot_area(frame)
    curves = []
    for number, line in enumerate(lines, 1):
        d = line_path(line.ts, line.values, start=start, end=end, scale=scale, area=area)
        if is_area and len(lines) == 1:
            area_path = _area_path(line, d, start=start, end=end, scale=scale, area=area)
            curves.append(f'<path {frame.style_attributes("area", line=1)} d="{area_path}"/>')
        curves.append(f'<path {frame.style_attributes("line", line=number)} d="{d}"/>')
    content = (
        value_axis(frame, area, scale, unit)
        + inner_svg(area, "".join(curves))
        + time_axis(frame, area, start, end)
    )
    content += marks_layer(marks, area, start, end, frame=frame, news_link=news_link)
    role: Role = "group" if marks and not frame.standalone else "img"
    return wrap_chart(frame, content, legend=legend, role=role)


def line_path(
    ts: IntArray,
    values: FloatArray,
    *,
    start: int,
    end: int,
    scale: ValueScale,
    area: PlotArea,
    limit: int = MOST_POINTS,
) -> str:
    """Return the path of a line in the inner drawing; long ones keep the extremes of each part."""
    keep = thin_out(values, limit)
    xs = (ts[keep] - start) / max(end - start, 1) * area.box_width
    ys = scale.shares(values[keep]) * area.box_height
    pen = Pen(area.digits)
    is_open = False
    for x, y in zip(xs.tolist(), ys.tolist(), strict=True):
        is_known = math.isfinite(y)
        if is_known and is_open:
            pen.line(x, y)
        elif is_known:
            pen.move(x, y)
        is_open = is_known
    return pen.path()


def thin_out(values: FloatArray, limit: int) -> IntArray:
    """Return places of at most `limit` values that keep first, last and the extremes of each part, and holes."""
    n = len(values)
    if n <= limit:
        return np.arange(n, dtype=np.int64)
    known, places = np.isfinite(values), np.arange(n)
    low, high = np.where(known, values, np.inf), np.where(known, values, -np.inf)
    parts = max(1, limit // 3)
    size, longer = divmod(n, parts)
    keep = [np.array([0, n - 1])]
    # The first parts are longer by one: parts of one length are looked through together.
    for first, length, count in ((0, size + 1, longer), (longer * (size + 1), size, parts - longer)):
        block, begins = slice(first, first + length * count), places[first : first + length * count : length]
        is_known = known[block].reshape(count, length)
        has_any, has_hole = is_known.any(axis=1), ~is_known.all(axis=1)
        keep += [
            (begins + is_known.argmin(axis=1))[has_hole],
            (begins + low[block].reshape(count, length).argmin(axis=1))[has_any],
            (begins + high[block].reshape(count, length).argmax(axis=1))[has_any],
        ]
    return np.unique(np.concatenate(keep)).astype(np.int64)


def _area_path(line: PlotLine, drawn: str, *, start: int, end: int, scale: ValueScale, area: PlotArea) -> str:
    """Return the area under a line that is drawn, each of its pieces down to the bottom of the plot."""
    known = np.isfinite(line.values)
    edges = np.flatnonzero(np.diff(known, prepend=False, append=False))
    pieces = []
    for first, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        ts, values = line.ts[first:stop], line.values[first:stop]
        is_whole = len(ts) == len(line.ts)
        d = drawn if is_whole else line_path(ts, values, start=start, end=end, scale=scale, area=area)
        begin_x = (int(ts[0]) - start) / max(end - start, 1) * area.box_width
        # Written as places again: what follows a piece does not depend on where it ended.
        pieces.append(
            f"M0,0{d}V{short_number(area.box_height, area.digits)}H{short_number(begin_x, area.digits)}Z"
        )
    return "".join(pieces)
