"""Lines over time with their names at their ends, so that nobody has to look a colour up in a legend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from vigie.domain.bar import FloatArray
from vigie.services.studio.alt_text import finite_points, format_value
from vigie.services.studio.board import MOST_LINES, Annotation, ChartPart, NewsMarks
from vigie.views.drawing.board.letters import fitted, plain, width
from vigie.views.drawing.board.phrases import PHRASES, news_text
from vigie.views.drawing.board.sheet import LEADING, LEAST_SIZE, Box, Sheet
from vigie.views.drawing.frame import DASHES, Layout, number
from vigie.views.drawing.lines import thinned
from vigie.views.drawing.marks import DOT, NEAR, Mark, dots
from vigie.views.drawing.scale import SIGNS, Scale, moment_text, scale_of, tick_texts, time_ticks, value_ticks

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
    at: int
    name: str
    ts: tuple[int, ...]
    values: FloatArray


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int
    scale: Scale
    plot: Box

    def x(self, ts: int) -> float:
        return self.plot.x + (ts - self.start) / max(self.end - self.start, 1) * self.plot.width

    def y(self, value: float) -> float:
        return self.plot.y + self.scale.share(value) * self.plot.height


def want(part: ChartPart, room: float, sheet: Sheet) -> float:
    """Return the height that a chart would like to have."""
    names = len(part.lines) * sheet.size * LEADING
    notes = min(len(part.annotations), 4) * sheet.size * LEADING
    dots_said = 0.0 if part.news is None else sheet.size * LEADING
    return max(room * 0.56, names) + notes + dots_said + 2 * sheet.size


def draw(part: ChartPart, sheet: Sheet, box: Box) -> None:
    """Draw a chart into a box."""
    curves = _curves(part)
    if not curves or box.height < 4 * LEAST_SIZE or box.width < 12 * LEAST_SIZE:
        sheet.lines(box, PHRASES[sheet.language]["no_data"], most=1, colour=sheet.style.muted)
        return
    start, end = min(one.ts[0] for one in curves), max(one.ts[-1] for one in curves)
    scale = scale_of([one.values for one in curves] + ([np.zeros(1)] if part.rebased else []))
    small = max(LEAST_SIZE, sheet.size * 0.82)
    unit = "" if part.rebased or not part.unit or part.unit in ("fraction", "rate") else part.unit
    caption = 0.0
    if unit and unit.lower() not in SIGNS:
        caption = sheet.lines(box, unit, most=1, size=small, colour=sheet.style.muted)
    if part.news is not None:
        said = news_text("dots" if part.news.marks else "no_news", part.news, sheet.language)
        caption += sheet.lines(box.below(caption), said, most=2, size=small, colour=sheet.style.muted)
    shown = [one for one in part.annotations if start <= one.at <= end and one.text.strip()]
    rows = _note_rows(shown, sheet, box, (start, end), small)
    above = caption + (max(rows.values(), default=-1) + 1) * small * LEADING + (small * 0.6)
    ticks, written = _values(part, scale, sheet, count=max(2, int((box.height - above) / (small * 4))))
    left = max((width(text, small) for text in written), default=0.0) + _GAP
    label_size, names, right = _names(part, curves, sheet, box, box.height - above - small * 2)
    plot = Box(box.x + left, box.y + above, box.width - left - right, box.height - above - small * 1.9)
    if plot.width < 4 * small or plot.height < 2 * small:
        sheet.lines(box.below(above), PHRASES[sheet.language]["no_data"], most=1, colour=sheet.style.muted)
        return
    span = _Span(start, end, scale, plot)
    _grid(part, sheet, span, list(zip(ticks, written, strict=True)), small)
    _times(sheet, span, small)
    _notes(shown, rows, sheet, span, small, top=box.y + caption, box=box)
    for curve in curves:
        sheet.path(
            _path(curve, span),
            sheet.style.colours[curve.at],
            thick=_THIN if len(curves) > _MANY else _THICK,
            dash=DASHES[curve.at] if curve.at else "",
        )
    if part.news is not None:
        sheet.drawn.append(_dots(part.news, sheet, span, is_several=len(part.lines) > 1))
    _ends(curves, names, sheet, span, label_size)


def _curves(part: ChartPart) -> list[_Curve]:
    found = []
    for at, line in enumerate(part.lines[:MOST_LINES]):
        points = finite_points(line)
        if points:
            found.append(
                _Curve(at, line.name, tuple(ts for ts, _ in points), np.array([value for _, value in points]))
            )
    return found


def _values(part: ChartPart, scale: Scale, sheet: Sheet, *, count: int) -> tuple[list[float], list[str]]:
    ticks = value_ticks(scale, min(count, 6))
    unit = "fraction" if part.rebased else part.unit.lower() if part.unit.lower() in SIGNS else part.unit
    written = tick_texts(ticks, unit, sheet.number_language, short_from=1e6)
    if part.rebased:
        written = [f"+{text}" if tick > 1e-12 else text for tick, text in zip(ticks, written, strict=True)]
    return ticks, written


def _names(
    part: ChartPart, curves: Sequence[_Curve], sheet: Sheet, box: Box, height: float
) -> tuple[float, dict[int, str], float]:
    """Return the size of names at the lines' ends, the names with their last values, and the room they take."""
    missing = [line.name for line in part.lines if not finite_points(line)]
    size = max(LEAST_SIZE, min(sheet.size, height / (LEADING * (len(curves) + len(missing)) or 1)))
    numbers = sheet.numbers
    most = box.width * _MOST_NAMES
    names = {}
    for curve in curves:
        value = format_value(float(curve.values[-1]), part, numbers)
        room = most - _GAP - width(f" {value}", size, bold=True)
        short = fitted(curve.name, size, room, bold=True) if room > 2 * size else ""
        names[curve.at] = (
            f"{short} {value}".strip() if short else fitted(curve.name, size, most - _GAP, bold=True)
        )
    nothing = PHRASES[sheet.language]["no_data"]
    for at, line in enumerate(part.lines):
        if at not in names:
            names[at] = fitted(f"{line.name}: {nothing}", size, most - _GAP, bold=True)
    right = max(width(name, size, bold=True) for name in names.values()) + 2 * _GAP
    return size, names, right


