"""The columns of a trading account's tables; amounts are in the account's quote currency."""

from __future__ import annotations

from typing import Final

from vigie.services.operation import Column

SOURCE: Final = "Vigie trading"


def _column(name: str, title: str, unit: str = "", definition: str = "") -> Column:
    return Column(name=name, title=title, unit=unit, definition=definition, source=SOURCE)


SLOT: Final = [
    _column("slot", "Slot"),
    _column("instrument", "Instrument"),
    _column("timeframe", "Timeframe"),
    _column("strategy", "Strategy"),
    _column("side", "Side"),
]
POSITIONS: Final = [
    *SLOT,
    _column("qty", "Quantity", "base units"),
    _column("entry", "Entry", "quote"),
    _column("entry_ts", "Entered", "ms"),
    _column("mark", "Mark", "quote", "Present price: the venue's mark, else the last trade."),
    _column("notional", "Value", "quote", "Quantity at the present price."),
    _column("pnl", "Result", "quote", "At the present price, before fees and funding."),
    _column("pnl_fraction", "Result, %", "change", "Of the value at the entry."),
    _column("stop", "Stop", "quote"),
    _column("stop_distance", "To the stop", "fraction", "Of the present price."),
    _column("target", "Target", "quote"),
    _column("liquidation", "Liquidation", "quote"),
    _column("liquidation_distance", "To liquidation", "fraction", "Of the present price."),
]
TRADES: Final = [
    _column("id", "Trade"),
    *SLOT,
    _column("qty", "Quantity", "base units"),
    _column("entry", "Entry", "quote"),
    _column("entry_ts", "Entered", "ms"),
    _column("exit", "Exit", "quote"),
    _column("exit_ts", "Left", "ms"),
    _column("took_ms", "Lasted", "took"),
    _column("fees", "Fees", "quote"),
    _column("funding", "Funding", "quote"),
    _column("pnl", "Result", "quote", "After fees and funding."),
    _column("return_pct", "Return", "%", "Of the account's equity when it was decided."),
    _column("r", "R", "ratio", "Result over the loss that was planned at the stop."),
    _column(
        "backtest_gap", "To the backtest", "quote",
        "Result less what the fill model gives the same decision on the stored bars.",
    ),
    _column("reason", "Reason"),
]  # fmt: skip
SUMS: Final = [
    _column("trades", "Trades", "count"),
    _column("wins", "Won", "count"),
    _column("win_rate", "Win rate", "fraction"),
    _column("pnl", "Result", "quote", "Of closed trades, after fees and funding."),
    _column("profit_factor", "Profit factor", "ratio", "What was won over what was lost."),
    _column("mean_r", "Mean R", "ratio"),
]
DAYS: Final = [
    _column("ts", "Day", "ms", "Midnight UTC at which it began."),
    *SUMS,
    _column("cash", "Cash", "quote", "Capital and the results up to its end."),
    _column("drawdown", "Drawdown", "quote", "Below the highest cash before."),
]
STRATEGIES: Final = [
    _column("strategy", "Strategy"),
    *SUMS,
    _column("open", "Open", "count", "Positions it holds."),
    _column("open_pnl", "Open result", "quote", "At present prices."),
]
SLOTS: Final = [
    *SLOT,
    _column("is_on", "Enters", "", "Whether it may enter; what it holds is led to its end either way."),
    _column("trades", "Trades", "count"),
    _column("pnl", "Result", "quote", "Of closed trades, after fees and funding."),
]
LIMITS: Final = [
    _column("name", "Limit"),
    _column("limit", "At most"),
    _column("used", "Used"),
    _column("share", "Share used", "fraction"),
    _column("unit", "Unit"),
]
CURVE: Final = [
    _column("ts", "Time", "ms"),
    _column("equity", "Equity", "quote", "Cash and open results at the close of bars."),
]
ORDERS: Final = [
    _column("id", "Id"),
    _column("slot", "Slot"),
    _column("leg", "Leg"),
    _column("side", "Side"),
    _column("qty", "Quantity", "base units"),
    _column("filled", "Filled", "base units"),
    _column("state", "State"),
    _column("reason", "Reason"),
    _column("ts", "Written", "ms"),
    _column("ts_moved", "Since", "ms", "When it came into this state."),
    _column("attempt", "Attempt", "count"),
]
REFUSALS: Final = [
    _column("ts", "Time", "ms"),
    _column("slot", "Slot"),
    _column("side", "Side"),
    _column("code", "Refused with"),
    _column("limit", "Limit"),
    _column("value", "Was"),
]
ACCOUNTS: Final = [
    _column("account", "Account"),
    _column("mode", "Mode"),
    _column("venue", "Venue"),
    _column("state", "State"),
    _column("ts", "Begun", "ms"),
]
