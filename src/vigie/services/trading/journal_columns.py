"""The columns of the journal's tables."""

from __future__ import annotations

from typing import Final

from vigie.services.trading.columns import SLOT, SUMS, account_column

TRADE_COLUMNS: Final = [
    account_column("id", "Trade"),
    account_column("exit_ts", "Closed", "ms"),
    account_column("entry_ts", "Opened", "ms"),
    *SLOT,
    account_column("qty", "Quantity", "base units"),
    account_column("entry", "Entry", "quote"),
    account_column("exit", "Exit", "quote"),
    account_column("pnl", "Result", "quote", "After fees and funding."),
    account_column("r", "R", "ratio", "P&L divided by the loss planned at the stop."),
    account_column(
        "mae_pct",
        "MAE",
        "%",
        "Maximum adverse excursion: the worst move against the trade while it was open, at most to its "
        "stop or exit.",
    ),
    account_column(
        "mfe_pct",
        "MFE",
        "%",
        "Maximum favourable excursion: the best move for the trade while it was open, at most to its "
        "target or exit.",
    ),
    account_column("cost", "Cost", "quote", "Fees, slippage and funding paid."),
    account_column("bars_held", "Bars", "count", "Number of bars the trade lasted."),
    account_column("reason", "Reason"),
    account_column("setup", "Setup", "", "Empty until setups are recorded."),
    account_column(
        "source", "Source of idea", "", "What you wrote, or else what the strategy reads besides prices."
    ),
    account_column("tags", "Tags"),
    account_column("note", "Note"),
]
STATISTICS_COLUMNS: Final = [account_column("key", "Of"), *SUMS, account_column("cost", "Cost", "quote")]
CANDLE_COLUMNS: Final = [
    account_column("ts", "Time", "ms"),
    account_column("open", "Open price", "quote"),
    account_column("high", "High", "quote"),
    account_column("low", "Low", "quote"),
    account_column("close", "Close price", "quote"),
]
CRITERIA_COLUMNS: Final = [
    account_column("name", "Criterion"),
    account_column("value", "Value", "", "At the close of the decision bar."),
    account_column("threshold", "Threshold"),
    account_column("holds", "Met"),
    account_column("required", "Required", "", "No signal without it."),
]
COUNTERFACTUAL_COLUMNS: Final = [
    account_column(
        "kind", "What", "", "`levels`: closed by stop or target only; `waited`: opened one bar later."
    ),
    account_column("end", "Exit"),
    account_column("pnl", "Result", "quote", "Without funding."),
    account_column("gap", "Difference from trade", "quote"),
    account_column("exit_ts", "Closed", "ms"),
]
