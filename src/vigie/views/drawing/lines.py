"""Up to eight lines over time on one scale, linear or logarithmic; what is not known is a hole in its line."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.errors import UsageError
from vigie.views.drawing.frame import (
    MOST_LINES,
    Frame,
    Layout,
    Pen,
    Role,
    framed,
    inner,
    layout,
    number,
    time_axis,
    value_axis,
)
from vigie.views.drawing.marks import Mark, marks_layer
from vigie.views.drawing.scale import Scale, scale_of

MOST_POINTS = 800


@dataclass(frozen=True, slots=True, eq=False)
class Line:
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
    lines: Sequence[Line],
    *,
    frame: Frame,
    unit: str = "index",
    is_log: bool = False,
    is_area: bool = False,
    marks: Sequence[Mark] = (),
    more: str = "",
) -> str:
    """Return lines over time as SVG.

    Parameters
    ----------
    lines : sequence of Line
        1 to 8; without any value the chart has its frame only.
    frame : Frame
        Title, language, zone and whether it is an export.
    unit : str
        ``price``, ``usd``, ``fraction``, ``rate``, ``index``: how values are written.
    is_log : bool
        Equal distances are equal ratios; all values must be above 0.
    is_area : bool
        The space under a single line is filled.
    marks : sequence of Mark
        Moments; links in a page, dots in a file.
    more : str
        Where several marks that are one lead to.

    Raises
    ------
    UsageError
        If there are too many lines, or a logarithmic scale cannot be.
    """
    if not 1 <= len(lines) <= MOST_LINES:
        raise UsageError(f"there must be 1 to {MOST_LINES} lines, were {len(lines)}")
    # A single line is what the title says.
    legend = [line.name for line in lines] if len(lines) > 1 else []
    held = [line for line in lines if np.isfinite(line.values).any()]
    if not held:
        return framed(frame, "", legend=legend)
    start, end = min(int(line.ts[0]) for line in held), max(int(line.ts[-1]) for line in held)
    scale = scale_of([line.values for line in held], is_log=is_log)
    place = layout(frame)
    curves = []
    for at, line in enumerate(lines, 1):
        d = path(line.ts, line.values, start=start, end=end, scale=scale, place=place)
        if is_area and len(lines) == 1:
            under = _area(line, start=start, end=end, scale=scale, place=place)
            curves.append(f'<path {frame.mark("area", line=1)} d="{under}"/>')
        curves.append(f'<path {frame.mark("line", line=at)} d="{d}"/>')
    content = (
        value_axis(frame, place, scale, unit)
        + inner(place, "".join(curves))
        + time_axis(frame, place, start, end)
    )
    content += marks_layer(marks, place, start, end, frame=frame, more=more)
    role: Role = "group" if marks and not frame.standalone else "img"
    return framed(frame, content, legend=legend, role=role)


def path(
    ts: IntArray,
    values: FloatArray,
    *,
    start: int,
    end: int,
    scale: Scale,
    place: Layout,
    most: int = MOST_POINTS,
) -> str:
    """Return the path of a line in the inner drawing; long ones keep the extremes of each part."""
    keep = thinned(values, most)
    xs = (ts[keep] - start) / max(end - start, 1) * place.box_width
    ys = scale.shares(values[keep]) * place.box_height
    pen = Pen(place.digits)
    is_open = False
    for x, y in zip(xs.tolist(), ys.tolist(), strict=True):
        is_known = math.isfinite(y)
        if is_known and is_open:
            pen.line(x, y)
        elif is_known:
            pen.move(x, y)
        is_open = is_known
    return pen.path()


def thinned(values: FloatArray, most: int) -> IntArray:
    """Return places of at most `most` values that keep first, last and the extremes of each part, and holes."""
    n = len(values)
    if n <= most:
        return np.arange(n, dtype=np.int64)
    keep = {0, n - 1}
    for part in np.array_split(np.arange(n), max(1, most // 3)):
        known = part[np.isfinite(values[part])]
        if len(known) < len(part):
            keep.add(int(part[np.argmin(np.isfinite(values[part]))]))
        if len(known):
            keep.add(int(known[np.argmin(values[known])]))
            keep.add(int(known[np.argmax(values[known])]))
    return np.array(sorted(keep), dtype=np.int64)


def _area(line: Line, *, start: int, end: int, scale: Scale, place: Layout) -> str:
    """Return the area under a line, each of its pieces down to the bottom of the plot."""
    known = np.isfinite(line.values)
    edges = np.flatnonzero(np.diff(known, prepend=False, append=False))
    pieces = []
    for first, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        ts, values = line.ts[first:stop], line.values[first:stop]
        d = path(ts, values, start=start, end=end, scale=scale, place=place)
        begin = (int(ts[0]) - start) / max(end - start, 1) * place.box_width
        # Written as places again: what follows a piece does not depend on where it ended.
        pieces.append(f"M0,0{d}V{number(place.box_height, place.digits)}H{number(begin, place.digits)}Z")
    return "".join(pieces)
