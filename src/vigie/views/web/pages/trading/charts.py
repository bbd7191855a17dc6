"""The drawing of an account: its equity over time."""

from __future__ import annotations

from typing import Any

import numpy as np

from vigie.views.drawing.frame import Frame
from vigie.views.drawing.lines import Line, lines_chart
from vigie.views.web.visit import Visit


def described(visit: Visit, account: Any, curve: Any) -> str:
    """Return what the curve shows, for those who do not see it."""
    rows = curve.rows
    values = [row["equity"] for row in rows]
    return visit.text(
        "Equity of %(account)s from %(first)s to %(last)s: "
        "began at %(begin)s, lowest %(low)s, highest %(high)s, now %(now)s."
    ) % {
        "account": account.account, "first": visit.tongue.moment(rows[0]["ts"]),
        "last": visit.tongue.moment(rows[-1]["ts"]), "begin": visit.tongue.fixed(values[0]),
        "low": visit.tongue.fixed(min(values)), "high": visit.tongue.fixed(max(values)),
        "now": visit.tongue.fixed(values[-1]),
    }  # fmt: skip


def equity_chart(visit: Visit, curve: Any, given: Frame) -> str:
    """Return the equity as an area."""
    ts = np.array([row["ts"] for row in curve.rows], dtype=np.int64)
    values = np.array([row["equity"] for row in curve.rows], dtype=np.float64)
    return lines_chart([Line(visit.text("Equity"), ts, values)], frame=given, unit="price", is_area=True)
