"""The worth over time, beside the money put in and the same money in Bitcoin."""

from __future__ import annotations

from typing import Final

import numpy as np

from vigie.domain.time import parse_time
from vigie.drawing.frame import Frame, legend_key
from vigie.drawing.lines import PlotLine, lines_chart
from vigie.services.holdings.holding_rows import HoldingHistoryTable
from vigie.views.web.request_context import RequestContext

# More days than this cannot be told apart in the width of the chart.
POINTS: Final = 240


def worth_chart(context: RequestContext, history: HoldingHistoryTable) -> tuple[str, list[tuple[str, str]]]:
    """Return the chart as SVG, and the key and name of each line; nothing where fewer than two days have a worth."""
    rows = history.rows
    if sum(row.worth is not None for row in rows) < 2:
        return "", []
    ts = np.array([parse_time(row.day) for row in rows], dtype=np.int64)
    names = {
        "worth": context.text("Worth"), "in_bitcoin": context.text("All in Bitcoin"), "put_in": context.text("Put in"),
    }  # fmt: skip
    lines = [
        PlotLine(name, ts, np.array([row[column] for row in rows], dtype=np.float64))
        for column, name in names.items()
    ]
    title = context.text("Worth over time")
    known = [row.worth for row in rows if row.worth is not None]

    def money(amount: float) -> str:
        return context.lang.unit(amount, history.currency, is_amount=True)

    description = context.text(
        "From %(first)s on: lowest %(low)s, highest %(high)s, now %(now)s. Beside it the money put in, and the same "
        "money in Bitcoin."
    ) % {
        "first": context.lang.day(int(ts[0])), "low": money(min(known)),
        "high": money(max(known)), "now": money(known[-1]),
    }  # fmt: skip
    frame = Frame("worth", title, description, context.lang.language)
    svg = lines_chart(lines, frame=frame, unit=history.currency)
    return svg, [(legend_key(number), name) for number, name in enumerate(names.values(), 1)]
