"""Bars with prices as lines over them: what a trade or a setup is drawn as."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from vigie.domain.bar import FloatArray, IntArray
from vigie.drawing.candles import CandleSeries, candles_chart
from vigie.drawing.frame import Frame
from vigie.drawing.marks import ChartMark
from vigie.drawing.points import NumberedMark
from vigie.services.operations.asset_charts import ChartLine


class BarsWithLevels(Protocol):
    """What is drawn: bars as [opened, open, high, low, close, volume], and lines over them."""

    @property
    def step_ms(self) -> int:
        """Length of a bar."""
        ...

    @property
    def bars(self) -> list[tuple[int, float, float, float, float, float]]:
        """The bars, ascending."""
        ...

    @property
    def lines(self) -> list[ChartLine]:
        """The levels."""
        ...


def level_chart(
    chart: BarsWithLevels,
    names: Mapping[str, str],
    frame: Frame,
    marks: Sequence[ChartMark] = (),
    points: Sequence[NumberedMark] = (),
) -> str:
    """Return bars with their levels over them as SVG.

    Parameters
    ----------
    names : mapping of str to str
        What people call each line, by its name.
    marks : sequence of ChartMark
        Marks of news at the foot.
    points : sequence of NumberedMark
        Numbers beside bars and levels.
    """
    ts = np.array([bar[0] for bar in chart.bars], dtype=np.int64)
    open_, high, low, close = (
        np.array([bar[column] for bar in chart.bars], dtype=np.float64) for column in range(1, 5)
    )
    return candles_chart(
        CandleSeries(ts, open_, high, low, close, np.zeros(0), chart.step_ms),
        frame=frame,
        overlays=[(names[line.name], _on_bars(ts, line)) for line in chart.lines],
        marks=marks,
        points=points,
    )


def _on_bars(ts: IntArray, line: ChartLine) -> FloatArray:
    values = dict(line.values)
    return np.array([values.get(moment, np.nan) for moment in ts.tolist()], dtype=np.float64)
