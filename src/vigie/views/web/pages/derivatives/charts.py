"""The drawings of derivatives over time, and what they say to those who do not see them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from markupsafe import Markup

from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.views.drawing.frame import Frame, legend_key
from vigie.views.drawing.lines import Line, lines_chart
from vigie.views.drawing.marks import Mark
from vigie.views.web.naming import caller_of
from vigie.views.web.pages.asset import happened
from vigie.views.web.visit import Visit

# How the values of each measure are written beside the chart.
UNITS: Final = {"rate": "rate", "usd": "usd", "eur": "eur", "ratio": "index", "index": "index"}


def marked_of(visit: Visit, history: Any) -> dict[str, Any]:
    """Return which news are marked on a chart of one asset; volatility shows several, and has no marks."""
    is_marked = history.rows and history.measure != "volatility"
    start = min(row["ts"] for row in history.rows) if is_marked else None
    return happened.of_assets(visit, history.asset, start)


def history_chart(
    visit: Visit, history: Any, frame: Frame, marks: Sequence[Mark] = (), more: str = ""
) -> str:
    """Return the lines of an answer of ``derivatives.history``, and marks of news."""
    lines = []
    for name in history.lines:
        rows = [row for row in history.rows if row["line"] == name]
        ts = np.array([row["ts"] for row in rows], dtype=np.int64)
        lines.append(
            Line(line_name(visit, name), ts, np.array([row["value"] for row in rows], dtype=np.float64))
        )
    return lines_chart(lines, frame=frame, unit=UNITS[history.unit], marks=marks, more=more)


def legend_of(visit: Visit, history: Any) -> list[tuple[Markup, str, str]]:
    """Return the sample of each line, what it is called, and its newest value."""
    last = {row["line"]: row["value"] for row in history.rows}
    return [
        (Markup(legend_key(place + 1)), line_name(visit, name), _written(visit, history, last[name]))  # noqa: S704 - drawn from a number
        for place, name in enumerate(history.lines)
    ]


def _written(visit: Visit, history: Any, value: float) -> str:
    # Where it is money, it is a sum: of what is open, of what was closed by force.
    return visit.tongue.unit(value, history.unit, is_amount=True)


def line_name(visit: Visit, name: str) -> str:
    """Return what a line is called: a venue, a side, an asset."""
    if name in ("long", "short"):
        return visit.text("Longs") if name == "long" else visit.text("Shorts")
    venue, _, instrument = name.partition(":")
    if not instrument:
        return name
    return f"{caller_of(visit)(venue)} {instrument.rpartition('-')[0].replace('-', '/').upper()}"


def sources_of(visit: Visit, history: Any) -> str:
    """Return the venues that a chart's numbers come from."""
    return caller_of(visit)(history.origins[0].source)


def title_of(visit: Visit, history: Any) -> str:
    """Return what a chart is called."""
    step = history.step_ms or HOUR_MS
    over = {HOUR_MS: visit.text("each hour"), DAY_MS: visit.text("each day")}.get(
        step, visit.text("every {time}")
    )
    said = {
        "funding": visit.text("Funding for 8 hours: {name}"),
        "open_interest": visit.text("Open interest: {name}"),
        "basis": visit.text("Basis: {name}"),
        "long_short": visit.text("Long accounts for each short one: {name}"),
        "liquidations": visit.text("Closed by force, {over}: {name}"),
        "volatility": visit.text("Implied volatility (DVOL)"),
    }
    over = over.format(time=visit.tongue.age(step))
    return said[history.measure].format(name=history.name, over=over)


def description_of(visit: Visit, history: Any) -> str:
    """Return the newest value of each line, with the lowest and highest, in words."""
    pattern = visit.text("{line}: last {last}, lowest {low}, highest {high}")
    parts = []
    for name in history.lines:
        values = [row["value"] for row in history.rows if row["line"] == name]
        said = {
            key: _written(visit, history, value)
            for key, value in (("last", values[-1]), ("low", min(values)), ("high", max(values)))
        }
        parts.append(pattern.format(line=line_name(visit, name), **said))
    return "; ".join(parts) if parts else visit.text("Nothing is known of this time.")
