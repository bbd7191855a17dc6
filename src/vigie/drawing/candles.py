"""Bars as candles with volume below and lines over them: one path for each colour, so that it stays small."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from vigie.domain.bar import BoolArray, FloatArray, IntArray
from vigie.domain.errors import UsageError
from vigie.drawing.frame import (
    MOST_LINES,
    Frame,
    Pen,
    PlotArea,
    Role,
    inner_svg,
    legend_end,
    plot_area,
    time_axis,
    value_axis,
    wrap_chart,
)
from vigie.drawing.lines import PlotLine, line_path
from vigie.drawing.marks import ChartMark, marks_layer, place_at_bars
from vigie.drawing.points import NumberedMark, points_layer, points_legend
from vigie.drawing.scale import ValueScale, fit_scale

MOST_CANDLES: Final = 500
SLOT: Final = 10
VOLUME_SHARE: Final = 0.18


@dataclass(frozen=True, slots=True, eq=False)
class CandleSeries:
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
    bars: CandleSeries,
    *,
    frame: Frame,
    overlays: Sequence[tuple[str, FloatArray]] = (),
    unit: str = "price",
    is_log: bool = False,
    marks: Sequence[ChartMark] = (),
    news_link: str = "",
    points: Sequence[NumberedMark] = (),
) -> str:
    """Return candles as SVG.

    Parameters
    ----------
    bars : CandleSeries
        More than 500 are put together, several into one.
    frame : Frame
        Title, language, zone and whether it is an export.
    overlays : sequence of (str, float64 array)
        Names and values of lines, one value a bar; at most 8.
    unit : str
        How prices are written.
    is_log : bool
        Equal distances are equal ratios.
    marks : sequence of ChartMark
        Moments; links in a page, dots in a file.
    news_link : str
        Where several marks that are one lead to.
    points : sequence of NumberedMark
        Numbers beside bars and levels.

    Raises
    ------
    UsageError
        If a line does not have one value a bar.
    """
    if len(overlays) > MOST_LINES:
        raise UsageError(
            "most_lines_allowed",
            "at most {most_lines} lines are allowed, were {overlays_count}",
            most_lines=MOST_LINES,
            overlays_count=len(overlays),
        )
    for name, values in overlays:
        if len(values) != len(bars.ts):
            raise UsageError(
                "must_values_like_bars",
                "{name} must have {n} values like the bars, had {length}",
                name=name,
                n=len(bars.ts),
                length=len(values),
            )
    if not len(bars.ts):
        return wrap_chart(frame, "")
    shown_bars = merge_candles(bars, MOST_CANDLES)
    start, end = int(shown_bars.ts[0]), int(shown_bars.ts[-1]) + shown_bars.span_ms
    slots = max(1, round((end - start) / shown_bars.span_ms))
    # Long gaps would make candles too thin for whole units.
    area = plot_area(frame, box_width=SLOT * min(slots, 2 * MOST_CANDLES))
    scale = fit_scale([shown_bars.low, shown_bars.high], is_log=is_log)
    has_volume = bool(len(shown_bars.volume)) and bool(np.nanmax(shown_bars.volume, initial=0.0) > 0)
    plot = replace(
        area, height=area.height * (1 - VOLUME_SHARE), box_height=area.box_height * (1 - VOLUME_SHARE)
    )
    price_area = plot if has_volume else area
    slot = price_area.box_width / slots
    xs = (shown_bars.ts - start) / shown_bars.span_ms * slot
    rising = shown_bars.close >= shown_bars.open
    shapes = [_volume_path(frame, shown_bars, xs, slot, area)] if has_volume else []
    shapes += [
        _candle_paths(frame, shown_bars, xs, slot, price_area, scale, rising, kind) for kind in ("up", "down")
    ]
    closes = bars.ts + bars.span_ms
    for number, (name, values) in enumerate(overlays, 1):
        line = PlotLine(name, closes, values)
        d = line_path(line.ts, line.values, start=start, end=end, scale=scale, area=price_area)
        shapes.append(f'<path {frame.style_attributes("line", line=number)} d="{d}"/>')
    content = (
        value_axis(frame, price_area, scale, unit)
        + inner_svg(area, "".join(shapes))
        + time_axis(frame, area, start, end)
    )
    placed_marks = place_at_bars(marks, shown_bars.ts, shown_bars.span_ms)
    content += marks_layer(placed_marks, area, start, end, frame=frame, news_link=news_link)
    names = [name for name, _ in overlays]
    content += points_layer(points, frame, price_area, scale, (start, end))
    content += points_legend(points, frame, legend_end(names))
    role: Role = "group" if marks and not frame.standalone else "img"
    return wrap_chart(frame, content, legend=names, role=role)


def merge_candles(bars: CandleSeries, limit: int) -> CandleSeries:
    """Return at most about `limit` candles: equal numbers of bars' times put together into one."""
    factor = -(-len(bars.ts) // limit)
    if factor <= 1:
        return bars
    span = bars.span_ms * factor
    group = (bars.ts - bars.ts[0]) // span
    first = np.flatnonzero(np.diff(group, prepend=-1))
    last = np.append(first[1:], len(bars.ts)) - 1
    volume = np.add.reduceat(bars.volume, first) if len(bars.volume) else bars.volume
    return CandleSeries(
        bars.ts[0] + group[first] * span, bars.open[first], np.maximum.reduceat(bars.high, first),
        np.minimum.reduceat(bars.low, first), bars.close[last], volume, span,
    )  # fmt: skip


def _candle_paths(
    frame: Frame,
    bars: CandleSeries,
    xs: FloatArray,
    slot: float,
    area: PlotArea,
    scale: ValueScale,
    rising: BoolArray,
    kind: str,
) -> str:
    indices = np.flatnonzero(rising if kind == "up" else ~rising)
    if not len(indices):
        return ""
    rows = [
        scale.shares(part[indices]) * area.box_height for part in (bars.open, bars.high, bars.low, bars.close)
    ]
    top, bottom = np.minimum(rows[0], rows[3]), np.maximum(rows[0], rows[3])
    pen = Pen(area.digits)
    for k, x in enumerate(xs[indices].tolist()):
        pen.move(x + slot / 2, float(rows[1][k]))
        pen.vertical_to(float(rows[2][k]))
        pen.move(x + slot * 0.2, float(top[k]))
        pen.box(slot * 0.6, float(bottom[k]))
    return f'<path {frame.style_attributes(kind)} d="{pen.path()}"/>'


def _volume_path(frame: Frame, bars: CandleSeries, xs: FloatArray, slot: float, area: PlotArea) -> str:
    heights = (
        np.nan_to_num(bars.volume) / float(np.nanmax(bars.volume)) * area.box_height * VOLUME_SHARE * 0.9
    )
    pen = Pen(area.digits)
    for x, y in zip(xs.tolist(), heights.tolist(), strict=True):
        if y >= 0.5:
            pen.move(x + slot * 0.2, area.box_height)
            pen.box(slot * 0.6, area.box_height - y)
    return f'<path {frame.style_attributes("volume")} d="{pen.path()}"/>'
