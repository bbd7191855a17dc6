"""Curves of a report as SVG that need no script and fit any width.

Positions are per cent of the drawing, and curves lie in an inner drawing that is stretched, so text keeps its
size on a phone. Every drawing has a title and a description; its numbers stand in a table beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.drawing.steps import multiples, round_step

# The curves take this share of the height; below it stand the times.
TOP: Final = 6.0
HEIGHT: Final = 82.0
BOX: Final = 1000
_MONTHS: Final = (1, 2, 3, 6, 12, 24, 60)
_SPANS: Final = tuple(hours * HOUR_MS for hours in (1, 3, 6, 12)) + tuple(
    days * DAY_MS for days in (1, 2, 5, 10)
)


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis: where, in per cent from top or left, and what it says."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class CurveChart:
    """A chart of curves over time, ready to be written.

    Attributes
    ----------
    paths : tuple of (str, str)
        Class and path data of each curve in the inner box of `BOX` units.
    rows, columns : tuple of Tick
        Marks of values and of times.
    """

    paths: tuple[tuple[str, str], ...]
    rows: tuple[Tick, ...]
    columns: tuple[Tick, ...]


def value_ticks(low: float, high: float, count: int = 4) -> list[float]:
    """Return round values between two, about `count` of them."""
    if not high > low:
        return [low]
    return multiples(round_step((high - low) / count, 0.8), low, high)


def time_ticks(start: int, end: int, count: int = 6) -> list[tuple[int, str]]:
    """Return times at which months, days or hours begin, at most about `count`, each with its name."""
    if end <= start:
        return [(start, _format_time(start, "%Y-%m-%d"))]
    months = (end - start) / (30.44 * DAY_MS)
    if months >= count / 2:
        step = next((m for m in _MONTHS if months / m <= count), 120)
        return _month_ticks(start, end, step)
    span = next((s for s in _SPANS if (end - start) / s <= count), 20 * DAY_MS)
    pattern = "%m-%d" if span >= DAY_MS else "%m-%d %H:%M"
    first = -(-start // span) * span
    return [(ts, _format_time(ts, pattern)) for ts in range(first, end + 1, span)]


def _month_ticks(start: int, end: int, step: int) -> list[tuple[int, str]]:
    first = datetime.fromtimestamp(start / 1000, UTC)
    month = first.year * 12 + first.month - 1
    month = -(-month // step) * step
    ticks: list[tuple[int, str]] = []
    while True:
        ts = int(datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC).timestamp() * 1000)
        if ts > end:
            return ticks
        if ts >= start:
            ticks.append((ts, _format_time(ts, "%Y" if step >= 12 else "%Y-%m")))
        month += step


def _format_time(ts: int, pattern: str) -> str:
    return datetime.fromtimestamp(ts / 1000, UTC).strftime(pattern)


def curve_path(ts: IntArray, values: FloatArray, *, start: int, end: int, low: float, high: float) -> str:
    """Return the path of a curve in the inner box, in whole units."""
    x = np.rint((ts - start) / max(end - start, 1) * BOX).astype(np.int64)
    y = _scaled_heights(values, low, high)
    dx, dy = np.diff(x), np.diff(y)
    steps = " ".join(f"{a},{b}" for a, b in zip(dx.tolist(), dy.tolist(), strict=True))
    return f"M{x[0]},{y[0]}" + (f"l{steps}" if steps else "")


def _mark_levels(marks: Sequence[tuple[float, str]], low: float, high: float) -> list[tuple[int, str]]:
    heights = _scaled_heights(np.array([value for value, _ in marks]), low, high)
    return [(level, text) for level, (_, text) in zip(heights.tolist(), marks, strict=True)]


def _scaled_heights(values: FloatArray, low: float, high: float) -> NDArray[np.int64]:
    share = (high - values) / (high - low) if high > low else np.full(len(values), 0.5)
    return np.rint(np.clip(np.nan_to_num(share, nan=1.0), 0, 1) * BOX).astype(np.int64)


def line_drawing(
    ts: IntArray,
    curves: Sequence[tuple[str, FloatArray]],
    *,
    marks: Sequence[tuple[float, str]],
    low: float,
    high: float,
    area: str = "",
) -> CurveChart:
    """Return curves over one span of time.

    Parameters
    ----------
    ts : int64 array, shape (n,)
        Times, ascending.
    curves : sequence of (str, float64 array)
        Class of each curve, and its values.
    marks : sequence of (float, str)
        Values to mark, and how they are written.
    low, high : float
        Bottom and top of the drawing.
    area : str
        Class of a curve whose space up to the top is filled.
    """
    start, end = int(ts[0]), int(ts[-1])
    paths = []
    for name, values in curves:
        line = curve_path(ts, values, start=start, end=end, low=low, high=high)
        if name == area:
            paths.append((f"{name} area", f"{line}V0H0Z"))
        paths.append((name, line))
    rows = [
        Tick(round(TOP + level / BOX * HEIGHT, 2), text) for level, text in _mark_levels(marks, low, high)
    ]
    columns = [
        Tick(round(100 * (ts_tick - start) / max(end - start, 1), 2), text)
        for ts_tick, text in time_ticks(start, end)
    ]
    return CurveChart(tuple(paths), tuple(rows), tuple(columns))


def sparkline(values: FloatArray, points: int = 48) -> str:
    """Return the path of a small curve in a box of 100 x 24."""
    at = np.linspace(0, len(values) - 1, min(points, len(values))).astype(np.int64)
    part = values[at]
    low, high = float(np.min(part)), float(np.max(part))
    y = _scaled_heights(part, low, high) * 22 // BOX + 1
    x = np.rint(np.linspace(0, 100, len(part))).astype(np.int64)
    return "M" + "L".join(f"{a},{b}" for a, b in zip(x.tolist(), y.tolist(), strict=True))
