"""The drawings of an asset's page: candles with lines over them, lines below, several assets on one chart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from markupsafe import Markup

from vigie.domain.bar import FloatArray
from vigie.drawing.candles import CandleSeries, candles_chart
from vigie.drawing.frame import Frame
from vigie.drawing.lines import PlotLine, lines_chart
from vigie.drawing.marks import ChartMark
from vigie.views.web.pages.asset import words
from vigie.views.web.request_context import RequestContext

# Candles of the first frame: more cannot be told apart in its width.
POINTS: Final = 400


def candles_of(chart: Any) -> CandleSeries:
    """Return the bars of a chart's answer as they are drawn."""
    ts, first, high, low, close, volume = np.array(chart.bars, dtype=np.float64).reshape(-1, 6).T
    return CandleSeries(ts.astype(np.int64), first, high, low, close, volume, chart.step_ms)


def price_chart(chart: Any, frame: Frame, marks: Sequence[ChartMark] = (), more: str = "") -> str:
    """Return the candles of an answer with the lines that lie over the price, and marks of moments."""
    over = [(line.name, _align_to_bars(chart, line)) for line in chart.lines if line.pane == "price"]
    return candles_chart(candles_of(chart), frame=frame, overlays=over[:8], marks=marks, news_link=more)


def price_drawing(
    context: RequestContext, name: str, chart: Any, marks: Sequence[ChartMark] = (), more: str = ""
) -> Markup:
    """Return the price chart of an answer as markup of a page; `name` is unique in the page."""
    frame = Frame(
        name,
        words.chart_title(context, chart),
        words.chart_description(context, chart),
        language=context.lang.language,
        zone=context.lang.zone,
    )
    return Markup(price_chart(chart, frame, marks, more))  # noqa: S704 - words are escaped where they are drawn


def indicator_chart(lines: Sequence[Any], frame: Frame) -> str:
    """Return the lines of one indicator that has a scale of its own."""
    return lines_chart([_line(line.name, line.values) for line in lines], frame=frame, unit="index")


def compare_chart(result: Any, frame: Frame, marks: Sequence[ChartMark] = (), more: str = "") -> str:
    """Return the lines of a comparison, and marks of moments."""
    unit = "index" if result.mode == "rebased" else "price"
    lines = [_line(line.name, line.values) for line in result.lines]
    return lines_chart(lines, frame=frame, unit=unit, marks=marks, news_link=more)


def _line(name: str, values: Sequence[tuple[int, float]]) -> PlotLine:
    ts = np.array([row[0] for row in values], dtype=np.int64)
    return PlotLine(name, ts, np.array([row[1] for row in values], dtype=np.float64))


def _align_to_bars(chart: Any, line: Any) -> FloatArray:
    by_time = dict(line.values)
    return np.array([by_time.get(bar[0], np.nan) for bar in chart.bars], dtype=np.float64)
