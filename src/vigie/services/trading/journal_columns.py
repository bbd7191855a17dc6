"""The columns of the journal's tables."""

from __future__ import annotations

from typing import Final

from vigie.services.trading.columns import SLOT, SUMS, account_column

TRADE_COLUMNS: Final = [
    account_column("id", "Trade"),
    account_column("exit_ts", "Left", "ms"),
    account_column("entry_ts", "Entered", "ms"),
    *SLOT,
    account_column("qty", "Quantity", "base units"),
    account_column("entry", "Entry", "quote"),
    account_column("exit", "Exit", "quote"),
    account_column("pnl", "Result", "quote", "After fees and funding."),
    account_column("r", "R", "ratio", "Result over the loss that was planned at the stop."),
    account_column(
        "mae_pct",
        "Worst",
        "%",
        "How far it went against the entry while held: at most to the stop or the exit.",
    ),
    account_column(
        "mfe_pct", "Best", "%", "How far it went for the entry while held: at most to the target or the exit."
    ),
    account_column("cost", "Cost", "quote", "Fees, slippage and funding that was paid."),
    account_column("bars_held", "Bars", "count", "Bars it was held."),
    account_column("reason", "Reason"),
    account_column("setup", "Setup", "", "Empty until setups are told."),
    account_column(
        "source", "Idea from", "", "What its person wrote, else what its strategy reads besides prices."
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
    account_column("value", "Value", "", "At the close of the deciding bar."),
    account_column("threshold", "Threshold"),
    account_column("holds", "Held"),
    account_column("required", "Required", "", "Without it there is no signal."),
]
COUNTERFACTUAL_COLUMNS: Final = [
    account_column(
        "kind", "What", "", "`levels`: left by stop or target alone; `waited`: entered a bar later."
    ),
    account_column("end", "End"),
    account_column("pnl", "Result", "quote", "Without funding."),
    account_column("gap", "Against the trade", "quote"),
    account_column("exit_ts", "Left", "ms"),
]
