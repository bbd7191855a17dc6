"""A matrix as coloured squares, one path for each shade, with numbers where they fit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from vigie.domain.bar import FloatArray
from vigie.domain.errors import UsageError
from vigie.drawing.frame import HEAT, Frame, short_number, text_element, wrap_chart
from vigie.drawing.treemap import shade_of
from vigie.intelligence.market.words import numbers_of

CORRELATION_CUTS: Final = (0.2, 0.5, 0.8)
MOST_SIDE: Final = 120
# More numbers than this would be too many elements for a page.
MOST_NUMBERS: Final = 260


def heatmap_chart(
    rows: Sequence[str],
    columns: Sequence[str],
    values: FloatArray,
    *,
    frame: Frame,
    cuts: Sequence[float] = CORRELATION_CUTS,
    digits: int = 2,
    cell: int = 44,
) -> str:
    """Return a matrix as SVG; it keeps its proportions.

    Parameters
    ----------
    rows, columns : sequence of str
        Labels.
    values : float64 array, shape (n_rows, n_columns)
        Positive and negative ones get different shades; NaN gets none.
    frame : Frame
        Title, language and whether it is an export.
    cuts : sequence of float
        From which size on a value is shaded one, two, three steps.
    digits : int
        Decimals of the numbers.
    cell : int
        Side of a square in a page.

    Raises
    ------
    UsageError
        If the labels do not fit the values.
    """
    if values.shape != (len(rows), len(columns)):
        raise UsageError(
            "values_must_x_entries",
            "values must have {rows_count} x {columns_count} entries, had {shape}",
            rows_count=len(rows),
            columns_count=len(columns),
            shape=values.shape,
        )
    if not (1 <= len(rows) <= MOST_SIDE and 1 <= len(columns) <= MOST_SIDE):
        raise UsageError(
            "matrix_must_rows_columns",
            "a matrix must have 1..{most_side} rows and columns, had {shape}",
            most_side=MOST_SIDE,
            shape=values.shape,
        )
    margin = 14 + 8.4 * max(len(name) for name in (*rows, *columns))
    left, top = (28.0, 70.0) if frame.standalone else (0.0, 0.0)
    side = float(cell)
    if frame.standalone:
        side = min(
            (frame.width - 56 - margin) / len(columns), (frame.height - 150 - 18) / len(rows), 64.0
        )  # fmt: skip
    x0, y0 = left + margin, top + 22
    squares = _square_paths(frame, values, x0, y0, side, cuts)
    numbers = (
        _number_labels(frame, values, x0, y0, side, digits)
        if values.size <= MOST_NUMBERS and side >= 26
        else ""
    )
    labels = [
        text_element(
            frame, short_number(x0 - 6), short_number(y0 + (k + 0.5) * side), name, anchor="end", dy=4
        )
        for k, name in enumerate(rows)
    ]
    heads = [
        text_element(
            frame,
            short_number(x0 + (k + 0.5) * side),
            short_number(y0 - 7),
            name[: max(2, int(side / 7))],
            anchor="middle",
        )
        for k, name in enumerate(columns)
    ]
    width, height = math.ceil(x0 + side * len(columns) + 2), math.ceil(y0 + side * len(rows) + 2)
    cells = f'<g class="treemap">{squares}{numbers}</g>' if not frame.standalone else squares + numbers
    box = f"0 0 {width} {height}"
    return wrap_chart(frame, cells + "".join(labels) + "".join(heads), box=box, is_natural=True)


def _square_paths(
    frame: Frame, values: FloatArray, x0: float, y0: float, side: float, cuts: Sequence[float]
) -> str:
    paths: dict[str, list[str]] = {shade: [] for shade in HEAT}
    gap = short_number(side - 1)
    for i, j in zip(*(part.tolist() for part in np.nonzero(~np.isnan(values))), strict=True):
        shade = shade_of(float(values[i, j]), cuts)
        paths[shade].append(
            f"M{short_number(x0 + j * side)},{short_number(y0 + i * side)}h{gap}v{gap}h-{gap}z"
        )
    return "".join(
        f'<path {frame.style_attributes(f"heat-{shade}")} d="{"".join(d)}"/>'
        for shade, d in paths.items()
        if d
    )


def _number_labels(frame: Frame, values: FloatArray, x0: float, y0: float, side: float, digits: int) -> str:
    write = numbers_of(frame.language)
    fill = ' fill="#ffffff"' if frame.standalone else ""
    size = short_number(min(13.0, side / 3.9))
    return "".join(
        f'<text x="{short_number(x0 + (j + 0.5) * side)}" y="{short_number(y0 + (i + 0.5) * side + 4)}" '
        f'font-size="{size}" '
        f'text-anchor="middle"{fill}>{write.number(float(values[i, j]), digits)}</text>'
        for i, j in zip(*(part.tolist() for part in np.nonzero(~np.isnan(values))), strict=True)
    )
