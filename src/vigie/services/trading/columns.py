"""The columns of a trading account's tables; amounts are in the account's quote currency."""

from __future__ import annotations

from typing import Final

from vigie.services.operation import Column

SOURCE: Final = "Vigie trading"


def column(name: str, title: str, unit: str = "", definition: str = "") -> Column:
    """Return a column of an account's own figures."""
    return Column(name=name, title=title, unit=unit, definition=definition, source=SOURCE)


SLOT: Final = [
    column("slot", "Slot"),
    column("instrument", "Instrument"),
    column("timeframe", "Timeframe"),
    column("strategy", "Strategy"),
    column("side", "Side"),
]
POSITIONS: Final = [
    *SLOT,
    column("qty", "Quantity", "base units"),
    column("entry", "Entry", "quote"),
    column("entry_ts", "Entered", "ms"),
    column("mark", "Mark", "quote", "Present price: the venue's mark, else the last trade."),
    column("notional", "Value", "quote", "Quantity at the present price."),
    column("pnl", "Result", "quote", "At the present price, before fees and funding."),
    column("pnl_fraction", "Result, %", "change", "Of the value at the entry."),
    column("stop", "Stop", "quote", "Where it stands at the venue, as the trading process saw it last."),
    column("stop_decided", "Stop as decided", "quote", "The stop stands elsewhere where somebody moved it."),
    column(
        "stop_distance", "To the stop", "change",
        "How far the price may still move before it meets the stop, as a share of it; negative beyond the stop.",
    ),
    column("is_stop_passed", "Stop passed", "", "On paper: whether the present price is beyond the stop."),
    column(
        "settles_ts", "Settles", "ms",
        "On paper, where the price has passed the stop: the close of the bar on which the position leaves.",
    ),
    column("target", "Target", "quote"),
    column("liquidation", "Liquidation", "quote"),
    column(
        "liquidation_distance", "To liquidation", "change",
        "How far the price may still move before liquidation, as a share of it; negative beyond it.",
    ),
]  # fmt: skip
TRADES: Final = [
    column("id", "Trade"),
    *SLOT,
    column("qty", "Quantity", "base units"),
    column("entry", "Entry", "quote"),
    column("entry_ts", "Entered", "ms"),
    column("exit", "Exit", "quote"),
    column("exit_ts", "Left", "ms"),
    column("took_ms", "Lasted", "took"),
    column("fees", "Fees", "quote"),
    column("funding", "Funding", "quote"),
    column("pnl", "Result", "quote", "After fees and funding."),
    column("return_pct", "Return", "%", "Of the account's equity when it was decided."),
    column("r", "R", "ratio", "Result over the loss that was planned at the stop."),
    column(
        "backtest_gap", "To the backtest", "quote",
        "Result less what the fill model gives the same decision on the stored bars.",
    ),
    column("reason", "Reason"),
]  # fmt: skip
SUMS: Final = [
    column("trades", "Closed trades", "count"),
    column("wins", "Won", "count"),
    column("win_rate", "Win rate", "fraction"),
    column("pnl", "Result", "quote", "Of closed trades, after fees and funding."),
    column("profit_factor", "Profit factor", "ratio", "What was won over what was lost."),
    column("mean_r", "Mean R", "ratio"),
]
DAYS: Final = [
    column("ts", "Day", "ms", "Midnight UTC at which it began."),
    *SUMS,
    column("cash", "Cash", "quote", "Capital and the results up to its end."),
    column("drawdown", "Drawdown", "quote", "Below the highest cash before."),
]
STRATEGIES: Final = [
    column("strategy", "Strategy"),
    *SUMS,
    column("open", "Open positions", "count", "Positions it holds."),
    column("open_pnl", "Open result", "quote", "At present prices."),
]
SLOTS: Final = [
    *SLOT,
    column("is_on", "Enters", "", "Whether it may enter; what it holds is led to its end either way."),
    column("trades", "Closed trades", "count"),
    column("pnl", "Result", "quote", "Of closed trades, after fees and funding."),
]
LIMITS: Final = [
    column("name", "Limit"),
    column("limit", "At most"),
    column("used", "Used"),
    column("share", "Share used", "fraction"),
    column("unit", "Unit"),
]
CURVE: Final = [
    column("ts", "Time", "ms"),
    column("equity", "Equity", "quote", "Cash and open results at the close of bars."),
]
ORDERS: Final = [
    column("id", "Id"),
    column("slot", "Slot"),
    column("leg", "Leg"),
    column("side", "Side"),
    column("qty", "Quantity", "base units"),
    column("filled", "Filled", "base units"),
    column("state", "State"),
    column("reason", "Reason"),
    column("ts", "Written", "ms"),
    column("ts_moved", "Since", "ms", "When it came into this state."),
    column("attempt", "Attempt", "count"),
]
REFUSALS: Final = [
    column("ts", "Time", "ms"),
    column("slot", "Slot"),
    column("side", "Side"),
    column("code", "Refused with"),
    column("limit", "Limit"),
    column("value", "Was"),
]
ACCOUNTS: Final = [
    column("account", "Account"),
    column("mode", "Mode"),
    column("venue", "Venue"),
    column("state", "State"),
    column("ts", "Begun", "ms"),
]
