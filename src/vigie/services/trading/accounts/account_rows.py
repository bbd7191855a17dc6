"""The rows of a trading account's tables; amounts are in the account's quote currency."""

from __future__ import annotations

from typing import Final

from vigie.services.rows import Row, shown

SOURCE: Final = "Vigie trading"
# What a column says that marks what was replayed.
REPLAYED: Final = (
    "Decided afterwards, on stored bars: what would have been. It never counts towards a track record."
)


class SlotCells(Row):
    """Which active strategy a row is about."""

    slot: str = shown("Active strategy", source=SOURCE)
    instrument: str = shown("Instrument", source=SOURCE)
    timeframe: str = shown("Timeframe", source=SOURCE)
    strategy: str = shown("Strategy", source=SOURCE)
    side: str = shown("Side", source=SOURCE)


class PositionRow(SlotCells):
    """One open position."""

    qty: str = shown("Quantity", unit="base units", source=SOURCE)
    entry: float = shown("Entry", unit="quote", source=SOURCE)
    entry_ts: int = shown("Opened", unit="ms", source=SOURCE)
    mark: float | None = shown(
        "Mark price",
        unit="quote",
        definition="Current price: the venue's mark price, or else the last trade.",
        source=SOURCE,
    )
    notional: float | None = shown(
        "Value", unit="quote", definition="Quantity at the current price.", source=SOURCE
    )
    pnl: float | None = shown(
        "Result", unit="quote", definition="At the current price, before fees and funding.", source=SOURCE
    )
    pnl_fraction: float | None = shown(
        "P&L, %", unit="change", definition="As a share of the entry value.", source=SOURCE
    )
    stop: str = shown(
        "Stop", unit="quote", definition="At the venue, as the trading process last saw it.", source=SOURCE
    )
    stop_decided: str = shown(
        "Decided stop",
        unit="quote",
        definition="The current stop differs from it if someone moved it.",
        source=SOURCE,
    )
    stop_distance: float | None = shown(
        "Distance to stop",
        unit="change",
        definition="How far the price can move before it reaches the stop, as a share of the price; negative "
        "beyond the stop.",
        source=SOURCE,
    )
    is_stop_passed: bool = shown(
        "Stop crossed",
        definition="Paper trading: whether the current price is beyond the stop.",
        source=SOURCE,
    )
    settles_ts: int | None = shown(
        "Exit due",
        unit="ms",
        definition="Paper trading, once the price has crossed the stop: close of the bar at which the position exits.",
        source=SOURCE,
    )
    target: str = shown("Target", unit="quote", source=SOURCE)
    liquidation: float = shown("Liquidation", unit="quote", source=SOURCE)
    liquidation_distance: float | None = shown(
        "Distance to liquidation",
        unit="change",
        definition="How far the price can move before liquidation, as a share of the price; negative beyond it.",
        source=SOURCE,
    )
    stop_move: float | None = shown(
        "Move to stop",
        unit="change",
        definition="From the current price, as a share of it; below 0 it is a fall.",
        source=SOURCE,
    )
    target_move: float | None = shown(
        "Move to target",
        unit="change",
        definition="From the current price, as a share of it; below 0 it is a fall.",
        source=SOURCE,
    )
    liquidation_move: float | None = shown(
        "Move to liquidation",
        unit="change",
        definition="From the current price, as a share of it; below 0 it is a fall.",
        source=SOURCE,
    )
    decides_ts: int | None = shown(
        "Next decision",
        unit="ms",
        definition="Close of the current bar of the strategy, when it decides next.",
        source=SOURCE,
    )


class ClosedTradeRow(Row):
    """One closed trade."""

    id: str = shown("Trade", source=SOURCE)
    slot: str = shown("Active strategy", source=SOURCE)
    instrument: str = shown("Instrument", source=SOURCE)
    timeframe: str = shown("Timeframe", source=SOURCE)
    strategy: str = shown("Strategy", source=SOURCE)
    side: str = shown("Side", source=SOURCE)
    qty: str = shown("Quantity", unit="base units", source=SOURCE)
    entry: float = shown("Entry", unit="quote", source=SOURCE)
    entry_ts: int = shown("Opened", unit="ms", source=SOURCE)
    exit: float = shown("Exit", unit="quote", source=SOURCE)
    exit_ts: int = shown("Closed", unit="ms", source=SOURCE)
    took_ms: int = shown("Duration", unit="took", source=SOURCE)
    fees: float = shown("Fees", unit="quote", source=SOURCE)
    funding: float = shown("Funding", unit="quote", source=SOURCE)
    pnl: float = shown("Result", unit="quote", definition="After fees and funding.", source=SOURCE)
    return_pct: float = shown(
        "Return", unit="%", definition="As a share of the account's equity at the decision.", source=SOURCE
    )
    r: float | None = shown(
        "R", unit="ratio", definition="P&L divided by the loss planned at the stop.", source=SOURCE
    )
    backtest_gap: float | None = shown(
        "Compare with backtest",
        unit="quote",
        definition="P&L minus the fill model's P&L for the same decision on the stored bars.",
        source=SOURCE,
    )
    reason: str = shown("Reason", source=SOURCE)


