"""The first rule that refuses an entry: takes records and an instant, gives a code with its limit and value."""

from __future__ import annotations

from typing import Any

from numba import njit

from vigie.domain import codes


@njit(cache=True, nogil=True)
def protection_refusal(
    account: Any, instrument: Any, slot: Any, now: int, bar: int, rules: Any
) -> tuple[int, float, float]:
    """Judge the strategy protections (orders 1 to 8 of the table).

    Parameters
    ----------
    account, instrument, slot : records
        Of the entry.
    now : int
        Close of the deciding bar, epoch milliseconds; a lock ends at its instant, exclusive.
    bar : int
        Index of the deciding bar in the slot's own history.
    rules : record of `PROTECTIONS`
        Of the account.

    Returns
    -------
    tuple of int, float, float
        Code (0 when none), limit, value.
    """
    if now < instrument["stops_until"]:
        return codes.STOP_GUARD_INSTRUMENT, float(rules["stops_instrument"]), instrument["stops_value"]
    if now < account["stops_until"]:
        return codes.STOP_GUARD_ACCOUNT, float(rules["stops_account"]), account["stops_value"]
    if now < account["window_until"]:
        return codes.WINDOW_DRAWDOWN, rules["window_drawdown"], account["window_value"]
    if now < instrument["low_until"]:
        return codes.LOW_PROFIT, 0.0, instrument["low_value"]
    if bar - slot["cooldown_from"] < slot["cooldown_bars"]:
        return codes.COOLDOWN, float(slot["cooldown_bars"]), float(bar - slot["cooldown_from"])
    if account["paused"] == 1:
        return codes.LOSS_STREAK, float(rules["streak"]), float(account["pause_losses"])
    if now < slot["lock_until"]:
        return codes.SLOT_DRAWDOWN, rules["slot_drawdown"], slot["lock_value"]
    if now < account["global_until"]:
        return codes.GLOBAL_DRAWDOWN, rules["global_drawdown"], account["global_value"]
    return 0, 0.0, 0.0


@njit(cache=True, nogil=True)
def loss_refusal(account: Any, now: int, rules: Any) -> tuple[int, float, float]:
    """Judge the loss limits of the account (orders 9 and 10).

    Parameters
    ----------
    account : record of `ACCOUNT`
        With the day's latch and the halt.
    now : int
        Close of the deciding bar, epoch milliseconds.
    rules : record of `PROTECTIONS`
        Of the account.

    Returns
    -------
    tuple of int, float, float
        Code (0 when none), limit and value as fractions.
    """
    if account["daily_latched"] == 1:
        return codes.DAILY_LOSS, rules["daily_loss"], account["daily_value"]
    if now < account["halt_until"]:
        return codes.ACCOUNT_DRAWDOWN, rules["halt_drawdown"], account["halt_value"]
    return 0, 0.0, 0.0


@njit(cache=True, nogil=True)
def place_refusal(slots: Any, instruments_of: Any, number: int, rules: Any) -> tuple[int, float, float]:
    """Judge the count of positions and whether the instrument is free (orders 11 and 12).

    Parameters
    ----------
    slots : record array, shape (n_slots,)
        All slots of the account.
    instruments_of : int64 array, shape (n_slots,)
        The instrument of each slot.
    number : int
        The slot that wants to enter.

    Returns
    -------
    tuple of int, float, float
        Code (0 when none), limit, value; the value counts the entry itself.
    """
    held = 1
    taken = False
    for k in range(len(slots)):
        if k != number and (slots[k]["side"] != 0 or slots[k]["pending_side"] != 0):
            held += 1
            taken = taken or instruments_of[k] == instruments_of[number]
    if held > rules["positions"]:
        return codes.MAX_POSITIONS, float(rules["positions"]), float(held)
    if taken:
        return codes.INSTRUMENT_TAKEN, 1.0, 2.0
    return 0, 0.0, 0.0


@njit(cache=True, nogil=True)
def funding_refusal(side: int, rate_8h: float, rules: Any) -> tuple[int, float, float]:
    """Judge the cost of funding: `rate_8h` is NaN where no settlement is known (order 13).

    Parameters
    ----------
    side : int
        +1 long, -1 short.
    rate_8h : float
        Last settled rate, as a fraction per 8 hours.
    rules : record of `PROTECTIONS`
        A `funding_cost` of 0 switches the rule off.

    Returns
    -------
    tuple of int, float, float
        Code (0 when none), limit, rate times side; an unknown rate passes.
    """
    if rules["funding_cost"] > 0.0 and side * rate_8h > rules["funding_cost"]:
        return codes.FUNDING_COST, rules["funding_cost"], side * rate_8h
    return 0, 0.0, 0.0
