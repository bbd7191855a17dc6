"""What the chart of a setup is drawn from: bars around it, its levels, the patterns that held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Literal

from pydantic import BaseModel, Field

from vigie.domain.bar import Bars
from vigie.domain.person import Caller
from vigie.drawing.points import NumberedMark, PointPlace
from vigie.ports.setups import StoredChange
from vigie.services.operation import OperationResult, Origin, Table, operation
from vigie.services.operations.asset_charts import ChartLine, bar_rows
from vigie.services.operations.setups import SetupInput, SetupSources, find_setup
from vigie.services.rows import table_of
from vigie.services.setups.chart_patterns import (
    history_until,
    pattern_boundaries,
    pattern_results,
    patterns_at_end,
)
from vigie.services.setups.setup_bars import POINTS, bars_around, level_lines, numbered_points
from vigie.services.setups.setup_results import SetupPattern
from vigie.services.setups.setup_rows import SOURCE, SetupCandleRow


class SetupChartInput(SetupInput):
    """One setup, and whether chart patterns are looked for."""

    patterns: bool = Field(True, description="Whether chart patterns are looked for and drawn.")


class SetupChartPoint(BaseModel):
    """One of the three points in which a setup is explained, on its chart."""

    number: int = Field(
        description="1: the decision, or what it is near; 2: what held then; 3: the stop, or its end."
    )
    ts: int = Field(description="Middle of its bar.")
    price: float
    place: PointPlace = Field(description="Above the price, below it, or at it.")
    about: Literal["decided", "near", "held", "stop", "ended"]


class SetupChart(OperationResult):
    """Bars and levels of a setup.

    `bars` are [opened, open, high, low, close, volume], ascending. The levels are lines named `entry`, `stop` and
    `target`; `upper` and `lower` are the boundaries of the last of `patterns`.
    """

    step_ms: int = Field(description="Length of a bar.")
    bars: list[tuple[int, float, float, float, float, float]]
    lines: list[ChartLine]
    points: list[SetupChartPoint] = Field(description="Where the three points of the explanation stand.")
    patterns: list[SetupPattern] = Field(
        description="Those that held at the setup's newest change, by when they became known."
    )


@operation("setups.chart", example={"setup": "0123456789abcdef"})
def read_setup_chart(caller: Caller, params: SetupChartInput, sources: SetupSources) -> SetupChart:
    """Read what the chart of a setup is drawn from."""
    changes = find_setup(sources, caller, params)
    bars = bars_around(sources.data, changes)
    rows = bar_rows(bars)
    lines = _levels(bars, changes) if rows else []
    points = [_point(point) for point in numbered_points(bars, changes, {name: name for name in POINTS})]
    if not params.patterns or not rows:
        return SetupChart(step_ms=bars.span_ms, bars=rows, lines=lines, points=points, patterns=[])
    history = history_until(sources.data.bars, changes[-1])
    held = patterns_at_end(history)
    lines += [
        ChartLine(key=name, name=name, pane="price", unit="price", values=values)
        for living in held[-1:]
        for name, values in pattern_boundaries(living.pattern, history, bars.ts).items()
    ]
    return SetupChart(
        step_ms=bars.span_ms,
        bars=rows,
        lines=lines,
        points=points,
        patterns=pattern_results(held, history),
    )


@operation("setups.candles", example={"setup": "0123456789abcdef"})
def list_setup_candles(caller: Caller, params: SetupInput, sources: SetupSources) -> Table[SetupCandleRow]:
    """List the bars around a setup, oldest first."""
    return candle_table(bars_around(sources.data, find_setup(sources, caller, params)), SOURCE)


def candle_table(bars: Bars, source: str) -> Table[SetupCandleRow]:
    """Return bars as a table, oldest first."""
    rows = [
        SetupCandleRow(ts=ts, open=open_, high=high, low=low, close=close)
        for ts, open_, high, low, close, _ in bar_rows(bars)
    ]
    return table_of(SetupCandleRow, rows, origins=[Origin(source=source)], total=len(rows))


def _point(point: NumberedMark) -> SetupChartPoint:
    return SetupChartPoint.model_validate({**asdict(point), "about": point.text})


def _levels(bars: Bars, changes: Sequence[StoredChange]) -> list[ChartLine]:
    return [
        ChartLine(key=name, name=name, pane="price", unit="price", values=values)
        for name, values in level_lines(bars, changes).items()
    ]
