"""Reasons, decisions and refusal codes with their fixed numbers.

The numbers enter the decision hash, so a number is never reused and never changed; new ones are appended.
"""

from __future__ import annotations

from typing import Final

# Why a position ended (1..19).
SIGNAL: Final = 1
TIME: Final = 2
STOP: Final = 3
TARGET: Final = 4
LIQUIDATION: Final = 5
END_OF_DATA: Final = 6
PROTECTION: Final = 7

REASONS: Final[dict[int, str]] = {
    SIGNAL: "signal",
    TIME: "time",
    STOP: "stop",
    TARGET: "target",
    LIQUIDATION: "liquidation",
    END_OF_DATA: "end_of_data",
    PROTECTION: "protection",
}

# The venue or a person ended it: only where a venue trades.
OUTSIDE: Final = 8

LIVE_REASONS: Final[dict[int, str]] = {OUTSIDE: "outside"}

# What was decided or done that is neither an end nor a refusal (20..39).
ENTRY_DECIDED: Final = 20
EXIT_DECIDED_SIGNAL: Final = 21
EXIT_DECIDED_TIME: Final = 22
EXIT_DECIDED_PROTECTION: Final = 23
ENTRY_INTENT: Final = 24

DECISIONS: Final[dict[int, str]] = {
    ENTRY_DECIDED: "entry_decided",
    EXIT_DECIDED_SIGNAL: "exit_decided_signal",
    EXIT_DECIDED_TIME: "exit_decided_time",
    EXIT_DECIDED_PROTECTION: "exit_decided_protection",
    ENTRY_INTENT: "entry_intent",
}

# Why an entry was refused (40..). The first block is the fill model's own.
BOTH_SIDES: Final = 40
NO_EQUITY: Final = 41
BAD_LEVEL: Final = 42
LEVEL_TOO_CLOSE: Final = 43
LIQUIDATION_TOO_NEAR: Final = 44
TOO_SMALL: Final = 45
GAP_THROUGH_LEVEL: Final = 46
# Strategy protections, in the order they are judged.
STOP_GUARD_INSTRUMENT: Final = 60
STOP_GUARD_ACCOUNT: Final = 61
WINDOW_DRAWDOWN: Final = 62
LOW_PROFIT: Final = 63
COOLDOWN: Final = 64
LOSS_STREAK: Final = 65
SLOT_DRAWDOWN: Final = 66
GLOBAL_DRAWDOWN: Final = 67
# Loss limits of the account.
DAILY_LOSS: Final = 70
ACCOUNT_DRAWDOWN: Final = 71
# Position and exposure.
MAX_POSITIONS: Final = 80
INSTRUMENT_TAKEN: Final = 81
FUNDING_COST: Final = 82

REFUSALS: Final[dict[int, str]] = {
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

# What the gateway refused before it reached the kernel (100..): it needs a venue, a book or a clock.
TRADING_STATE: Final = 100
STALE_DATA: Final = 101
CLOCK_DRIFT: Final = 102
NOT_RECONCILED: Final = 103
SLOT_PAUSED: Final = 104
MISSED_BAR: Final = 105
SIGNAL_AGE: Final = 106
INSTRUMENT_STATE: Final = 107
ORDER_RATE: Final = 108
SILENT_STREAM: Final = 109
PRICE_BAND: Final = 110
SPREAD: Final = 111
DEPTH: Final = 112
PRICE_JUMP: Final = 113
SLIPPAGE: Final = 114
ORDER_VOLUME: Final = 115
OPEN_ORDERS: Final = 116
NOT_ALLOWED: Final = 117
DAILY_CANCELS: Final = 118
RUN_ORDERS: Final = 119
BAR_REVISED: Final = 120
MODEL_DEMOTED: Final = 121

VETOES: Final[dict[int, str]] = {
    TRADING_STATE: "trading_state",
    STALE_DATA: "stale_data",
    CLOCK_DRIFT: "clock_drift",
    NOT_RECONCILED: "not_reconciled",
    SLOT_PAUSED: "slot_paused",
    MISSED_BAR: "missed_bar",
    SIGNAL_AGE: "signal_age",
    INSTRUMENT_STATE: "instrument_state",
    ORDER_RATE: "order_rate",
    SILENT_STREAM: "silent_stream",
    PRICE_BAND: "price_band",
    SPREAD: "spread",
    DEPTH: "depth",
    PRICE_JUMP: "price_jump",
    SLIPPAGE: "slippage",
    ORDER_VOLUME: "order_volume",
    OPEN_ORDERS: "open_orders",
    NOT_ALLOWED: "not_allowed",
    DAILY_CANCELS: "daily_cancels",
    RUN_ORDERS: "run_orders",
    BAR_REVISED: "bar_revised",
    MODEL_DEMOTED: "model_demoted",
}

# Values of a refusal by INSTRUMENT_STATE: why the venue does not take the entry.
INSTRUMENT_STATES: Final[dict[float, str]] = {1.0: "ended", 2.0: "reducing", 3.0: "halted", 4.0: "unknown"}

# Refusals that only say yes or no: their limit and value are no measures.
YES_OR_NO: Final = frozenset(
    (
        BOTH_SIDES,
        TRADING_STATE,
        STALE_DATA,
        NOT_RECONCILED,
        SLOT_PAUSED,
        MISSED_BAR,
        INSTRUMENT_STATE,
        NOT_ALLOWED,
        BAR_REVISED,
        MODEL_DEMOTED,
    )
)
# Written as the value of a refusal where nobody knew it: ages and drifts, shares by which prices are apart, a book.
NEVER_S: Final = 86_400.0
UNKNOWN: Final = 1.0
_NOT_KNOWN: Final = {
    CLOCK_DRIFT: NEVER_S, SIGNAL_AGE: NEVER_S, SILENT_STREAM: NEVER_S,
    PRICE_BAND: UNKNOWN, SPREAD: UNKNOWN, PRICE_JUMP: UNKNOWN, SLIPPAGE: UNKNOWN,
}  # fmt: skip

# Every reason for which an entry is refused: by the kernel, or by the gateway before it.
ENTRY_REFUSALS: Final[dict[int, str]] = {**REFUSALS, **VETOES}
CODES: Final[dict[int, str]] = {**REASONS, **LIVE_REASONS, **DECISIONS, **ENTRY_REFUSALS}


def refusal_name(code: int) -> str:
    """Return the word of a refused entry's number.

    Parameters
    ----------
    code : int
        From 40 on. The log of a newer version may hold numbers that this one does not know.

    Returns
    -------
    str
        Of `ENTRY_REFUSALS`; the number itself where it has no word.
    """
    return ENTRY_REFUSALS.get(code, str(code))


def is_not_known(code: int, value: float) -> bool:
    """Tell whether a refusal's value stands for one that nobody knew; of a book, nothing on offer.

    Parameters
    ----------
    code : int
        Number of a refusal.
    value : float
        As it was recorded with the refusal.

    Returns
    -------
    bool
        True where `value` is a placeholder: nobody could measure it.
    """
    return value == 0.0 if code == DEPTH else value == _NOT_KNOWN.get(code)
