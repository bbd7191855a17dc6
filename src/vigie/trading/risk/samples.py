"""Limits judged on each equity sample: takes the sample, gives locks, latches and the halt."""

from __future__ import annotations

from typing import Any

from numba import njit

from vigie.domain.bar import FloatArray, IntArray

NO_DAY = -1


@njit(cache=True, nogil=True)
def share_of(fall: float, base: float) -> float:
    """Return how much of `base` a fall is; of a base that is nothing, or a debt, it is the whole.

    Parameters
    ----------
    fall : float
        Quote currency, positive for a loss.
    base : float
        Peak or opening equity, quote currency.

    Returns
    -------
    float
        Fraction of `base`.
    """
    return fall / base if base > 0.0 else 1.0


@njit(cache=True, nogil=True)
def change_day(account: Any, equity: float, day: int) -> bool:
    """Begin a new UTC day when the sample lies in one; tell whether it did.

    Parameters
    ----------
    account : record of `ACCOUNT`
        Changed in place: day's opening equity, loss counter and latch, pause.
    equity : float
        Of the sample, quote currency.
    day : int
        UTC day of the sample, days since 1970-01-01.

    Returns
    -------
    bool
        False on the day of the sample before.
    """
    if day == account["day"]:
        return False
    account["day"] = day
    account["day_open"] = equity
    account["daily_count"] = 0
    account["daily_latched"] = 0
    account["paused"] = 0
    return True


@njit(cache=True, nogil=True)
def judge_day(account: Any, equity: float, rules: Any) -> None:
    """Latch the day after enough readings in a row at or beyond the daily loss.

    Parameters
    ----------
    account : record of `ACCOUNT`
        Changed in place.
    equity : float
        Of the sample, quote currency.
    rules : record of `PROTECTIONS`
        `daily_loss` as a fraction of the day's opening equity.
    """
    loss = account["day_open"] - equity
    if loss >= rules["daily_loss"] * account["day_open"]:
        account["daily_count"] += 1
    else:
        account["daily_count"] = 0
    if account["daily_count"] >= rules["readings"] and account["daily_latched"] == 0:
        account["daily_latched"] = 1
        account["daily_value"] = share_of(loss, account["day_open"])


@njit(cache=True, nogil=True)
def judge_window(
    account: Any, equity: float, now: int, peaks: FloatArray, days: IntArray, rules: Any
) -> None:
    """Lock entries when equity fell too far below the peak of the last days.

    Parameters
    ----------
    peaks, days : arrays, shape (window_days,)
        Highest sample of each remembered UTC day, and which day it is.
    """
    if rules["window_drawdown"] <= 0.0 or rules["window_days"] == 0:
        return
    day = account["day"]
    if account["window_until"] > 0 and now >= account["window_until"]:
        account["window_until"] = 0
        for k in range(len(days)):
            days[k] = NO_DAY
    place = day % len(days)
    if days[place] != day:
        days[place] = day
        peaks[place] = equity
    elif equity > peaks[place]:
        peaks[place] = equity
    if now < account["window_until"]:
        return
    peak = equity
    for k in range(len(days)):
        if days[k] > day - len(days) and days[k] != NO_DAY and peaks[k] > peak:
            peak = peaks[k]
    if peak - equity >= rules["window_drawdown"] * peak:
        account["window_until"] = now + rules["unlock"]
        account["window_value"] = share_of(peak - equity, peak)


@njit(cache=True, nogil=True)
def judge_account(account: Any, equity: float, now: int, rules: Any) -> None:
    """Lock entries on the global drawdown; halt the account on the larger one.

    Parameters
    ----------
    account : record of `ACCOUNT`
        Changed in place.
    equity : float
        Of the sample, quote currency.
    now : int
        Instant of the sample, epoch milliseconds; each lock lasts ``rules["unlock"]`` from it.
    rules : record of `PROTECTIONS`
        A fraction of 0 switches its rule off.
    """
    if rules["global_drawdown"] > 0.0 and now >= account["global_until"]:
        if account["global_until"] > 0:
            account["global_until"] = 0
            account["global_peak"] = equity
        account["global_peak"] = max(account["global_peak"], equity)
        fall = account["global_peak"] - equity
        if fall >= rules["global_drawdown"] * account["global_peak"]:
            account["global_until"] = now + rules["unlock"]
            account["global_value"] = share_of(fall, account["global_peak"])
    if rules["halt_drawdown"] > 0.0 and now >= account["halt_until"]:
        if account["halt_until"] > 0:
            account["halt_until"] = 0
            account["halt_peak"] = equity
        account["halt_peak"] = max(account["halt_peak"], equity)
        fall = account["halt_peak"] - equity
        if fall >= rules["halt_drawdown"] * account["halt_peak"]:
            account["halt_until"] = now + rules["unlock"]
            account["halt_value"] = share_of(fall, account["halt_peak"])


@njit(cache=True, nogil=True)
def judge_slot(slot: Any, result: float, capital: float, now: int, rules: Any) -> None:
    """Lock a slot whose own result fell too far below its peak.

    Parameters
    ----------
    result : float
        Booked amounts of the slot plus its open price difference, quote.
    """
    if rules["slot_drawdown"] <= 0.0 or now < slot["lock_until"]:
        return
    if slot["lock_until"] > 0:
        slot["lock_until"] = 0
        slot["peak"] = result
    slot["peak"] = max(slot["peak"], result)
    if slot["peak"] - result >= rules["slot_drawdown"] * capital:
        slot["lock_until"] = now + rules["unlock"]
        slot["lock_value"] = (slot["peak"] - result) / capital
