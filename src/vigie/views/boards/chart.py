"""Lines over time with their names at their ends, so that nobody has to look a colour up in a legend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from vigie.domain.bar import FloatArray
from vigie.drawing.frame import DASHES, PlotArea, short_number
from vigie.drawing.lines import thin_out
from vigie.drawing.marks import DOT, NEAR, ChartMark, mark_dots
from vigie.drawing.scale import (
    SIGNS,
    ValueScale,
    fit_scale,
    moment_text,
    tick_texts,
    time_ticks,
    value_ticks,
)
from vigie.drawing.text_metrics import fit_line, single_line, text_width
from vigie.services.studio.alt_text import finite_points, format_value
from vigie.services.studio.board import MOST_LINES, Annotation, ChartPart, NewsMarks
from vigie.views.boards.canvas import LEADING, LEAST_SIZE, Box, Canvas
from vigie.views.boards.phrases import PHRASES, news_text

MOST_POINTS: Final = 800
_THICK: Final = 3.0
# Many lines cover one another less when they are thin.
_THIN: Final = 2.2
_MANY: Final = 4
_GAP: Final = 8.0
# Of the chart's width: names and values at the ends of lines take no more.
_MOST_NAMES: Final = 0.34
_MOST_NOTES: Final = 0.34


@dataclass(frozen=True, slots=True)
class _Curve:
    index: int
    name: str
    ts: tuple[int, ...]
    values: FloatArray


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int
    scale: ValueScale
    plot: Box

    def x(self, ts: int) -> float:
        return self.plot.x + (ts - self.start) / max(self.end - self.start, 1) * self.plot.width

    def y(self, value: float) -> float:
        return self.plot.y + self.scale.share(value) * self.plot.height


def wanted_height(part: ChartPart, room: float, sheet: Canvas) -> float:
    """Return the height that a chart would like to have."""
    names = len(part.lines) * sheet.size * LEADING
    notes = min(len(part.annotations), 4) * sheet.size * LEADING
    news_height = 0.0 if part.news is None else sheet.size * LEADING
    return max(room * 0.56, names) + notes + news_height + 2 * sheet.size


def draw_chart(part: ChartPart, sheet: Canvas, box: Box) -> None:
    """Draw a chart into a box."""
    curves = _curves(part)
    if not curves or box.height < 4 * LEAST_SIZE or box.width < 12 * LEAST_SIZE:
        sheet.lines(box, PHRASES[sheet.language]["no_data"], max_lines=1, colour=sheet.style.muted)
        return
    start, end = min(item.ts[0] for item in curves), max(item.ts[-1] for item in curves)
    scale = fit_scale([item.values for item in curves] + ([np.zeros(1)] if part.rebased else []))
    small = max(LEAST_SIZE, sheet.size * 0.82)
    unit = "" if part.rebased or not part.unit or part.unit in ("fraction", "rate") else part.unit
    caption = 0.0
    if unit and unit.lower() not in SIGNS:
        caption = sheet.lines(box, unit, max_lines=1, size=small, colour=sheet.style.muted)
    if part.news is not None:
        news_line = news_text("dots" if part.news.marks else "no_news", part.news, sheet.language)
        caption += sheet.lines(
            box.below(caption), news_line, max_lines=2, size=small, colour=sheet.style.muted
        )
    notes = [item for item in part.annotations if start <= item.at <= end and item.text.strip()]
    rows = _note_rows(notes, sheet, box, (start, end), small)
    above = caption + (max(rows.values(), default=-1) + 1) * small * LEADING + (small * 0.6)
    ticks, labels = _value_ticks(part, scale, sheet, count=max(2, int((box.height - above) / (small * 4))))
    left = max((text_width(text, small) for text in labels), default=0.0) + _GAP
    label_size, names, right = _end_names(part, curves, sheet, box, box.height - above - small * 2)
    plot = Box(box.x + left, box.y + above, box.width - left - right, box.height - above - small * 1.9)
    if plot.width < 4 * small or plot.height < 2 * small:
        sheet.lines(
            box.below(above), PHRASES[sheet.language]["no_data"], max_lines=1, colour=sheet.style.muted
        )
        return
    span = _Span(start, end, scale, plot)
    _draw_grid(part, sheet, span, list(zip(ticks, labels, strict=True)), small)
    _draw_times(sheet, span, small)
    _draw_notes(notes, rows, sheet, span, small, top=box.y + caption, box=box)
    for curve in curves:
        sheet.path(
            _path(curve, span),
            sheet.style.colours[curve.index],
            thick=_THIN if len(curves) > _MANY else _THICK,
            dash=DASHES[curve.index] if curve.index else "",
        )
    if part.news is not None:
        sheet.elements.append(_news_dots(part.news, sheet, span, is_several=len(part.lines) > 1))
    _draw_end_names(curves, names, sheet, span, label_size)


def _curves(part: ChartPart) -> list[_Curve]:
    curves = []
    for index, line in enumerate(part.lines[:MOST_LINES]):
        points = finite_points(line)
        if points:
            curves.append(
                _Curve(
                    index, line.name, tuple(ts for ts, _ in points), np.array([value for _, value in points])
                )
            )
    return curves


def _value_ticks(
    part: ChartPart, scale: ValueScale, sheet: Canvas, *, count: int
) -> tuple[list[float], list[str]]:
    ticks = value_ticks(scale, min(count, 6))
    unit = "fraction" if part.rebased else part.unit.lower() if part.unit.lower() in SIGNS else part.unit
    labels = tick_texts(ticks, unit, sheet.number_language, short_from=1e6)
    if part.rebased:
        labels = [f"+{text}" if tick > 1e-12 else text for tick, text in zip(ticks, labels, strict=True)]
    return ticks, labels


def _end_names(
    part: ChartPart, curves: Sequence[_Curve], sheet: Canvas, box: Box, height: float
) -> tuple[float, dict[int, str], float]:
    """Return the size of names at the lines' ends, the names with their last values, and the room they take."""
    missing = [line.name for line in part.lines if not finite_points(line)]
    size = max(LEAST_SIZE, min(sheet.size, height / (LEADING * (len(curves) + len(missing)) or 1)))
    numbers = sheet.numbers
    max_width = box.width * _MOST_NAMES
    names = {}
    for curve in curves:
        value = format_value(float(curve.values[-1]), part, numbers)
        room = max_width - _GAP - text_width(f" {value}", size, bold=True)
        short = fit_line(curve.name, size, room, bold=True) if room > 2 * size else ""
        names[curve.index] = (
            f"{short} {value}".strip() if short else fit_line(curve.name, size, max_width - _GAP, bold=True)
        )
    no_data = PHRASES[sheet.language]["no_data"]
    for index, line in enumerate(part.lines):
        if index not in names:
            names[index] = fit_line(f"{line.name}: {no_data}", size, max_width - _GAP, bold=True)
    right = max(text_width(name, size, bold=True) for name in names.values()) + 2 * _GAP
    return size, names, right


