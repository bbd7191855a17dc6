"""The chart of a week: how prices stood against its beginning, as a picture, and the same in words."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import UTC
from html import escape
from typing import Final

from vigie.domain.time import DAY_MS, zoned
from vigie.drawing.steps import round_step
from vigie.drawing.week import pen_sample, render_svg
from vigie.intelligence.market.words import numbers_of
from vigie.ports.printing import LineChart, PlottedLine
from vigie.services.market_data.licence_terms import instrument_text
from vigie.services.news.brief.prices import PriceCurve
from vigie.services.news.brief.words import TEXTS, day_of, moment_of

_DAYS: Final = 7
_MARKS: Final = 5
# A week in which nothing moved has a scale too.
_LEAST: Final = 0.002


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
        (_height(value, low, high), numbers_of(language).percent(value, digits, sign=True)) for value in ticks
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
    step = round_step(raw, 0.999)
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
    return numbers_of(language).percent(_values(curve)[-1][1], 1, sign=True)


def _values(curve: PriceCurve) -> list[tuple[int, float]]:
    return [(ts, value) for ts, value in curve.points if value is not None]


def _days(start: int, names: Sequence[str]) -> Iterator[tuple[float, str]]:
    for at, name in enumerate(names):
        yield round(at / _DAYS, 4), f"{name} {zoned(start + at * DAY_MS, UTC).day}"


def _chart_sentences(curves: Sequence[PriceCurve], start: int, end: int, language: str) -> Iterator[str]:
    """Yield what the chart shows, sentence by sentence."""
    words, numbers = TEXTS[language], numbers_of(language)
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
        f'<span class="key">{pen_sample(at)} {escape(line.name)}</span> '
        for at, line in enumerate(drawing.lines)
    )
    return (
        f"<figure><figcaption>{escape(drawing.title)}</figcaption>{render_svg(drawing)}"
        f'<p class="small">{samples}</p><p class="small">{escape(drawing.note)}</p></figure>'
    )
