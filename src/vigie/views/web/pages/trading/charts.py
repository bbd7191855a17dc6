"""The drawing of an account: its equity over time."""

from __future__ import annotations

from typing import Any

import numpy as np

from vigie.drawing.frame import Frame, legend_key
from vigie.drawing.lines import PlotLine, lines_chart
from vigie.services.operation import Table
from vigie.services.trading.accounts.account_rows import AccountPointRow
from vigie.views.web.request_context import RequestContext

Curve = Table[AccountPointRow]


def chart_description(context: RequestContext, account: Any, curve: Curve) -> str:
    """Return what the curve shows, for those who do not see it."""
    rows = curve.rows
    values = [row.equity for row in rows]
    return context.text(
        "Equity of %(account)s from %(first)s to %(last)s: started at %(begin)s, lowest %(low)s, highest "
        "%(high)s, now %(now)s."
    ) % {
        "account": account.account, "first": context.lang.moment(rows[0].ts),
        "last": context.lang.moment(rows[-1].ts), "begin": context.lang.fixed(values[0]),
        "low": context.lang.fixed(min(values)), "high": context.lang.fixed(max(values)),
        "now": context.lang.fixed(values[-1]),
    }  # fmt: skip


def equity_chart(context: RequestContext, curve: Curve, frame: Frame) -> str:
    """Return the equity as an area, or as a line beside that of its replayed past."""
    lines = [_line(name, rows) for name, rows in _parts(context, curve)]
    return lines_chart(lines, frame=frame, unit="price", is_area=True)


def equity_keys(context: RequestContext, curve: Curve) -> list[tuple[str, str]]:
    """Return the key of each line and what it is; nothing where a single one is what the title says."""
    names = [name for name, _ in _parts(context, curve)]
    has_past = any(row.is_replayed for row in curve.rows)
    return [(legend_key(number), name) for number, name in enumerate(names, 1)] if has_past else []


def _parts(context: RequestContext, curve: Curve) -> list[tuple[str, list[AccountPointRow]]]:
    live = [row for row in curve.rows if not row.is_replayed]
    past = [row for row in curve.rows if row.is_replayed]
    begun = context.lang.moment(live[0].ts) if live else ""
    parts = [
        (context.text("Live from %(moment)s") % {"moment": begun}, live),
        (context.text("Replayed"), past),
    ]
    return [(name, rows) for name, rows in parts if rows]


def _line(name: str, rows: list[AccountPointRow]) -> PlotLine:
    ts = np.array([row.ts for row in rows], dtype=np.int64)
    return PlotLine(name, ts, np.array([row.equity for row in rows], dtype=np.float64))
