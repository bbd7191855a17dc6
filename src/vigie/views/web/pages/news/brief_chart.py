"""The chart of the weekly brief on its page: the same lines as in its files, in the colours of the page."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup

from vigie.drawing.frame import Frame, legend_key
from vigie.drawing.lines import PlotLine, lines_chart
from vigie.views.web.request_context import RequestContext


@dataclass(frozen=True, slots=True)
class WeekChart:
    """The chart of a section: `legend` holds the sample of each line, its asset and its last change."""

    svg: Markup
    legend: list[tuple[Markup, str, float]]


def week_chart(context: RequestContext, chart: Any) -> WeekChart:
    """Return the chart of an answer of ``news.brief``; days are those of UTC, as the week's."""
    frame = Frame(
        name="brief-chart",
        title=chart.title,
        description=chart.alt,
        language=context.lang.language,
        zone="UTC",
    )
    lines = [_drawn_line(line) for line in chart.lines]
    svg = lines_chart(lines, frame=frame, unit="fraction")
    legend = [
        (Markup(legend_key(place)), line.name, _last_value(line))  # noqa: S704 - drawn from a number
        for place, line in enumerate(chart.lines, 1)
    ]
    return WeekChart(Markup(svg), legend)  # noqa: S704 - drawn here, its texts are escaped


def _drawn_line(line: Any) -> PlotLine:
    values = [math.nan if value is None else value for _, value in line.values]
    return PlotLine(
        line.symbol, np.array([ts for ts, _ in line.values], np.int64), np.array(values, np.float64)
    )


def _last_value(line: Any) -> float:
    return float(next(value for _, value in reversed(line.values) if value is not None))