def _grid(
    part: ChartPart, sheet: Sheet, span: _Span, ticks: Sequence[tuple[float, str]], small: float
) -> None:
    plot = span.plot
    for value, text in ticks:
        y = span.y(value)
        is_zero = part.rebased and abs(value) < 1e-12
        sheet.across(
            plot.x,
            plot.right,
            y,
            sheet.style.axis if is_zero else sheet.style.rule,
            thick=1.5 if is_zero else 1.0,
        )
        sheet.text(
            plot.x - _GAP, y - small * LEADING / 2, text, size=small, colour=sheet.style.muted, anchor="end"
        )


def _times(sheet: Sheet, span: _Span, small: float) -> None:
    """Write times under the plot; those that would touch another or leave the plot are left out."""
    plot = span.plot
    sheet.across(plot.x, plot.right, plot.bottom, sheet.style.axis)
    count = max(3, int(plot.width / (small * 3.2)))
    marks = time_ticks(span.start, span.end, zone=sheet.zone, language=sheet.language, count=count)
    # The gutter of values is free at this height.
    least, most = plot.x - 3 * small, plot.right + small
    places = [
        (x, text, half)
        for ts, text in marks
        if (half := width(text, small) / 2) + (x := span.x(ts)) <= most and x - half >= least
    ]
    for x, text, _ in _parted(places, small * 0.6):
        sheet.down(x, plot.bottom, plot.bottom + 5, sheet.style.axis)
        sheet.text(x, plot.bottom + small * 0.45, text, size=small, colour=sheet.style.muted, anchor="middle")


def _parted(places: list[tuple[float, str, float]], gap: float) -> list[tuple[float, str, float]]:
    """Return every so many-th place, as many as do not touch: even steps are read as time, uneven ones are not."""
    for step in range(1, len(places) + 1):
        kept = places[::step]
        if all(one[0] + one[2] + gap <= other[0] - other[2] for one, other in pairwise(kept)):
            return kept
    return []


def _note_rows(
    notes: Sequence[Annotation], sheet: Sheet, box: Box, span: tuple[int, int], small: float
) -> dict[int, int]:
    """Return the row above the plot that each annotation stands in; each has its own, so none touches another."""
    most = max(1, int(box.height * _MOST_NOTES / (small * LEADING)))
    return {at: at for at in range(min(len(notes), most))}


