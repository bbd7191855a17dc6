"""The chart of a week: how prices stood against its beginning, as a picture, and the same in words."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import UTC
from html import escape
from typing import Final

from vigie.domain.time import DAY_MS, zoned
from vigie.intelligence.market.words import NUMBERS
from vigie.ports.printing import LineChart, PlottedLine
from vigie.services.market_data.licence_terms import instrument_text
from vigie.services.news.brief_prices import PriceCurve
from vigie.services.news.brief_words import TEXTS, day_of, moment_of

_DAYS: Final = 7
_STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
_MARKS: Final = 5
# A week in which nothing moved has a scale too.
_LEAST: Final = 0.002
# Told apart by colour and by dashes; at 4.5:1 or more on white.
COLOURS: Final = ("#1f5ed6", "#b04a00", "#0b7c74", "#8a3ab9", "#a8326b")
DASHES: Final = ((), (7, 3), (2, 3), (9, 3, 2, 3), (12, 4))
_TOP: Final = 6.0
_HEIGHT: Final = 82.0
_WIDTH: Final = 88.0
_BOX: Final = 1_000


def draw_chart(curves: Sequence[PriceCurve], start_ms: int, end_ms: int, language: str) -> LineChart | None:
    """Return the chart of a week; None where nothing can be drawn.

    Parameters
    ----------
    start_ms, end_ms : int
        The week, and how far it was known.
    """
    values = [value for curve in curves for _, value in curve.points if value is not None]
    if not values:
        return None
    words = TEXTS[language]
    low, high, step = _find_scale(min(values), max(values))
    ticks = [low + step * at for at in range(round((high - low) / step) + 1)]
    digits = next(
        n_digits
        for n_digits in range(7)
        if math.isclose(round(step * 100, n_digits), step * 100) or n_digits == 6
    )
    rows = [
        (_height(value, low, high), NUMBERS[language].percent(value, digits, sign=True)) for value in ticks
    ]
    venues = ", ".join(
        sorted({instrument_text(curve.place.partition(":")[0]) for curve in curves if curve.place})
    )
    newest = max(curve.points[-1][0] for curve in curves)
    return LineChart(
        title=words["chart"].format(start=day_of(start_ms, language)),
        alt=" ".join(_chart_sentences(curves, start_ms, end_ms, language)),
        lines=[_line(curve, start_ms, low, high, language) for curve in curves],
        rows=rows,
        columns=list(_days(start_ms, words["weekdays"].split())),
        note=words["chart_note"].format(venues=venues, end=moment_of(newest, language)),
    )


def _find_scale(low: float, high: float) -> tuple[float, float, float]:
    """Return the ends of a scale that holds two values and 0, and the round step between its marks."""
    low, high = min(low, 0.0), max(high, 0.0)
    raw = max(high - low, _LEAST) / _MARKS
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(multiple * power for multiple in _STEPS if multiple * power >= raw * 0.999)
    return math.floor(low / step + 1e-9) * step, max(math.ceil(high / step - 1e-9), 1) * step, step


def _height(value: float, low: float, high: float) -> float:
    return round((high - value) / (high - low), 4)


def _line(curve: PriceCurve, start: int, low: float, high: float, language: str) -> PlottedLine:
    parts: list[list[tuple[float, float]]] = [[]]
    for ts, value in curve.points:
        if value is None:
            parts.append([])
            continue
        parts[-1].append((round((ts - start) / (_DAYS * DAY_MS), 4), _height(value, low, high)))
    return PlottedLine(f"{curve.symbol} {_last(curve, language)}", [part for part in parts if part])


def _last(curve: PriceCurve, language: str) -> str:
    return NUMBERS[language].percent(_values(curve)[-1][1], 1, sign=True)


def _values(curve: PriceCurve) -> list[tuple[int, float]]:
    return [(ts, value) for ts, value in curve.points if value is not None]


def _days(start: int, names: Sequence[str]) -> Iterator[tuple[float, str]]:
    for at, name in enumerate(names):
        yield round(at / _DAYS, 4), f"{name} {zoned(start + at * DAY_MS, UTC).day}"


def _chart_sentences(curves: Sequence[PriceCurve], start: int, end: int, language: str) -> Iterator[str]:
    """Yield what the chart shows, sentence by sentence."""
    words, numbers = TEXTS[language], NUMBERS[language]
    yield words["chart_alt"].format(start=moment_of(start, language), end=moment_of(end, language))
    for curve in curves:
        values = _values(curve)
        top, bottom = max(values, key=lambda point: point[1]), min(values, key=lambda point: point[1])
        yield words["curve_alt"].format(
            name=curve.name,
            last=numbers.percent(values[-1][1], 1, sign=True),
            high=numbers.percent(top[1], 1, sign=True),
            high_day=day_of(top[0], language, has_year=False),
            low=numbers.percent(bottom[1], 1, sign=True),
            low_day=day_of(bottom[0], language, has_year=False),
        )


def render_figure(drawing: LineChart) -> str:
    """Return a drawing as HTML: it loads nothing, has no script, and keeps its text readable on a narrow screen."""
    samples = "".join(
        f'<span class="key">{_sample(at)} {escape(line.name)}</span> '
        for at, line in enumerate(drawing.lines)
    )
    return (
        f"<figure><figcaption>{escape(drawing.title)}</figcaption>{render_svg(drawing)}"
        f'<p class="small">{samples}</p><p class="small">{escape(drawing.note)}</p></figure>'
    )


def render_svg(drawing: LineChart) -> str:
    """Return a drawing as SVG of any width: places are per cent, the curves lie in a part that is stretched."""
    rows = "".join(
        f'<line x1="0" x2="{_WIDTH}%" y1="{_y(at)}%" y2="{_y(at)}%" stroke="#dde1e6"/>'
        f'<text x="{_WIDTH + 1}%" y="{_y(at)}%" dy="4">{escape(text)}</text>'
        for at, text in drawing.rows
    )
    columns = "".join(
        f'<line x1="{_x(at)}%" x2="{_x(at)}%" y1="{_TOP}%" y2="{_TOP + _HEIGHT}%" stroke="#eef0f3"/>'
        # Names of every second day fit a phone too.
        + (
            f'<text x="{_x(at)}%" y="{_TOP + _HEIGHT}%" dy="16">{escape(text)}</text>'
            if place % 2 == 0
            else ""
        )
        for place, (at, text) in enumerate(drawing.columns)
    )
    lines = "".join(
        f'<path d="{_path(line)}" fill="none" {_stroke(at)} vector-effect="non-scaling-stroke"/>'
        for at, line in enumerate(drawing.lines)
    )
    return (
        '<svg width="100%" height="260" role="img" aria-labelledby="chart-title chart-alt" font-size="12" '
        f'fill="#444"><title id="chart-title">{escape(drawing.title)}</title>'
        f'<desc id="chart-alt">{escape(drawing.alt)}</desc>{columns}{rows}'
        f'<svg x="0" y="{_TOP}%" width="{_WIDTH}%" height="{_HEIGHT}%" viewBox="0 0 {_BOX} {_BOX}" '
        f'preserveAspectRatio="none" overflow="visible">{lines}</svg></svg>'
    )


def _path(line: PlottedLine) -> str:
    return "".join(
        "M" + "L".join(f"{round(x * _BOX)},{round(y * _BOX)}" for x, y in part) for part in line.parts
    )


def _stroke(index: int) -> str:
    dash = " ".join(str(length) for length in DASHES[index % len(DASHES)])
    return f'stroke="{COLOURS[index % len(COLOURS)]}" stroke-width="2"' + (
        f' stroke-dasharray="{dash}"' if dash else ""
    )


def _sample(at: int) -> str:
    return (
        '<svg width="26" height="8" viewBox="0 0 26 8" aria-hidden="true">'
        f'<path d="M0,4H26" {_stroke(at)}/></svg>'
    )


def _x(share: float) -> float:
    return round(share * _WIDTH, 2)


def _y(share: float) -> float:
    return round(_TOP + share * _HEIGHT, 2)
