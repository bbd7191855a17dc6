"""The columns of a trading account's tables; amounts are in the account's quote currency."""

from __future__ import annotations

from typing import Final

from vigie.services.operation import Column

SOURCE: Final = "Vigie trading"


def account_column(name: str, title: str, unit: str = "", definition: str = "") -> Column:
    """Return a column of an account's own figures."""
    return Column(name=name, title=title, unit=unit, definition=definition, source=SOURCE)


SLOT: Final = [
    account_column("slot", "Slot"),
    account_column("instrument", "Instrument"),
    account_column("timeframe", "Timeframe"),
    account_column("strategy", "Strategy"),
    account_column("side", "Side"),
]
POSITIONS: Final = [
    *SLOT,
    account_column("qty", "Quantity", "base units"),
    account_column("entry", "Entry", "quote"),
    account_column("entry_ts", "Entered", "ms"),
    account_column("mark", "Mark", "quote", "Present price: the venue's mark, else the last trade."),
    account_column("notional", "Value", "quote", "Quantity at the present price."),
    account_column("pnl", "Result", "quote", "At the present price, before fees and funding."),
    account_column("pnl_fraction", "Result, %", "change", "Of the value at the entry."),
    account_column("stop", "Stop", "quote", "Where it stands at the venue, as the trading process saw it last."),
    account_column("stop_decided", "Stop as decided", "quote", "The stop stands elsewhere where somebody moved it."),
    account_column(
        "stop_distance", "To the stop", "change",
        "How far the price may still move before it meets the stop, as a share of it; negative beyond the stop.",
    ),
    account_column("is_stop_passed", "Stop passed", "", "On paper: whether the present price is beyond the stop."),
    account_column(
        "settles_ts", "Settles", "ms",
        "On paper, where the price has passed the stop: the close of the bar on which the position leaves.",
    ),
    account_column("target", "Target", "quote"),
    account_column("liquidation", "Liquidation", "quote"),
    account_column(
        "liquidation_distance", "To liquidation", "change",
        "How far the price may still move before liquidation, as a share of it; negative beyond it.",
    ),
]  # fmt: skip
TRADES: Final = [
    account_column("id", "Trade"),
    *SLOT,
    account_column("qty", "Quantity", "base units"),
    account_column("entry", "Entry", "quote"),
    account_column("entry_ts", "Entered", "ms"),
    account_column("exit", "Exit", "quote"),
    account_column("exit_ts", "Left", "ms"),
    account_column("took_ms", "Lasted", "took"),
    account_column("fees", "Fees", "quote"),
    account_column("funding", "Funding", "quote"),
    account_column("pnl", "Result", "quote", "After fees and funding."),
    account_column("return_pct", "Return", "%", "Of the account's equity when it was decided."),
    account_column("r", "R", "ratio", "Result over the loss that was planned at the stop."),
    account_column(
        "backtest_gap", "To the backtest", "quote",
        "Result less what the fill model gives the same decision on the stored bars.",
    ),
    account_column("reason", "Reason"),
]  # fmt: skip
SUMS: Final = [
    account_column("trades", "Closed trades", "count"),
    account_column("wins", "Won", "count"),
    account_column("win_rate", "Win rate", "fraction"),
    account_column("pnl", "Result", "quote", "Of closed trades, after fees and funding."),
    account_column("profit_factor", "Profit factor", "ratio", "What was won over what was lost."),
    account_column("mean_r", "Mean R", "ratio"),
]
DAYS: Final = [
    account_column("ts", "Day", "ms", "Midnight UTC at which it began."),
    *SUMS,
    account_column("cash", "Cash", "quote", "Capital and the results up to its end."),
    account_column("drawdown", "Drawdown", "quote", "Below the highest cash before."),
]
STRATEGIES: Final = [
    account_column("strategy", "Strategy"),
    *SUMS,
    account_column("open", "Open positions", "count", "Positions it holds."),
    account_column("open_pnl", "Open result", "quote", "At present prices."),
]
SLOTS: Final = [
    *SLOT,
    account_column(
        "is_on", "Enters", "", "Whether it may enter; what it holds is led to its end either way."
    ),
    account_column("trades", "Closed trades", "count"),
    account_column("pnl", "Result", "quote", "Of closed trades, after fees and funding."),
]
LIMITS: Final = [
    account_column("name", "Limit"),
    account_column("limit", "At most"),
    account_column("used", "Used"),
    account_column("share", "Share used", "fraction"),
    account_column("unit", "Unit"),
]
CURVE: Final = [
    account_column("ts", "Time", "ms"),
    account_column("equity", "Equity", "quote", "Cash and open results at the close of bars."),
]
ORDERS: Final = [
    account_column("id", "Id"),
    account_column("slot", "Slot"),
    account_column("leg", "Leg"),
    account_column("side", "Side"),
    account_column("qty", "Quantity", "base units"),
    account_column("filled", "Filled", "base units"),
    account_column("state", "State"),
    account_column("reason", "Reason"),
    account_column("ts", "Written", "ms"),
    account_column("ts_moved", "Since", "ms", "When it came into this state."),
    account_column("attempt", "Attempt", "count"),
]
REFUSALS: Final = [
    account_column("ts", "Time", "ms"),
    account_column("slot", "Slot"),
    account_column("side", "Side"),
    account_column("code", "Refused with"),
    account_column("limit", "Limit"),
    account_column("value", "Was"),
]
ACCOUNTS: Final = [
    account_column("account", "Account"),
    account_column("mode", "Mode"),
    account_column("venue", "Venue"),
    account_column("state", "State"),
    account_column("ts", "Begun", "ms"),
]
