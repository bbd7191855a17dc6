"""What lies around the best: its neighbours, and a map over two parameters.

A single peak among poor neighbours is a likelier child of chance than a plateau.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Final

import numpy as np

from vigie.domain.bar import FloatArray
from vigie.research.sweep.space import Number, Space

MAX_CELLS: Final = 60
_SHADES: Final = " ░▒▓█"
_BEST: Final = "◆"
_CELL: Final = 22
_LEFT: Final = 90
_TOP: Final = 40


@dataclass(frozen=True, slots=True)
class ScorePlateau:
    """The combinations one step around the best that were tried.

    Attributes
    ----------
    neighbours : int
        How many of them were tried.
    of : int
        How many there are.
    median, worst : float
        Their scores; NaN without neighbours.
    share_positive : float
        Share of them that are better than standing aside; NaN without neighbours.
    ratio : float
        Median over the best score; near 1 is a plateau. NaN where the best is not above 0.
    """

    neighbours: int
    of: int
    median: float
    worst: float
    share_positive: float
    ratio: float

    @property
    def sentence(self) -> str:
        """Say it in a line."""
        if not self.neighbours:
            return "no neighbour of the best was tried"
        words = f"{self.neighbours} of {self.of} neighbours tried: median {self.median:.2f}, worst {self.worst:.2f}"
        if math.isnan(self.ratio):
            return words
        kind = "a plateau" if self.ratio >= 0.7 else "a slope" if self.ratio >= 0.3 else "a lone peak"
        return f"{words}: {kind}"


def measure_plateau(
    space: Space, best: int, score_of: Callable[[list[int]], FloatArray], *, neutral: float = 0.0
) -> ScorePlateau:
    """Look around the best.

    Parameters
    ----------
    score_of : callable
        Scores of some combinations; those not tried or refused are left out of the answer.
    neutral : float
        The score of standing aside.
    """
    neighbours = space.neighbours(best)
    values = score_of(neighbours)
    best_scores = score_of([best])
    if len(values) == 0:
        return ScorePlateau(0, len(neighbours), math.nan, math.nan, math.nan, math.nan)
    median = float(np.median(values))
    peak = float(best_scores[0]) if len(best_scores) else math.nan
    above = peak - neutral
    ratio = (
        (median - neutral) / above
        if above > 0 and math.isfinite(above) and math.isfinite(median)
        else math.nan
    )
    return ScorePlateau(
        len(values), len(neighbours), median, float(values.min()), float(np.mean(values > neutral)), ratio
    )


@dataclass(frozen=True, slots=True, eq=False)
class ScoreHeatMap:
    """Scores over two parameters, everything else as in the best combination.

    Attributes
    ----------
    down, across : str
        The two parameters.
    rows, columns : tuple
        Their values.
    scores : float64 array, shape (n_rows, n_columns)
        NaN where nothing was tried.
    best : tuple of int
        Row and column of the best.
    """

    down: str
    across: str
    rows: tuple[Number, ...]
    columns: tuple[Number, ...]
    scores: FloatArray
    best: tuple[int, int]


def heat_map(space: Space, best: int, scores: Callable[[list[int]], dict[int, float]]) -> ScoreHeatMap | None:
    """Lay out the scores around the best over the two axes with the most values; None for fewer than two axes."""
    lengths = [len(axis.values) for axis in space.axes]
    wide = sorted(range(len(lengths)), key=lambda at: -lengths[at])[:2]
    if len(wide) < 2 or lengths[wide[1]] < 2:
        return None
    down, across = sorted(wide)
    center = list(space.coordinates(best))
    places = [_window(lengths[at], center[at]) for at in (down, across)]
    numbers = np.zeros((len(places[0]), len(places[1])), np.int64)
    for i, row in enumerate(places[0]):
        for j, column in enumerate(places[1]):
            coordinates = list(center)
            coordinates[down], coordinates[across] = row, column
            numbers[i, j] = space.number(coordinates)
    score_by_number = scores([int(number) for number in numbers.ravel()])
    values = np.array([score_by_number.get(int(number), math.nan) for number in numbers.ravel()]).reshape(
        numbers.shape
    )
    return ScoreHeatMap(
        space.axes[down].name,
        space.axes[across].name,
        tuple(space.axes[down].values[k] for k in places[0]),
        tuple(space.axes[across].values[k] for k in places[1]),
        values,
        (places[0].index(center[down]), places[1].index(center[across])),
    )


def _window(length: int, at: int) -> list[int]:
    """Return the places that are shown: all, or as many as fit around the best."""
    begin = max(0, min(at - MAX_CELLS // 2, length - MAX_CELLS))
    return list(range(begin, min(length, begin + MAX_CELLS)))


def _relative_scores(heat: ScoreHeatMap) -> FloatArray:
    """Return each score's place between the lowest and the highest, in [0, 1]; NaN where nothing was tried."""
    values = np.where(np.isfinite(heat.scores), heat.scores, np.nan)
    if np.isnan(values).all():
        return values
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    levels: FloatArray = (values - low) / (high - low) if high > low else values * 0.0 + 0.5
    return np.where(np.isposinf(heat.scores), 1.0, levels)


