"""Bars as candles with volume below and lines over them: one path for each colour, so that it stays small."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from vigie.domain.bar import BoolArray, FloatArray, IntArray
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
    time_axis,
    value_axis,
)
from vigie.views.drawing.lines import Line, path
from vigie.views.drawing.marks import Mark, at_bars, marks_layer
from vigie.views.drawing.scale import Scale, scale_of

MOST_CANDLES: Final = 500
SLOT: Final = 10
VOLUME_SHARE: Final = 0.18


@dataclass(frozen=True, slots=True, eq=False)
class Candles:
    """Bars as they are drawn.

    Attributes
    ----------
    ts : int64 array, shape (n,)
        Open times, epoch milliseconds, ascending.
    open, high, low, close, volume : float64 array, shape (n,)
        Prices; amounts traded, empty for none.
    span_ms : int
        Length of a bar.
    """

    ts: IntArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray
    span_ms: int


def candles_chart(
    bars: Candles,
    *,
    frame: Frame,
    overlays: Sequence[tuple[str, FloatArray]] = (),
    unit: str = "price",
    is_log: bool = False,
    marks: Sequence[Mark] = (),
    more: str = "",
) -> str:
    """Return candles as SVG.

    Parameters
    ----------
    bars : Candles
        More than 500 are put together, several into one.
    frame : Frame
        Title, language, zone and whether it is an export.
    overlays : sequence of (str, float64 array)
        Names and values of lines, one value a bar; at most 8.
    unit : str
        How prices are written.
    is_log : bool
        Equal distances are equal ratios.
    marks : sequence of Mark
        Moments; links in a page, dots in a file.
    more : str
        Where several marks that are one lead to.

    Raises
    ------
    UsageError
        If a line does not have one value a bar.
    """
    if len(overlays) > MOST_LINES:
        raise UsageError(f"there must be at most {MOST_LINES} lines, were {len(overlays)}")
    for name, values in overlays:
        if len(values) != len(bars.ts):
            raise UsageError(f"{name} must have {len(bars.ts)} values like the bars, had {len(values)}")
    if not len(bars.ts):
        return framed(frame, "")
    drawn = merged(bars, MOST_CANDLES)
    start, end = int(drawn.ts[0]), int(drawn.ts[-1]) + drawn.span_ms
    slots = max(1, round((end - start) / drawn.span_ms))
    # Long gaps would make candles too thin for whole units.
    place = layout(frame, box_width=SLOT * min(slots, 2 * MOST_CANDLES))
    scale = scale_of([drawn.low, drawn.high], is_log=is_log)
    has_volume = bool(len(drawn.volume)) and bool(np.nanmax(drawn.volume, initial=0.0) > 0)
    plot = replace(
        place, height=place.height * (1 - VOLUME_SHARE), box_height=place.box_height * (1 - VOLUME_SHARE)
    )
    above = plot if has_volume else place
    slot = above.box_width / slots
    xs = (drawn.ts - start) / drawn.span_ms * slot
    rising = drawn.close >= drawn.open
    shapes = [_volume(frame, drawn, xs, slot, place)] if has_volume else []
    shapes += [_bodies(frame, drawn, xs, slot, above, scale, rising, kind) for kind in ("up", "down")]
    closes = bars.ts + bars.span_ms
    for at, (name, values) in enumerate(overlays, 1):
        line = Line(name, closes, values)
        d = path(line.ts, line.values, start=start, end=end, scale=scale, place=above)
        shapes.append(f'<path {frame.mark("line", line=at)} d="{d}"/>')
    content = (
        value_axis(frame, above, scale, unit)
        + inner(place, "".join(shapes))
        + time_axis(frame, place, start, end)
    )
    held = at_bars(marks, drawn.ts, drawn.span_ms)
    content += marks_layer(held, place, start, end, frame=frame, more=more)
    role: Role = "group" if marks and not frame.standalone else "img"
    return framed(frame, content, legend=[name for name, _ in overlays], role=role)


def merged(bars: Candles, most: int) -> Candles:
    """Return at most about `most` candles: equal numbers of bars' times put together into one."""
    factor = -(-len(bars.ts) // most)
    if factor <= 1:
        return bars
    span = bars.span_ms * factor
    group = (bars.ts - bars.ts[0]) // span
    first = np.flatnonzero(np.diff(group, prepend=-1))
    last = np.append(first[1:], len(bars.ts)) - 1
    volume = np.add.reduceat(bars.volume, first) if len(bars.volume) else bars.volume
    return Candles(
        bars.ts[0] + group[first] * span, bars.open[first], np.maximum.reduceat(bars.high, first),
        np.minimum.reduceat(bars.low, first), bars.close[last], volume, span,
    )  # fmt: skip


def _bodies(
    frame: Frame,
    bars: Candles,
    xs: FloatArray,
    slot: float,
    place: Layout,
    scale: Scale,
    rising: BoolArray,
    kind: str,
) -> str:
    chosen = np.flatnonzero(rising if kind == "up" else ~rising)
    if not len(chosen):
        return ""
    rows = [
        scale.shares(part[chosen]) * place.box_height for part in (bars.open, bars.high, bars.low, bars.close)
    ]
    top, bottom = np.minimum(rows[0], rows[3]), np.maximum(rows[0], rows[3])
    pen = Pen(place.digits)
    for k, x in enumerate(xs[chosen].tolist()):
        pen.move(x + slot / 2, float(rows[1][k]))
        pen.drop(float(rows[2][k]))
        pen.move(x + slot * 0.2, float(top[k]))
        pen.box(slot * 0.6, float(bottom[k]))
    return f'<path {frame.mark(kind)} d="{pen.path()}"/>'


def _volume(frame: Frame, bars: Candles, xs: FloatArray, slot: float, place: Layout) -> str:
    tall = np.nan_to_num(bars.volume) / float(np.nanmax(bars.volume)) * place.box_height * VOLUME_SHARE * 0.9
    pen = Pen(place.digits)
    for x, y in zip(xs.tolist(), tall.tolist(), strict=True):
        if y >= 0.5:
            pen.move(x + slot * 0.2, place.box_height)
            pen.box(slot * 0.6, place.box_height - y)
    return f'<path {frame.mark("volume")} d="{pen.path()}"/>'
