"""The drawings of derivatives over time, and what they say to those who do not see them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from markupsafe import Markup

from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.drawing.frame import Frame, legend_key
from vigie.drawing.lines import PlotLine, lines_chart
from vigie.drawing.marks import ChartMark
from vigie.views.web.pages.asset import chart_events
from vigie.views.web.request_context import RequestContext
from vigie.views.web.source_names import source_namer

# How the values of each measure are written beside the chart.
UNITS: Final = {"rate": "rate", "usd": "usd", "eur": "eur", "ratio": "index", "index": "index"}


def news_values(context: RequestContext, history: Any) -> dict[str, Any]:
    """Return which news are marked on a chart of one asset; volatility shows several, and has no marks."""
    is_marked = history.rows and history.measure != "volatility"
    start = min(row["ts"] for row in history.rows) if is_marked else None
    return chart_events.values_of_assets(context, history.asset, start)


def history_chart(
    context: RequestContext, history: Any, frame: Frame, marks: Sequence[ChartMark] = (), more: str = ""
) -> str:
    """Return the lines of an answer of ``derivatives.history``, and marks of news."""
    lines = []
    for name in history.lines:
        rows = [row for row in history.rows if row["line"] == name]
        ts = np.array([row["ts"] for row in rows], dtype=np.int64)
        lines.append(
            PlotLine(line_name(context, name), ts, np.array([row["value"] for row in rows], dtype=np.float64))
        )
    return lines_chart(lines, frame=frame, unit=UNITS[history.unit], marks=marks, news_link=more)


def chart_legend(context: RequestContext, history: Any) -> list[tuple[Markup, str, str]]:
    """Return the sample of each line, what it is called, and its newest value."""
    last = {row["line"]: row["value"] for row in history.rows}
    return [
        (Markup(legend_key(place + 1)), line_name(context, name), _value_text(context, history, last[name]))  # noqa: S704 - drawn from a number
        for place, name in enumerate(history.lines)
    ]


def _value_text(context: RequestContext, history: Any, value: float) -> str:
    # Where it is money, it is a sum: of what is open, of what was closed by force.
    return context.lang.unit(value, history.unit, is_amount=True)


def line_name(context: RequestContext, name: str) -> str:
    """Return what a line is called: a venue, a side, an asset."""
    if name in ("long", "short"):
        return context.text("Longs") if name == "long" else context.text("Shorts")
    venue, _, instrument = name.partition(":")
    if not instrument:
        return name
    return f"{source_namer(context)(venue)} {instrument.rpartition('-')[0].replace('-', '/').upper()}"


def source_names(context: RequestContext, history: Any) -> str:
    """Return the venues that a chart's numbers come from."""
    return source_namer(context)(history.origins[0].source)


def chart_title(context: RequestContext, history: Any) -> str:
    """Return what a chart is called."""
    step = history.step_ms or HOUR_MS
    per_step = {HOUR_MS: context.text("hourly"), DAY_MS: context.text("daily")}.get(
        step, context.text("every {time}")
    )
    titles = {
        "funding": context.text("Settled funding rate, 8 h: {name}"),
        "open_interest": context.text("Open interest: {name}"),
        "basis": context.text("Basis: {name}"),
        "long_short": context.text("Long/short ratio: {name}"),
        "liquidations": context.text("Liquidations, {over}: {name}"),
        "volatility": context.text("Implied volatility (DVOL)"),
    }
    per_step = per_step.format(time=context.lang.age(step))
    return titles[history.measure].format(name=history.name, over=per_step)


def chart_description(context: RequestContext, history: Any) -> str:
    """Return the newest value of each line, with the lowest and highest, in words."""
    pattern = context.text("{line}: last {last}, lowest {low}, highest {high}")
    parts = []
    for name in history.lines:
        values = [row["value"] for row in history.rows if row["line"] == name]
        values_text = {
            key: _value_text(context, history, value)
            for key, value in (("last", values[-1]), ("low", min(values)), ("high", max(values)))
        }
        parts.append(pattern.format(line=line_name(context, name), **values_text))
    return context.lang.semicolon.join(parts) if parts else context.text("No data for this period.")
