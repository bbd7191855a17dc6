"""The rows of a backtest's tables."""

from __future__ import annotations

from typing import Final

from vigie.services.rows import Row, shown

SOURCE: Final = "Vigie backtest"


class SlotFiguresRow(Row):
    """The figures of one active strategy of a backtest."""

    slot: str = shown("Active strategy", definition="Instrument, timeframe, strategy.")
    trades: int | None = shown("Trades", unit="count")
    win_rate: float | None = shown("Win rate", unit="fraction", definition="Share of trades with a net gain.")
    total_return: float | None = shown("Net return", unit="change", definition="After all costs.")
    buy_hold_return: float | None = shown("Buy and hold", unit="change")
    sharpe: float | None = shown("Sharpe", unit="ratio")
    max_drawdown: float | None = shown("Max drawdown", unit="change")
    profit_factor: float | None = shown(
        "Profit factor", unit="ratio", definition="Total gains divided by total losses."
    )
    exposure: float | None = shown(
        "Time in market", unit="fraction", definition="Share of bars with an open position."
    )
    fees: float | None = shown("Fees", unit="quote")
    funding: float | None = shown("Funding", unit="quote")
    bars: int | None = shown("Bars", unit="count")
    spark: list[float] = shown("Capital", unit="quote", is_drawn=True)


class BacktestDifferenceRow(Row):
    """One thing that differs between two backtests."""

    group: str = shown("Group", definition="settings, figures or trades.")
    what: str = shown("What")
    first: str = shown("First", default="")
    second: str = shown("Second", default="")


class EquityPointRow(Row):
    """The account of a backtest at one time."""

    ts: int = shown("Time", unit="ms")
    equity: float = shown("Account", unit="quote", definition="At closes, with open positions.")
    hold: float | None = shown("Buy and hold", unit="quote", definition="The same capital, held.")
    drawdown: float = shown(
        "Drawdown", unit="change", definition="Largest fall below the highest value so far."
    )


class YearRow(Row):
    """The returns of one year of a backtest, month by month; None where it was not traded."""

    year: str = shown("Year")
    m01: float | None = shown("01", unit="change")
    m02: float | None = shown("02", unit="change")
    m03: float | None = shown("03", unit="change")
    m04: float | None = shown("04", unit="change")
    m05: float | None = shown("05", unit="change")
    m06: float | None = shown("06", unit="change")
    m07: float | None = shown("07", unit="change")
    m08: float | None = shown("08", unit="change")
    m09: float | None = shown("09", unit="change")
    m10: float | None = shown("10", unit="change")
    m11: float | None = shown("11", unit="change")
    m12: float | None = shown("12", unit="change")
    total: float | None = shown("Year's return", unit="change")


class RunFigureRow(Row):
    """One figure of a backtest."""

    key: str = shown("Key")
    name: str = shown("Figure")
    value: float | None = shown("Value", definition="In the unit of the row; empty if undefined.")
    unit: str = shown("Unit")
    meaning: str = shown("How it is computed")


class CostStepRow(Row):
    """One step from the gross to the net result."""

    step: str = shown("Step")
    name: str = shown("Name")
    amount: float = shown("Amount", unit="quote")
    bps: str = shown("Share of traded value", definition="Basis points of the traded value, as text.")
    left: float = shown("Bar from", is_drawn=True)
    width: float = shown("Bar width", is_drawn=True)


class RunRefusalRow(Row):
    """One reason why entries of a backtest were refused."""

    title: str = shown("Reason")
    code: str = shown("Code")
    count: int = shown("Refused", unit="count", source=SOURCE)
    why: str = shown("Meaning")
    limit: str = shown("Limit", definition="Limit of the rule at the last refusal.")
    value: str = shown("Value", definition="Value that the rule found at the last refusal.")


class RunListRow(Row):
    """One saved result."""

    id: str = shown("Result")
    title: str = shown("Title")
    kind: str = shown("Kind", definition="backtest, sweep or walk_forward.")
    ts_created: int = shown("Created on", unit="ms", source=SOURCE)
    total_return: float | None = shown(
        "Net return", unit="change", definition="After all costs.", source=SOURCE
    )
    buy_hold_return: float | None = shown(
        "Buy and hold",
        unit="change",
        definition="The same instruments bought at the start and held to the end.",
        source=SOURCE,
    )
    max_drawdown: float | None = shown(
        "Max drawdown",
        unit="change",
        definition="Largest fall below the highest value so far.",
        source=SOURCE,
    )
    sharpe: float | None = shown(
        "Sharpe",
        unit="ratio",
        definition="Average daily return divided by its standard deviation, annualised.",
        source=SOURCE,
    )
    trades: int | None = shown("Trades", unit="count", definition="Number of closed trades.", source=SOURCE)
    verdict: str = shown(
        "Verdict", definition="luck (could be luck), skill (unlikely to be luck) or none (no verdict)."
    )
    slots: int | None = shown("Active strategies", unit="count")
    combinations: int | None = shown("Tried", unit="count", definition="Combinations tried in a sweep.")
    first_ts: int | None = shown("From", unit="ms")
    last_ts: int | None = shown("To", unit="ms")
    spark: list[float] = shown("Capital", unit="quote", definition="Of the account.", is_drawn=True)