def _draw_grid(
    part: ChartPart, sheet: Canvas, span: _Span, ticks: Sequence[tuple[float, str]], small: float
) -> None:
    plot = span.plot
    for value, text in ticks:
        y = span.y(value)
        is_zero = part.rebased and abs(value) < 1e-12
        sheet.horizontal_line(
            plot.x,
            plot.right,
            y,
            sheet.style.axis if is_zero else sheet.style.rule,
            thick=1.5 if is_zero else 1.0,
        )
        sheet.text(
            plot.x - _GAP, y - small * LEADING / 2, text, size=small, colour=sheet.style.muted, anchor="end"
        )


def _draw_times(sheet: Canvas, span: _Span, small: float) -> None:
    """Write times under the plot; those that would touch another or leave the plot are left out."""
    plot = span.plot
    sheet.horizontal_line(plot.x, plot.right, plot.bottom, sheet.style.axis)
    count = max(3, int(plot.width / (small * 3.2)))
    marks = time_ticks(span.start, span.end, zone=sheet.zone, language=sheet.language, count=count)
    # The gutter of values is free at this height.
    least, most = plot.x - 3 * small, plot.right + small
    places = [
        (x, text, half)
        for ts, text in marks
        if (half := text_width(text, small) / 2) + (x := span.x(ts)) <= most and x - half >= least
    ]
    for x, text, _ in _thin_out(places, small * 0.6):
        sheet.vertical_line(x, plot.bottom, plot.bottom + 5, sheet.style.axis)
        sheet.text(x, plot.bottom + small * 0.45, text, size=small, colour=sheet.style.muted, anchor="middle")


def _thin_out(places: list[tuple[float, str, float]], gap: float) -> list[tuple[float, str, float]]:
    """Return every so many-th place, as many as do not touch: even steps are read as time, uneven ones are not."""
    for step in range(1, len(places) + 1):
        chosen = places[::step]
        if all(left[0] + left[2] + gap <= right[0] - right[2] for left, right in pairwise(chosen)):
            return chosen
    return []


