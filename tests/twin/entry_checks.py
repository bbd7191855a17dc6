"""The checks of an entry signal in their order: portfolio rules section 2, rows 1 to 13."""

from __future__ import annotations

from tests.twin.protect import Protect
from tests.twin.records import (
    ACCOUNT_DRAWDOWN,
    COOLDOWN,
    DAILY_LOSS,
    FUNDING_COST,
    GLOBAL_DRAWDOWN,
    HOUR,
    INSTRUMENT_TAKEN,
    LOSS_STREAK,
    LOW_PROFIT,
    MAX_POSITIONS,
    MINUTE,
    SLOT_DRAWDOWN,
    STOP_GUARD_ACCOUNT,
    STOP_GUARD_INSTRUMENT,
    WINDOW_DRAWDOWN,
    Account,
    TwinSlot,
)

Refusal = tuple[int, float, float]


def entry_refusal(
    account: Account, protect: Protect, number: int, index: int, side: int, now: int
) -> Refusal | None:
    """The first row that holds, with its limit and value."""
    return (
        stop_guard_refusal(protect, number, now)
        or window_refusal(protect, now)
        or low_profit_refusal(protect, number, now)
        or cooldown_refusal(protect, number, index)
        or streak_refusal(protect)
        or slot_refusal(protect, number, now)
        or overall_refusal(protect, now)
        or daily_refusal(protect)
        or halt_refusal(protect, now)
        or place_refusal(account, protect, number)
        or funding_refusal(protect, number, side, now)
    )


def stop_guard_refusal(protect: Protect, number: int, now: int) -> Refusal | None:
    """Rows 1 and 2: the instrument, then the account is locked."""
    lock = protect.instrument_stops[protect.slots[number].instrument]
    if lock.holds(now):
        return STOP_GUARD_INSTRUMENT, protect.rules["stop_guard_instrument_stops"], lock.value
    if protect.account_stops.holds(now):
        return STOP_GUARD_ACCOUNT, protect.rules["stop_guard_account_stops"], protect.account_stops.value
    return None


def window_refusal(protect: Protect, now: int) -> Refusal | None:
    """Row 3."""
    if protect.window.holds(now):
        return WINDOW_DRAWDOWN, protect.rules["window_drawdown_fraction"], protect.window.value
    return None


def low_profit_refusal(protect: Protect, number: int, now: int) -> Refusal | None:
    """Row 4."""
    lock = protect.instrument_profit[protect.slots[number].instrument]
    return (LOW_PROFIT, 0.0, lock.value) if lock.holds(now) else None


def cooldown_refusal(protect: Protect, number: int, index: int) -> Refusal | None:
    """Row 5: the closes of bars j .. j + k - 1 after an exit in bar j."""
    for bar, bars in reversed(protect.exits[number]):
        if index <= bar + bars - 1:
            return COOLDOWN, bars, index - bar
    return None


def streak_refusal(protect: Protect) -> Refusal | None:
    """Row 6."""
    if protect.streak_pause:
        return LOSS_STREAK, protect.rules["loss_streak_trades"], protect.rules["loss_streak_trades"]
    return None


def slot_refusal(protect: Protect, number: int, now: int) -> Refusal | None:
    """Row 7."""
    lock = protect.slot_locks[number]
    return (SLOT_DRAWDOWN, protect.rules["slot_drawdown_fraction"], lock.value) if lock.holds(now) else None


def overall_refusal(protect: Protect, now: int) -> Refusal | None:
    """Row 8."""
    if protect.overall.holds(now):
        return GLOBAL_DRAWDOWN, protect.rules["global_drawdown_fraction"], protect.overall.value
    return None


def daily_refusal(protect: Protect) -> Refusal | None:
    """Row 9."""
    if protect.daily_latched:
        return DAILY_LOSS, protect.rules["daily_loss_fraction"], protect.daily_value
    return None


def halt_refusal(protect: Protect, now: int) -> Refusal | None:
    """Row 10."""
    if protect.halt.holds(now):
        return ACCOUNT_DRAWDOWN, protect.rules["account_drawdown_fraction"], protect.halt.value
    return None


def place_refusal(account: Account, protect: Protect, number: int) -> Refusal | None:
    """Rows 11 and 12: positions and pending entries of other slots."""
    count, taken = 1, False
    for other, slot in enumerate(protect.slots):
        if other == number:
            continue
        held = account.positions[other] is not None
        waits = account.pending[other] is not None
        count += held or waits  # a slot that turns is one position, before and after
        taken = taken or ((held or waits) and slot.instrument == protect.slots[number].instrument)
    if count > protect.rules["max_positions"]:
        return MAX_POSITIONS, protect.rules["max_positions"], count
    return (INSTRUMENT_TAKEN, 1.0, 2.0) if taken else None


def known_rate(slot: TwinSlot, now: int) -> float | None:
    """The last settled rate known now, per 8 hours by the time since the settlement before it."""
    known = [(time // MINUTE * MINUTE, rate) for time, rate in slot.funding if time // MINUTE * MINUTE <= now]
    if not known:
        return None
    hours = (known[-1][0] - known[-2][0]) / HOUR if len(known) > 1 else 8.0
    return known[-1][1] * 8.0 / hours


def funding_refusal(protect: Protect, number: int, side: int, now: int) -> Refusal | None:
    """Row 13: the rate against the position."""
    rate, limit = known_rate(protect.slots[number], now), protect.rules["funding_cost_limit"]
    if limit and rate is not None and rate * side > limit:
        return FUNDING_COST, limit, rate * side
    return None
