"""The rows of the journal's tables."""

from __future__ import annotations

from vigie.services.rows import Row, shown
from vigie.services.trading.accounts.account_rows import REPLAYED, SOURCE


class JournalTradeRow(Row):
    """One closed trade, with what its person wrote."""

    id: str = shown("Trade", source=SOURCE)
    exit_ts: int = shown("Closed", unit="ms", source=SOURCE)
    entry_ts: int = shown("Opened", unit="ms", source=SOURCE)
    slot: str = shown("Active strategy", source=SOURCE)
    instrument: str = shown("Instrument", source=SOURCE)
    timeframe: str = shown("Timeframe", source=SOURCE)
    strategy: str = shown("Strategy", source=SOURCE)
    side: str = shown("Side", source=SOURCE)
    qty: str = shown("Quantity", unit="base units", source=SOURCE)
    entry: float = shown("Entry", unit="quote", source=SOURCE)
    exit: float = shown("Exit", unit="quote", source=SOURCE)
    pnl: float = shown("Result", unit="quote", definition="After fees and funding.", source=SOURCE)
    r: float | None = shown(
        "R", unit="ratio", definition="P&L divided by the loss planned at the stop.", source=SOURCE
    )
    mae_pct: float = shown(
        "MAE",
        unit="%",
        definition="Maximum adverse excursion: the worst move against the trade while it was open, at most to its "
        "stop or exit.",
        source=SOURCE,
    )
    mfe_pct: float = shown(
        "MFE",
        unit="%",
        definition="Maximum favourable excursion: the best move for the trade while it was open, at most to its "
        "target or exit.",
        source=SOURCE,
    )
    cost: float = shown("Cost", unit="quote", definition="Fees, slippage and funding paid.", source=SOURCE)
    bars_held: int = shown("Bars", unit="count", definition="Number of bars the trade lasted.", source=SOURCE)
    reason: str = shown("Reason", source=SOURCE)
    setup: str = shown(
        "Setup",
        definition="The setup that was confirmed when the trade was decided; empty where none was.",
        source=SOURCE,
    )
    plan: str = shown(
        "Plan", definition="The plan that it traded; empty where a strategy decided.", source=SOURCE
    )
    source: str = shown(
        "Source of idea",
        definition="What you wrote, or else what the strategy reads besides prices.",
        source=SOURCE,
    )
    tags: str = shown("Tags", source=SOURCE)
    note: str = shown("Note", source=SOURCE)
    is_replayed: bool = shown("Replayed", definition=REPLAYED, source=SOURCE)


class TradeGroupRow(Row):
    """The results of one group of trades."""

    key: str = shown("Group", source=SOURCE)
    trades: int = shown("Closed trades", unit="count", source=SOURCE)
    replayed: int = shown(
        "Replayed", unit="count", definition="Of these trades, those decided afterwards.", source=SOURCE
    )
    wins: int = shown("Winning trades", unit="count", source=SOURCE)
    win_rate: float | None = shown("Win rate", unit="fraction", source=SOURCE)
    pnl: float = shown(
        "Result", unit="quote", definition="P&L of closed trades, after fees and funding.", source=SOURCE
    )
    profit_factor: float | None = shown(
        "Profit factor", unit="ratio", definition="Total gains divided by total losses.", source=SOURCE
    )
    mean_r: float | None = shown("Average R", unit="ratio", source=SOURCE)
    cost: float = shown("Cost", unit="quote", source=SOURCE)


class CandleRow(Row):
    """One bar around a trade."""

    ts: int = shown("Time", unit="ms", source=SOURCE)
    open: float = shown("Open price", unit="quote", source=SOURCE)
    high: float = shown("High", unit="quote", source=SOURCE)
    low: float = shown("Low", unit="quote", source=SOURCE)
    close: float = shown("Close price", unit="quote", source=SOURCE)


class TradeCriterionRow(Row):
    """One criterion at the decision of a trade."""

    name: str = shown("Criterion", source=SOURCE)
    value: float | None = shown("Value", definition="At the close of the decision bar.", source=SOURCE)
    threshold: float | None = shown("Threshold", source=SOURCE)
    holds: bool = shown("Met", source=SOURCE)
    required: bool = shown("Required", definition="No signal without it.", source=SOURCE)


class TradeOtherwiseRow(Row):
    """What other conduct would have made of a trade."""

    kind: str = shown(
        "What",
        definition="`levels`: closed by stop or target only; `waited`: opened one bar later.",
        source=SOURCE,
    )
    end: str = shown("Exit", source=SOURCE)
    pnl: float = shown("Result", unit="quote", definition="Without funding.", source=SOURCE)
    gap: float = shown("Difference from trade", unit="quote", source=SOURCE)
    exit_ts: int | None = shown("Closed", unit="ms", source=SOURCE)