def _note_rows(
    notes: Sequence[Annotation], sheet: Canvas, box: Box, span: tuple[int, int], small: float
) -> dict[int, int]:
    """Return the row above the plot that each annotation stands in; each has its own, so none touches another."""
    limit = max(1, int(box.height * _MOST_NOTES / (small * LEADING)))
    return {index: index for index in range(min(len(notes), limit))}


def _draw_notes(
    notes: Sequence[Annotation],
    rows: dict[int, int],
    sheet: Canvas,
    span: _Span,
    small: float,
    *,
    top: float,
    box: Box,
) -> None:
    for index, note in enumerate(notes):
        x = span.x(note.at)
        y = top + rows.get(index, 0) * small * LEADING
        sheet.vertical_line(
            x,
            y + small * LEADING if index in rows else span.plot.y,
            span.plot.bottom,
            sheet.style.ink,
            dash="3 4",
        )
    for index, note in enumerate(notes[: len(rows)]):
        x, y = span.x(note.at), top + rows[index] * small * LEADING
        is_left = x > box.x + box.width / 2
        words = fit_line(note.text, small, (x - box.x) if is_left else (box.right - x))
        words_width = text_width(words, small)
        # Lines of other notes end behind the words.
        sheet.rect(
            Box(x - words_width if is_left else x, y, words_width, small * LEADING), sheet.style.ground
        )
        sheet.text(x, y, words, size=small, colour=sheet.style.ink, anchor="end" if is_left else "start")


def _news_dots(news: NewsMarks, sheet: Canvas, span: _Span, *, is_several: bool) -> str:
    """Return news as dots at the foot of the plot; what was known after the last value stands at its right end."""
    plot = span.plot
    area = PlotArea(plot.x, plot.y, plot.width, plot.height, "", plot.width, plot.height, 1)
    marks = []
    for mark in news.marks:
        time_text = moment_text(mark.ts, zone=sheet.zone, language=sheet.language)
        headline = f"{mark.asset}: {mark.title}" if is_several else mark.title
        # At one place they are one dot that counts them, not several on one another.
        marks.append(
            ChartMark(min(mark.ts, span.end), single_line(f"{headline} ({mark.publisher}, {time_text})"), "")
        )
    near = max(NEAR, (2 * DOT + _GAP) / plot.width)
    style = sheet.style
    return mark_dots(
        marks, area, span.start, span.end, colour=style.colours[0], ground=style.ground, near=near
    )


def _draw_end_names(
    curves: Sequence[_Curve], names: dict[int, str], sheet: Canvas, span: _Span, size: float
) -> None:
    """Write names beside the lines' ends, moved apart where they would touch, with a thread to their line."""
    step = size * LEADING
    targets = sorted((span.y(float(curve.values[-1])), curve.index) for curve in curves)
    lowest = span.plot.bottom + size * 0.5
    placed = _spread_apart(
        [y for y, _ in targets], step, span.plot.y, lowest - step * (len(names) - len(curves))
    )
    last = {curve.index: curve for curve in curves}
    for (y, index), middle in zip(targets, placed, strict=True):
        x = span.plot.right + 2 * _GAP
        end = span.x(last[index].ts[-1])
        sheet.path(
            f"M{short_number(end + 2)},{short_number(y)}L{short_number(x - 5)},{short_number(middle)}",
            sheet.style.colours[index],
        )
        sheet.text(
            x, middle - step / 2, names[index], size=size, bold=True, colour=sheet.style.colours[index]
        )
    below = (placed[-1] if placed else span.plot.y) + step / 2
    for index, name in names.items():
        if index not in last:
            sheet.text(
                span.plot.right + 2 * _GAP, below, name, size=size, bold=True, colour=sheet.style.muted
            )
            below += step


def _spread_apart(targets: Sequence[float], step: float, top: float, bottom: float) -> list[float]:
    """Return places at least `step` apart, as near to what was wanted as they can be between two ends."""
    placed: list[float] = []
    for y in targets:
        placed.append(max(y, placed[-1] + step) if placed else max(y, top))
    limit = max(bottom, top + step * (len(placed) - 1))
    for index in range(len(placed) - 1, -1, -1):
        placed[index] = min(placed[index], limit)
        limit = placed[index] - step
    return placed


def _path(curve: _Curve, span: _Span) -> str:
    keep = thin_out(curve.values, MOST_POINTS).tolist()
    if len(keep) == 1:
        x, y = span.x(curve.ts[0]), span.y(float(curve.values[0]))
        return f"M{short_number(x - 3)},{short_number(y)}h6"
    places = (
        f"{short_number(span.x(curve.ts[index]))},{short_number(span.y(float(curve.values[index])))}"
        for index in keep
    )
    return "M" + "L".join(places)


__all__ = ["draw_chart", "wanted_height"]
