"""Scores over two parameters as coloured squares, for a file that stands alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Final

from vigie.domain.bar import FloatArray

# A parameter's name and its values.
MapAxis = tuple[str, Sequence[str | float]]

_CELL: Final = 22
_LEFT: Final = 90
_TOP: Final = 40


def score_map(
    scores: FloatArray,
    levels: FloatArray,
    *,
    down: MapAxis,
    across: MapAxis,
    best: tuple[int, int],
    title: str,
    objective: str,
) -> str:
    """Return a map as SVG with title, description, axes and every value as a tooltip.

    Parameters
    ----------
    scores : float64 array, shape (rows, columns)
        NaN where nothing was tried.
    levels : float64 array, shape (rows, columns)
        The same between 0 and 1, for the colours.
    down, across : (str, sequence)
        Name of each parameter, and its values.
    best : (int, int)
        Row and column of the cell that is framed.
    objective : str
        What the scores are.
    """
    (down_name, rows), (across_name, columns) = down, across
    width = _LEFT + _CELL * len(columns) + 20
    height = _TOP + _CELL * len(rows) + 60
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" font-family="system-ui, sans-serif" font-size="11">'
    )
    words = f"{objective} over {down_name} (down) and {across_name} (across); darker is better, the best is framed."
    parts = [
        head,
        f"<title>{escape(title)}</title>",
        f"<desc>{escape(words)}</desc>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<text x="{_LEFT}" y="20" font-size="13" fill="#1a1a1a">{escape(title)}</text>',
    ]
    for i, row in enumerate(rows):
        y = _TOP + _CELL * i
        parts.append(
            f'<text x="{_LEFT - 6}" y="{y + 15}" text-anchor="end" fill="#1a1a1a">{_label(row)}</text>'
        )
        for j, column in enumerate(columns):
            value = float(scores[i, j])
            words = f"{down_name} {_label(row)}, {across_name} {_label(column)}: " + (
                "not tried" if math.isnan(value) else f"{value:.4g}"
            )
            frame = ' stroke="#d97706" stroke-width="3"' if (i, j) == best else ""
            parts.append(
                f'<rect x="{_LEFT + _CELL * j}" y="{y}" width="{_CELL - 1}" height="{_CELL - 1}" '
                f'fill="{_colour(float(levels[i, j]))}"{frame}><title>{escape(words)}</title></rect>'
            )
    bottom = _TOP + _CELL * len(rows)
    step = max(1, len(columns) // 12)
    for j in range(0, len(columns), step):
        parts.append(
            f'<text x="{_LEFT + _CELL * j + _CELL // 2}" y="{bottom + 16}" text-anchor="middle" '
            f'fill="#1a1a1a">{_label(columns[j])}</text>'
        )
    parts.append(f'<text x="{_LEFT}" y="{bottom + 38}" fill="#1a1a1a">{escape(across_name)}</text>')
    parts.append(f'<text x="8" y="{_TOP - 8}" fill="#1a1a1a">{escape(down_name)}</text></svg>')
    return "\n".join(parts) + "\n"


def _label(value: str | float) -> str:
    return escape(value) if isinstance(value, str) else f"{value:g}"


def _colour(level: float) -> str:
    """Return a colour from pale to dark blue; grey for what was not tried."""
    if math.isnan(level):
        return "#e5e5e5"
    pale, dark = (239, 246, 255), (12, 52, 110)
    mixed = [round(a + (b - a) * min(max(level, 0.0), 1.0)) for a, b in zip(pale, dark, strict=True)]
    return "#" + "".join(f"{part:02x}" for part in mixed)
