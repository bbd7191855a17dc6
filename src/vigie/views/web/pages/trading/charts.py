"""The drawing of an account: its equity over time."""

from __future__ import annotations

from typing import Any

import numpy as np

from vigie.drawing.frame import Frame
from vigie.drawing.lines import PlotLine, lines_chart
from vigie.views.web.request_context import RequestContext


def chart_description(context: RequestContext, account: Any, curve: Any) -> str:
    """Return what the curve shows, for those who do not see it."""
    rows = curve.rows
    values = [row["equity"] for row in rows]
    return context.text(
        "Equity of %(account)s from %(first)s to %(last)s: started at %(begin)s, lowest %(low)s, highest "
        "%(high)s, now %(now)s."
    ) % {
        "account": account.account, "first": context.lang.moment(rows[0]["ts"]),
        "last": context.lang.moment(rows[-1]["ts"]), "begin": context.lang.fixed(values[0]),
        "low": context.lang.fixed(min(values)), "high": context.lang.fixed(max(values)),
        "now": context.lang.fixed(values[-1]),
    }  # fmt: skip


def equity_chart(context: RequestContext, curve: Any, frame: Frame) -> str:
    """Return the equity as an area."""
    ts = np.array([row["ts"] for row in curve.rows], dtype=np.int64)
    values = np.array([row["equity"] for row in curve.rows], dtype=np.float64)
    return lines_chart(
        [PlotLine(context.text("Equity"), ts, values)], frame=frame, unit="price", is_area=True
    )
