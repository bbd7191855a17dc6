"""The drawing of an entity: how the items about it sounded, day by day."""

from __future__ import annotations

from typing import Any

import numpy as np

from vigie.drawing.frame import Frame
from vigie.drawing.lines import PlotLine, lines_chart
from vigie.views.web.request_context import RequestContext


def chart_description(context: RequestContext, rows: list[dict[str, Any]]) -> str:
    """Return what the drawing shows, for those who do not see it."""
    known = [row for row in rows if row["index"] is not None]
    if not known:
        return context.text("No news of these days could be rated.")
    low, high = min(row["index"] for row in known), max(row["index"] for row in known)
    return context.lang.plural(
        "%(days)s day with news; lowest %(low)s, highest %(high)s, latest %(last)s.",
        "%(days)s days with news; lowest %(low)s, highest %(high)s, latest %(last)s.",
        len(known),
    ) % {
        "days": len(known), "low": context.lang.fixed(low), "high": context.lang.fixed(high),
        "last": context.lang.fixed(known[-1]["index"]),
    }  # fmt: skip


def mood_chart(context: RequestContext, rows: list[dict[str, Any]], frame: Frame) -> str:
    """Return the index over time; days without an item are holes."""
    ts = np.array([row["ts"] for row in rows], dtype=np.int64)
    values = np.array([np.nan if row["index"] is None else row["index"] for row in rows], dtype=np.float64)
    return lines_chart([PlotLine(context.text("Sentiment"), ts, values)], frame=frame, unit="index")
