"""What goes into the twin and what comes out, and the state in between."""

from __future__ import annotations

from dataclasses import dataclass, field

# Reasons, decisions and refusals: the numbers of the decision hash.
SIGNAL, TIME, STOP, TARGET, LIQUIDATION, END_OF_DATA, PROTECTION = 1, 2, 3, 4, 5, 6, 7
ENTRY_DECIDED, EXIT_DECIDED_SIGNAL, EXIT_DECIDED_TIME, EXIT_DECIDED_PROTECTION, ENTRY_INTENT = (
    20,
    21,
    22,
    23,
    24,
)
BOTH_SIDES, NO_EQUITY, BAD_LEVEL, LEVEL_TOO_CLOSE = 40, 41, 42, 43
LIQUIDATION_TOO_NEAR, TOO_SMALL, GAP_THROUGH_LEVEL = 44, 45, 46
STOP_GUARD_INSTRUMENT, STOP_GUARD_ACCOUNT, WINDOW_DRAWDOWN, LOW_PROFIT = 60, 61, 62, 63
COOLDOWN, LOSS_STREAK, SLOT_DRAWDOWN, GLOBAL_DRAWDOWN = 64, 65, 66, 67
DAILY_LOSS, ACCOUNT_DRAWDOWN = 70, 71
MAX_POSITIONS, INSTRUMENT_TAKEN, FUNDING_COST = 80, 81, 82

REASONS = {
    SIGNAL: "signal",
    TIME: "time",
    STOP: "stop",
    TARGET: "target",
    LIQUIDATION: "liquidation",
    END_OF_DATA: "end_of_data",
    PROTECTION: "protection",
}
REFUSALS = {
    BOTH_SIDES: "both_sides",
    NO_EQUITY: "no_equity",
    BAD_LEVEL: "bad_level",
    LEVEL_TOO_CLOSE: "level_too_close",
    LIQUIDATION_TOO_NEAR: "liquidation_too_near",
    TOO_SMALL: "too_small",
    GAP_THROUGH_LEVEL: "gap_through_level",
    STOP_GUARD_INSTRUMENT: "stop_guard_instrument",
    STOP_GUARD_ACCOUNT: "stop_guard_account",
    WINDOW_DRAWDOWN: "window_drawdown",
    LOW_PROFIT: "low_profit",
    COOLDOWN: "cooldown",
    LOSS_STREAK: "loss_streak",
    SLOT_DRAWDOWN: "slot_drawdown",
    GLOBAL_DRAWDOWN: "global_drawdown",
    DAILY_LOSS: "daily_loss",
    ACCOUNT_DRAWDOWN: "account_drawdown",
    MAX_POSITIONS: "max_positions",
    INSTRUMENT_TAKEN: "instrument_taken",
    FUNDING_COST: "funding_cost",
}
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000

SETTINGS = {
    "capital": 10_000.0,
    "risk_fraction": 0.02,
    "leverage": 5.0,
    "stop_atr": 2.0,
    "target_atr": 3.0,
    "taker": 0.0006,
    "maker": 0.0002,
    "slippage_bps": 5.0,
    "target_execution": "trigger",
    "max_bars": 0,
}


def quote(booked: int) -> float:
    """Hundred millionths as a float: Python divides whole numbers with one correct rounding."""
    return booked / 10**8


@dataclass
class TwinSlot:
    """One slot: its bars, its signals, the rules of its instrument. Lists of equal length."""

    instrument: str
    timeframe_ms: int
    ts: list[int]
    open: list[float]
    high: list[float]
    low: list[float]
    close: list[float]
    long_entry: list[bool]
    short_entry: list[bool]
    long_exit: list[bool]
    short_exit: list[bool]
    stop_unit: list[float]
    target_unit: list[float]
    funding: list[tuple[int, float]] = field(default_factory=list)
    mark: dict[int, float] = field(default_factory=dict)
    versions: list[dict] = field(default_factory=list)
    first: int = 0
    detail: list[tuple[int, float, float, float, float]] | None = None
    detail_ms: int = 0


@dataclass
class Inside:
    """What is left of the inside of one bar."""

    index: int
    pieces: list[tuple[int, float, float, float]]  # close time, open, high, low
    due: list[tuple[int, float]]  # settlements


@dataclass
class Position:
    """An open position of a slot."""

    side: int
    lots: int
    qty: float
    entry: float
    entry_ts: int
    entry_index: int
    stop: float
    target: float
    stop_ticks: int
    target_ticks: int
    liquidation: float
    planned_risk: float
    decision_equity: float
    entry_fee: int  # booked, as everything that is booked: in hundred millionths
    funding: int = 0
    mae_pct: float = 0.0
    mfe_pct: float = 0.0
    exit_decided: int = 0  # the reason, once decided
    inside: Inside | None = None  # what its bar still has to meet; none before the bar is looked at


@dataclass
class Pending:
    """A decided entry that waits for the slot's next bar."""

    side: int
    lots: int
    qty: float
    close: float
    stop: float
    target: float
    stop_ticks: int
    target_ticks: int
    equity: float


@dataclass
class TwinResult:
    """Everything that can be compared."""

    trades: list[dict] = field(default_factory=list)
    refusals: list[tuple[int, int, int, int, float, float]] = field(default_factory=list)
    equity: list[tuple[int, float]] = field(default_factory=list)
    decisions: list[tuple[int, int, int, int, int, int, int]] = field(default_factory=list)


@dataclass
class Account:
    """The state of one account and what it has written down."""

    slots: list[TwinSlot]
    settings: dict
    cash: int  # in hundred millionths
    positions: list[Position | None]
    pending: list[Pending | None]
    booked: list[int]  # the sum of booked amounts, per slot
    latest: dict[str, float] = field(default_factory=dict)  # latest known close, per instrument
    result: TwinResult = field(default_factory=TwinResult)

    def book(self, slot: int, amount: float) -> int:
        """Rule 12: round to 1e-8, half to even, then add to the cash; return what was booked."""
        booked = round(amount * 1e8)
        self.cash += booked
        self.booked[slot] += booked
        if max(abs(self.cash), abs(self.booked[slot])) > 9 * 10**18:
            raise OverflowError(f"more than 9e10 cannot be booked, cash was {quote(self.cash)}")
        return booked

    def equity(self) -> float:
        """Cash plus every open position at the latest known close of its instrument."""
        total = quote(self.cash)
        for slot, position in zip(self.slots, self.positions, strict=True):
            if position is not None:
                total += position.side * (self.latest[slot.instrument] - position.entry) * position.qty
        return total

    def event(self, ts: int, slot: int, side: int, lots: int, levels: tuple[int, int], code: int) -> None:
        """Rule 15: one row of integers of the decision hash."""
        self.result.decisions.append((ts, slot, side, lots, levels[0], levels[1], code))

    def refuse(
        self,
        ts: int,
        slot: int,
        side: int,
        refusal: tuple[int, float, float],
        lots: int = 0,
        levels: tuple[int, int] = (0, 0),
    ) -> None:
        """Record a refusal: code, limit, value."""
        code, limit, value = refusal
        self.result.refusals.append((ts, slot, side, code, float(limit), float(value)))
        self.event(ts, slot, side, lots, levels, code)