class DayResultRow(Row):
    """The result of one day."""

    ts: int = shown("Day", unit="ms", definition="Day that starts at 00:00 UTC.", source=SOURCE)
    trades: int = shown("Closed trades", unit="count", source=SOURCE)
    wins: int = shown("Winning trades", unit="count", source=SOURCE)
    win_rate: float | None = shown("Win rate", unit="fraction", source=SOURCE)
    pnl: float = shown(
        "Result", unit="quote", definition="P&L of closed trades, after fees and funding.", source=SOURCE
    )
    profit_factor: float | None = shown(
        "Profit factor", unit="ratio", definition="Total gains divided by total losses.", source=SOURCE
    )
    mean_r: float | None = shown("Average R", unit="ratio", source=SOURCE)
    cash: float = shown(
        "Cash", unit="quote", definition="Capital plus all P&L up to the end of the day.", source=SOURCE
    )
    drawdown: float = shown(
        "Drawdown", unit="quote", definition="Below the previous cash peak.", source=SOURCE
    )


class StrategyResultRow(Row):
    """What one strategy made."""

    strategy: str = shown("Strategy", source=SOURCE)
    trades: int = shown("Closed trades", unit="count", source=SOURCE)
    wins: int = shown("Winning trades", unit="count", source=SOURCE)
    win_rate: float | None = shown("Win rate", unit="fraction", source=SOURCE)
    pnl: float = shown(
        "Result", unit="quote", definition="P&L of closed trades, after fees and funding.", source=SOURCE
    )
    profit_factor: float | None = shown(
        "Profit factor", unit="ratio", definition="Total gains divided by total losses.", source=SOURCE
    )
    mean_r: float | None = shown("Average R", unit="ratio", source=SOURCE)
    open: int = shown(
        "Open positions", unit="count", definition="Open positions of this strategy.", source=SOURCE
    )
    open_pnl: float = shown("Unrealized P&L", unit="quote", definition="At current prices.", source=SOURCE)


class AccountSlotRow(SlotCells):
    """One active strategy of an account."""

    is_on: bool = shown(
        "New entries",
        definition="Whether it can open positions. An open position is managed until it closes either way.",
        source=SOURCE,
    )
    trades: int = shown("Closed trades", unit="count", source=SOURCE)
    pnl: float = shown(
        "Result", unit="quote", definition="P&L of closed trades, after fees and funding.", source=SOURCE
    )


class LimitRow(Row):
    """One limit and how much of it is used."""

    name: str = shown("Limit", source=SOURCE)
    limit: float = shown("At most", source=SOURCE)
    used: float = shown("Used", source=SOURCE)
    share: float | None = shown("Share used", unit="fraction", source=SOURCE)
    unit: str = shown("Unit", source=SOURCE)


class AccountPointRow(Row):
    """The equity of an account at one time."""

    ts: int = shown("Time", unit="ms", source=SOURCE)
    equity: float = shown(
        "Equity", unit="quote", definition="Cash plus unrealized P&L at each bar's close.", source=SOURCE
    )
    is_replayed: bool = shown("Replayed", definition=REPLAYED, source=SOURCE)


class OrderRow(Row):
    """What an account meant to do and what became of it."""

    id: str = shown("Id", source=SOURCE)
    slot: str = shown("Active strategy", source=SOURCE)
    leg: str = shown("Purpose", source=SOURCE)
    side: str = shown("Side", source=SOURCE)
    qty: str = shown("Quantity", unit="base units", source=SOURCE)
    filled: str = shown("Filled", unit="base units", source=SOURCE)
    state: str = shown("State", source=SOURCE)
    reason: str = shown("Reason", source=SOURCE)
    ts: int = shown("Recorded", unit="ms", source=SOURCE)
    ts_moved: int = shown("Since", unit="ms", definition="When it reached this state.", source=SOURCE)
    attempt: int = shown("Attempt", unit="count", source=SOURCE)


class EntryRefusalRow(Row):
    """One entry that was refused."""

    ts: int = shown("Time", unit="ms", source=SOURCE)
    slot: str = shown("Active strategy", source=SOURCE)
    side: str = shown("Side", source=SOURCE)
    code: str = shown("Refusal reason", source=SOURCE)
    limit: float = shown("Limit", source=SOURCE)
    value: float = shown("Actual value", source=SOURCE)


class AccountRow(Row):
    """One trading account."""

    account: str = shown("Account", source=SOURCE)
    mode: str = shown("Mode", source=SOURCE)
    venue: str = shown("Venue", source=SOURCE)
    state: str = shown("State", source=SOURCE)
    ts: int = shown("Start time", unit="ms", source=SOURCE)
    is_replayed: bool = shown("Replayed", definition=REPLAYED, source=SOURCE)
