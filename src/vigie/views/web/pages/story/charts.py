"""The drawing of a story: how many publishers and items it had, minute by minute."""

from __future__ import annotations

from typing import Any

import numpy as np

from vigie.drawing.frame import Frame
from vigie.drawing.lines import PlotLine, lines_chart
from vigie.views.web.request_context import RequestContext


def chart_description(context: RequestContext, rows: list[dict[str, Any]]) -> str:
    """Return what the drawing shows, for those who do not see it."""
    first, last = rows[0], rows[-1]
    return context.text(
        "From %(begin)s to %(end)s. Publishers: %(publishers)s; news items: %(items)s. First: %(name)s."
    ) % {
        "begin": context.lang.moment(first["ts"]), "end": context.lang.moment(last["ts"]),
        "publishers": last["publishers"], "items": last["items"], "name": first["publisher"],
    }  # fmt: skip


def spread_chart(context: RequestContext, rows: list[dict[str, Any]], frame: Frame) -> str:
    """Return two staircases over time: publishers, and items."""
    lines = [
        _step_line(context.text("Publishers"), rows, "publishers"),
        _step_line(context.text("News items"), rows, "items"),
    ]
    return lines_chart(lines, frame=frame, unit="index")


def _step_line(name: str, rows: list[dict[str, Any]], key: str) -> PlotLine:
    # Between two items nothing changed: every step is drawn as one.
    ts, values = [rows[0]["ts"]], [float(rows[0][key])]
    for row in rows[1:]:
        ts += [row["ts"], row["ts"]]
        values += [values[-1], float(row[key])]
    return PlotLine(name, np.array(ts, dtype=np.int64), np.array(values, dtype=np.float64))
