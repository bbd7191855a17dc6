"""What the chart of a kept backtest is drawn from: the account over time beside buy and hold."""

from __future__ import annotations

from vigie.domain.person import Caller
from vigie.ports.accounts import UserStore
from vigie.ports.home import HomeFolder
from vigie.ports.runs import RunIndex
from vigie.services.operation import OperationResult, operation
from vigie.services.operations.asset_charts import ChartLine
from vigie.services.operations.backtests import RunInput, folder_of
from vigie.services.people.ownership import find_run
from vigie.services.runs import run_pages


class BacktestChart(OperationResult):
    """The account of a backtest and buy and hold, as lines named `equity` and `hold`."""

    lines: list[ChartLine]


@operation("backtests.chart", example={"run": "r0"})
def read_backtest_chart(
    caller: Caller, params: RunInput, runs: RunIndex, accounts: UserStore, home: HomeFolder
) -> BacktestChart:
    """Read what the chart of a backtest is drawn from, with few points that keep every extreme."""
    run = find_run(runs, accounts, caller, params.run, "backtest")
    curve = run_pages.read_page(folder_of(home, run))["curve"]
    lines = [
        ChartLine(
            key=name, name=name, pane="price", unit="price",
            values=[(ts, value) for ts, value in zip(curve["ts"], curve[name], strict=True) if value is not None],
        )
        for name in ("equity", "hold")
    ]  # fmt: skip
    return BacktestChart(lines=lines)