def text_map(heat: ScoreHeatMap) -> str:
    """Return a map for the terminal: dark is good, ``◆`` the best, ``·`` not tried."""
    levels = _relative_scores(heat)
    wide = max(len(f"{value:g}" if not isinstance(value, str) else value) for value in heat.rows)
    lines = [
        f"{heat.down} down, {heat.across} across ({heat.columns[0]} to {heat.columns[-1]}); darker is better"
    ]
    for i, value in enumerate(heat.rows):
        cells = []
        for j in range(len(heat.columns)):
            level = levels[i, j]
            if (i, j) == heat.best:
                cells.append(_BEST)
            else:
                cells.append("·" if math.isnan(level) else _SHADES[min(int(level * 5), 4)])
        label = value if isinstance(value, str) else f"{value:g}"
        lines.append(f"{label:>{wide}} │" + "".join(cell * 2 for cell in cells))
    return "\n".join(lines)


def svg_map(heat: ScoreHeatMap, *, title: str, objective: str) -> str:
    """Return the map as an SVG drawing with title, description, axes and every value as a tooltip."""
    levels = _relative_scores(heat)
    width = _LEFT + _CELL * len(heat.columns) + 20
    height = _TOP + _CELL * len(heat.rows) + 60
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" font-family="system-ui, sans-serif" font-size="11">'
    )
    words = f"{objective} over {heat.down} (down) and {heat.across} (across); darker is better, the best is framed."
    parts = [
        head,
        f"<title>{escape(title)}</title>",
        f"<desc>{escape(words)}</desc>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<text x="{_LEFT}" y="20" font-size="13" fill="#1a1a1a">{escape(title)}</text>',
    ]
    for i, row in enumerate(heat.rows):
        y = _TOP + _CELL * i
        parts.append(
            f'<text x="{_LEFT - 6}" y="{y + 15}" text-anchor="end" fill="#1a1a1a">{_label(row)}</text>'
        )
        for j, column in enumerate(heat.columns):
            value = float(heat.scores[i, j])
            words = f"{heat.down} {_label(row)}, {heat.across} {_label(column)}: " + (
                "not tried" if math.isnan(value) else f"{value:.4g}"
            )
            frame = ' stroke="#d97706" stroke-width="3"' if (i, j) == heat.best else ""
            parts.append(
                f'<rect x="{_LEFT + _CELL * j}" y="{y}" width="{_CELL - 1}" height="{_CELL - 1}" '
                f'fill="{_colour(float(levels[i, j]))}"{frame}><title>{escape(words)}</title></rect>'
            )
    bottom = _TOP + _CELL * len(heat.rows)
    step = max(1, len(heat.columns) // 12)
    for j in range(0, len(heat.columns), step):
        parts.append(
            f'<text x="{_LEFT + _CELL * j + _CELL // 2}" y="{bottom + 16}" text-anchor="middle" '
            f'fill="#1a1a1a">{_label(heat.columns[j])}</text>'
        )
    parts.append(f'<text x="{_LEFT}" y="{bottom + 38}" fill="#1a1a1a">{escape(heat.across)}</text>')
    parts.append(f'<text x="8" y="{_TOP - 8}" fill="#1a1a1a">{escape(heat.down)}</text></svg>')
    return "\n".join(parts) + "\n"


def _label(value: Number) -> str:
    return escape(value) if isinstance(value, str) else f"{value:g}"


def _colour(level: float) -> str:
    """Return a colour from pale to dark blue; grey for what was not tried."""
    if math.isnan(level):
        return "#e5e5e5"
    pale, dark = (239, 246, 255), (12, 52, 110)
    mixed = [round(a + (b - a) * min(max(level, 0.0), 1.0)) for a, b in zip(pale, dark, strict=True)]
    return "#" + "".join(f"{part:02x}" for part in mixed)