def _notes(
    notes: Sequence[Annotation],
    rows: dict[int, int],
    sheet: Sheet,
    span: _Span,
    small: float,
    *,
    top: float,
    box: Box,
) -> None:
    for at, note in enumerate(notes):
        x = span.x(note.at)
        y = top + rows.get(at, 0) * small * LEADING
        sheet.down(
            x,
            y + small * LEADING if at in rows else span.plot.y,
            span.plot.bottom,
            sheet.style.ink,
            dash="3 4",
        )
    for at, note in enumerate(notes[: len(rows)]):
        x, y = span.x(note.at), top + rows[at] * small * LEADING
        is_left = x > box.x + box.width / 2
        words = fitted(note.text, small, (x - box.x) if is_left else (box.right - x))
        wide = width(words, small)
        # Lines of other notes end behind the words.
        sheet.rect(Box(x - wide if is_left else x, y, wide, small * LEADING), sheet.style.ground)
        sheet.text(x, y, words, size=small, colour=sheet.style.ink, anchor="end" if is_left else "start")


def _dots(news: NewsMarks, sheet: Sheet, span: _Span, *, is_several: bool) -> str:
    """Return news as dots at the foot of the plot; what was known after the last value stands at its right end."""
    plot = span.plot
    place = Layout(plot.x, plot.y, plot.width, plot.height, "", plot.width, plot.height, 1)
    marks = []
    for one in news.marks:
        at = moment_text(one.ts, zone=sheet.zone, language=sheet.language)
        said = f"{one.asset}: {one.title}" if is_several else one.title
        # At one place they are one dot that counts them, not several on one another.
        marks.append(Mark(min(one.ts, span.end), plain(f"{said} ({one.publisher}, {at})"), ""))
    near = max(NEAR, (2 * DOT + _GAP) / plot.width)
    style = sheet.style
    return dots(marks, place, span.start, span.end, colour=style.colours[0], ground=style.ground, near=near)


def _ends(curves: Sequence[_Curve], names: dict[int, str], sheet: Sheet, span: _Span, size: float) -> None:
    """Write names beside the lines' ends, moved apart where they would touch, with a thread to their line."""
    step = size * LEADING
    wanted = sorted((span.y(float(one.values[-1])), one.at) for one in curves)
    lowest = span.plot.bottom + size * 0.5
    placed = _apart([y for y, _ in wanted], step, span.plot.y, lowest - step * (len(names) - len(curves)))
    last = {one.at: one for one in curves}
    for (y, at), middle in zip(wanted, placed, strict=True):
        x = span.plot.right + 2 * _GAP
        end = span.x(last[at].ts[-1])
        sheet.path(
            f"M{number(end + 2)},{number(y)}L{number(x - 5)},{number(middle)}", sheet.style.colours[at]
        )
        sheet.text(x, middle - step / 2, names[at], size=size, bold=True, colour=sheet.style.colours[at])
    below = (placed[-1] if placed else span.plot.y) + step / 2
    for at, name in names.items():
        if at not in last:
            sheet.text(
                span.plot.right + 2 * _GAP, below, name, size=size, bold=True, colour=sheet.style.muted
            )
            below += step


def _apart(wanted: Sequence[float], step: float, top: float, bottom: float) -> list[float]:
    """Return places at least `step` apart, as near to what was wanted as they can be between two ends."""
    placed: list[float] = []
    for y in wanted:
        placed.append(max(y, placed[-1] + step) if placed else max(y, top))
    limit = max(bottom, top + step * (len(placed) - 1))
    for at in range(len(placed) - 1, -1, -1):
        placed[at] = min(placed[at], limit)
        limit = placed[at] - step
    return placed


def _path(curve: _Curve, span: _Span) -> str:
    keep = thinned(curve.values, MOST_POINTS).tolist()
    if len(keep) == 1:
        x, y = span.x(curve.ts[0]), span.y(float(curve.values[0]))
        return f"M{number(x - 3)},{number(y)}h6"
    places = (f"{number(span.x(curve.ts[at]))},{number(span.y(float(curve.values[at])))}" for at in keep)
    return "M" + "L".join(places)


__all__ = ["draw", "want"]
