"""The columns of a trading account's tables; amounts are in the account's quote currency."""

from __future__ import annotations

from typing import Final

from vigie.services.operation import Column

SOURCE: Final = "Vigie trading"


def account_column(name: str, title: str, unit: str = "", definition: str = "") -> Column:
    """Return a column of an account's own figures."""
    return Column(name=name, title=title, unit=unit, definition=definition, source=SOURCE)


SLOT: Final = [
    account_column("slot", "Active strategy"),
    account_column("instrument", "Instrument"),
    account_column("timeframe", "Timeframe"),
    account_column("strategy", "Strategy"),
    account_column("side", "Side"),
]
POSITIONS: Final = [
    *SLOT,
    account_column("qty", "Quantity", "base units"),
    account_column("entry", "Entry", "quote"),
    account_column("entry_ts", "Opened", "ms"),
    account_column("mark", "Mark price", "quote", "Current price: the venue's mark price, or else the last trade."),
    account_column("notional", "Value", "quote", "Quantity at the current price."),
    account_column("pnl", "Result", "quote", "At the current price, before fees and funding."),
    account_column("pnl_fraction", "P&L, %", "change", "As a share of the entry value."),
    account_column("stop", "Stop", "quote", "At the venue, as the trading process last saw it."),
    account_column("stop_decided", "Decided stop", "quote", "The current stop differs from it if someone moved it."),
    account_column(
        "stop_distance", "Distance to stop", "change",
        "How far the price can move before it reaches the stop, as a share of the price; negative beyond "
        "the stop.",
    ),
    account_column(
        "is_stop_passed", "Stop crossed", "", "Paper trading: whether the current price is beyond the stop.",
    ),
    account_column(
        "settles_ts", "Exit due", "ms",
        "Paper trading, once the price has crossed the stop: close of the bar at which the position "
        "exits.",
    ),
    account_column("target", "Target", "quote"),
    account_column("liquidation", "Liquidation", "quote"),
    account_column(
        "liquidation_distance", "Distance to liquidation", "change",
        "How far the price can move before liquidation, as a share of the price; negative beyond it.",
    ),
]  # fmt: skip
TRADES: Final = [
    account_column("id", "Trade"),
    *SLOT,
    account_column("qty", "Quantity", "base units"),
    account_column("entry", "Entry", "quote"),
    account_column("entry_ts", "Opened", "ms"),
    account_column("exit", "Exit", "quote"),
    account_column("exit_ts", "Closed", "ms"),
    account_column("took_ms", "Duration", "took"),
    account_column("fees", "Fees", "quote"),
    account_column("funding", "Funding", "quote"),
    account_column("pnl", "Result", "quote", "After fees and funding."),
    account_column("return_pct", "Return", "%", "As a share of the account's equity at the decision."),
    account_column("r", "R", "ratio", "P&L divided by the loss planned at the stop."),
    account_column(
        "backtest_gap", "Compare with backtest", "quote",
        "P&L minus what the fill model gives for the same decision on the stored bars.",
    ),
    account_column("reason", "Reason"),
]  # fmt: skip
SUMS: Final = [
    account_column("trades", "Closed trades", "count"),
    account_column("wins", "Winning trades", "count"),
    account_column("win_rate", "Win rate", "fraction"),
    account_column("pnl", "Result", "quote", "P&L of closed trades, after fees and funding."),
    account_column("profit_factor", "Profit factor", "ratio", "Total gains divided by total losses."),
    account_column("mean_r", "Average R", "ratio"),
]
DAYS: Final = [
    account_column("ts", "Day", "ms", "Day that starts at 00:00 UTC."),
    *SUMS,
    account_column("cash", "Cash", "quote", "Capital plus all P&L up to the end of the day."),
    account_column("drawdown", "Drawdown", "quote", "Below the previous cash peak."),
]
STRATEGIES: Final = [
    account_column("strategy", "Strategy"),
    *SUMS,
    account_column("open", "Open positions", "count", "Open positions of this strategy."),
    account_column("open_pnl", "Unrealized P&L", "quote", "At current prices."),
]
SLOTS: Final = [
    *SLOT,
    account_column(
        "is_on",
        "New entries",
        "",
        "Whether it can open positions. An open position is managed until it closes either way.",
    ),
    account_column("trades", "Closed trades", "count"),
    account_column("pnl", "Result", "quote", "P&L of closed trades, after fees and funding."),
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
    account_column("equity", "Equity", "quote", "Cash plus unrealized P&L at each bar's close."),
]
ORDERS: Final = [
    account_column("id", "Id"),
    account_column("slot", "Active strategy"),
    account_column("leg", "Purpose"),
    account_column("side", "Side"),
    account_column("qty", "Quantity", "base units"),
    account_column("filled", "Filled", "base units"),
    account_column("state", "State"),
    account_column("reason", "Reason"),
    account_column("ts", "Recorded", "ms"),
    account_column("ts_moved", "Since", "ms", "When it reached this state."),
    account_column("attempt", "Attempt", "count"),
]
REFUSALS: Final = [
    account_column("ts", "Time", "ms"),
    account_column("slot", "Active strategy"),
    account_column("side", "Side"),
    account_column("code", "Refusal reason"),
    account_column("limit", "Limit"),
    account_column("value", "Actual value"),
]
ACCOUNTS: Final = [
    account_column("account", "Account"),
    account_column("mode", "Mode"),
    account_column("venue", "Venue"),
    account_column("state", "State"),
    account_column("ts", "Start time", "ms"),
]
