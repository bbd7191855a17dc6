"""What the chart of a closed trade is drawn from: the bars around it, and its levels while it was held."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from vigie.domain.bar import Bars
from vigie.domain.person import Caller
from vigie.services.operation import OperationResult, operation
from vigie.services.operations.asset_charts import ChartLine, bar_rows
from vigie.services.operations.journal import ClosedTradeInput, open_trade
from vigie.services.people.ownership import owner_of
from vigie.services.trading.journal import trade_details
from vigie.services.trading.journal.trade_details import JournalSources

LEVELS = ("entry", "stop", "target", "exit")


class TradeChart(OperationResult):
    """Bars and levels of a closed trade.

    `bars` are [opened, open, high, low, close, volume], ascending. The levels are lines named `entry`, `stop`,
    `target` and `exit`.
    """

    step_ms: int = Field(description="Length of a bar.")
    bars: list[tuple[int, float, float, float, float, float]]
    lines: list[ChartLine]


@operation("journal.chart", example={"account": "main", "trade": "t0123456789abcde"})
def read_trade_chart(caller: Caller, params: ClosedTradeInput, sources: JournalSources) -> TradeChart:
    """Read what the chart of a closed trade is drawn from."""
    with open_trade(sources.logs, owner_of(sources.accounts, caller), params) as (_, view, row, trade):
        bars = trade_details.bars_around(sources.data, view, trade)
    rows = bar_rows(bars)
    return TradeChart(step_ms=bars.span_ms, bars=rows, lines=_levels(bars, row) if rows else [])


def _levels(bars: Bars, row: dict[str, Any]) -> list[ChartLine]:
    span = bars.span_ms
    begin, end, last = int(row["entry_ts"]) // span * span, int(row["exit_ts"]), int(bars.ts[-1])
    prices = [row[name] for name in LEVELS]
    # A line lies at the closes of bars: one more on the left, so that a trade of one bar has one, too.
    spans = ((begin, end), (begin, end), (begin, end), (end - span, last))
    return [
        ChartLine(
            key=name, name=name, pane="price", unit="price", ts=int(row["exit_ts" if name == "exit" else "entry_ts"]),
            values=[(ts, price) for ts in bars.ts.tolist() if first - span <= ts < max(until, first + span)],
        )
        for name, price, (first, until) in zip(LEVELS, prices, spans, strict=True)
    ]  # fmt: skip
