"""What lies around the best: its neighbours, and a map over two parameters.

A single peak among poor neighbours is a likelier child of chance than a plateau.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from vigie.domain.bar import FloatArray
from vigie.drawing.score_map import score_map
from vigie.research.sweep.space import Number, Space

MAX_CELLS: Final = 60
_SHADES: Final = " ░▒▓█"
_BEST: Final = "◆"


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

    Returns
    -------
    ScorePlateau
        Counts 0 and figures NaN where no neighbour was tried.
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
    """Lay out the scores around the best over the two axes with the most values; None for fewer than two axes.

    Parameters
    ----------
    space : Space
        Axes and their values.
    best : int
        Number of the combination in the middle.
    scores : callable
        Scores of some combinations by number; those not tried are absent.

    Returns
    -------
    ScoreHeatMap or None
        At most `MAX_CELLS` values an axis, around the best; None also where only one axis has several values.
    """
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
    """Return a map for the terminal: dark is good, ``◆`` the best, ``·`` not tried.

    Parameters
    ----------
    heat : ScoreHeatMap
        Shades are relative to its lowest and highest score.

    Returns
    -------
    str
        Lines without an end of line after the last.
    """
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
    """Return the map as an SVG drawing with title, description, axes and every value as a tooltip.

    Parameters
    ----------
    heat : ScoreHeatMap
        Shades are relative to its lowest and highest score.
    title : str
        Heading, already in the reader's language.
    objective : str
        Name of the score, for the tooltips.

    Returns
    -------
    str
        A whole SVG element.
    """
    return score_map(
        heat.scores,
        _relative_scores(heat),
        down=(heat.down, heat.rows),
        across=(heat.across, heat.columns),
        best=heat.best,
        title=title,
        objective=objective,
    )
