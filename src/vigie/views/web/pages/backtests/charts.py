"""The drawings of a backtest: the account beside buy and hold, its falls, the map of a sweep."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from vigie.drawing.frame import Frame
from vigie.drawing.heatmap import heatmap_chart
from vigie.drawing.lines import PlotLine, lines_chart
from vigie.views.web.request_context import RequestContext

# Shades begin at these shares of the largest size.
SHARES: Final = (0.08, 0.35, 0.7)
# A larger map is drawn; up to here it is a table.
MOST_CELLS: Final = 400


def page_frame(context: RequestContext, name: str, title: str, description: str) -> Frame:
    """Return the frame of a drawing in a page."""
    lang = context.lang
    return Frame(name, title, description, language=lang.language, zone="UTC")


def equity_chart(curves: Sequence[tuple[str, Any, str]], frame: Frame) -> str:
    """Return curves on one scale: (name, curve, which of its values)."""
    return lines_chart([_line(*curve) for curve in curves], frame=frame, unit="price")


def drawdown_chart(curves: Sequence[tuple[str, Any, str]], frame: Frame) -> str:
    """Return falls below the highest value, as shares."""
    return lines_chart(
        [_line(*curve) for curve in curves], frame=frame, unit="fraction", is_area=len(curves) == 1
    )


def _line(name: str, curve: Any, values_name: str) -> PlotLine:
    values = np.array(getattr(curve, values_name), dtype=np.float64)
    if values_name == "rebased":
        values = np.array(curve.equity, dtype=np.float64) / curve.capital * 100.0
    return PlotLine(name, np.array(curve.ts, dtype=np.int64), values)


def rebased_chart(curves: Sequence[tuple[str, Any]], frame: Frame) -> str:
    """Return accounts as 100 at their start, so that different capitals compare."""
    lines = [
        PlotLine(
            name,
            np.array(curve.ts, dtype=np.int64),
            np.array(curve.equity, dtype=np.float64) / curve.capital * 100.0,
        )
        for name, curve in curves
    ]
    return lines_chart(lines, frame=frame, unit="index")


def map_chart(heat: Any, frame: Frame) -> str:
    """Return the map of a sweep."""
    values = np.array(
        [[math.nan if cell is None else cell for cell in row] for row in heat.scores], dtype=np.float64
    )
    top = shade_limit([cell for row in heat.scores for cell in row])
    cuts = tuple(share * top for share in SHARES)
    rows = [f"{heat.down} {_text(value)}" for value in heat.values_down]
    return heatmap_chart(rows, [_text(value) for value in heat.values_across], values, frame=frame, cuts=cuts)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def shade_limit(values: Sequence[float | None]) -> float:
    """Return the size from which on a shade is deepest: nine in ten values are smaller."""
    sizes = sorted(abs(value) for value in values if value is not None and math.isfinite(value))
    return sizes[int(0.9 * (len(sizes) - 1))] if sizes else 1.0


def shade_class(value: float | None, top: float) -> str:
    """Return the class of a cell by its size and sign."""
    if value is None:
        return ""
    steps = sum(abs(value) >= share * top for share in SHARES) if top > 0 else 0
    return "heat-flat" if steps == 0 else f"heat-{'up' if value > 0 else 'down'}-{steps}"
