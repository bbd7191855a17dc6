"""What a booked trade changes: takes the trade log, gives locks, streaks and cooldowns."""

from __future__ import annotations

from typing import Any

from numba import njit

from vigie.domain.bar import IntArray
from vigie.domain.codes import END_OF_DATA, LIQUIDATION, STOP
from vigie.domain.state import NEVER, RING
from vigie.domain.time import DAY_MS
from vigie.quant import money


@njit(cache=True, nogil=True)
def count_stops(ring: IntArray, exit_ts: int, window_ms: int) -> int:
    """Remember a stop exit in a ring of times and return how many lie inside the window that ends with it.

    Parameters
    ----------
    ring : int64 array, shape (RING,)
        Epoch milliseconds of the latest stop exits, unordered; `NEVER` where free. Changed in place.
    exit_ts : int
        Of the new stop exit, epoch milliseconds.
    window_ms : int
        Length of the window; its older end is exclusive.

    Returns
    -------
    int
        Includes the new one; at most `RING`.
    """
    oldest = 0
    for k in range(1, RING):
        if ring[k] < ring[oldest]:
            oldest = k
    ring[oldest] = exit_ts
    count = 0
    for k in range(RING):
        if ring[k] != NEVER and ring[k] > exit_ts - window_ms:
            count += 1
    return count


@njit(cache=True, nogil=True)
def guard_stops(
    account: Any, instrument: Any, rings: IntArray, number: int, exit_ts: int, rules: Any
) -> None:
    """Lock the instrument, or the account, after too many stop exits.

    Parameters
    ----------
    rings : int64 array, shape (n_instruments + 1, RING)
        Times of the latest stop exits; the last row is the account's.
    number : int
        The instrument's row.
    """
    if rules["stops_instrument"] > 0:
        count = count_stops(rings[number], exit_ts, rules["stops_window"])
        if count >= rules["stops_instrument"]:
            # A coarser slot, or finer bars, may book an earlier stop later: a lock is never shortened.
            instrument["stops_until"] = max(instrument["stops_until"], exit_ts + rules["stops_lock"])
            instrument["stops_value"] = rules["stops_instrument"]
    if rules["stops_account"] > 0:
        count = count_stops(rings[len(rings) - 1], exit_ts, rules["stops_window"])
        if count >= rules["stops_account"]:
            account["stops_until"] = max(account["stops_until"], exit_ts + rules["stops_lock"])
            account["stops_value"] = rules["stops_account"]


@njit(cache=True, nogil=True)
def judge_profit(instrument: Any, trades: Any, count: int, rules: Any) -> None:
    """Lock the instrument of the newest trade when its recent trades lost money together.

    Parameters
    ----------
    instrument : record of `INSTRUMENT`
        Of the newest trade; changed in place.
    trades : record array of `TRADE`
        In booking order.
    count : int
        Booked trades; the newest is ``count - 1``.
    rules : record of `PROTECTIONS`
        A `low_trades` of 0 switches the rule off.
    """
    if rules["low_trades"] == 0:
        return
    number = trades[count - 1]["instrument"]
    exit_ts = trades[count - 1]["exit_ts"]
    since = exit_ts - rules["low_window"]
    # A trade with finer detail may be booked up to a bar after its exit time, hence the day of slack.
    first = count - 1
    while first > 0 and trades[first - 1]["exit_ts"] > since - DAY_MS:
        first -= 1
    seen = 0
    total = 0
    for k in range(first, count):
        if (
            trades[k]["instrument"] == number
            and trades[k]["exit_ts"] > since
            and trades[k]["reason"] != END_OF_DATA
        ):
            seen += 1
            total = money.add(total, trades[k]["pnl_minor"])
    if seen >= rules["low_trades"] and total < 0:
        instrument["low_until"] = max(instrument["low_until"], exit_ts + rules["low_lock"])
        instrument["low_value"] = money.amount_of(total)


@njit(cache=True, nogil=True)
def count_streaks(account: Any, pnl: int, rules: Any) -> None:
    """Update the loss streak that pauses and the one that halves the size.

    Parameters
    ----------
    pnl : int
        Of the newest trade, minor units.
    """
    if pnl < 0:
        account["streak"] += 1
        account["size_losses"] += 1
    else:
        account["streak"] = 0
        account["size_losses"] = 0
    if pnl > 0:
        account["size_wins"] += 1
    else:
        account["size_wins"] = 0
    if rules["streak"] > 0 and account["streak"] >= rules["streak"]:
        account["paused"] = 1
        account["pause_losses"] = account["streak"]
        account["streak"] = 0
    if rules["halve_after"] > 0 and account["size_losses"] >= rules["halve_after"]:
        account["halved"] = 1
    elif account["halved"] == 1 and account["size_wins"] >= rules["restore_after"]:
        account["halved"] = 0


@njit(cache=True, nogil=True)
def start_cooldown(slot: Any, reason: int, exit_bar: int, rules: Any) -> None:
    """Begin the cooldown of a slot with the bar of its exit.

    Parameters
    ----------
    slot : record of `SLOT`
        Changed in place.
    reason : int
        Code of the exit; stop and liquidation take `cooldown_stop`.
    exit_bar : int
        Index of the exit's bar in the slot's own history; it is the first of the cooldown.
    rules : record of `PROTECTIONS`
        Both lengths in bars.
    """
    stopped = reason == STOP or reason == LIQUIDATION
    bars = rules["cooldown_stop"] if stopped else rules["cooldown"]
    # Two exits may share a bar; the longer of their cooldowns holds.
    if exit_bar + bars > slot["cooldown_from"] + slot["cooldown_bars"]:
        slot["cooldown_from"] = exit_bar
        slot["cooldown_bars"] = bars


@njit(cache=True, nogil=True)
def on_trade(
    account: Any, instrument: Any, slot: Any, trades: Any, count: int, rings: IntArray, rules: Any
) -> None:
    """Apply everything that the newest booked trade changes; never called for `end_of_data`.

    Parameters
    ----------
    account, instrument, slot : records
        Of the newest trade; changed in place.
    trades : record array of `TRADE`
        In booking order.
    count : int
        Booked trades; the newest is ``count - 1``.
    rings : int64 array, shape (n_instruments + 1, RING)
        Times of the latest stop exits; the last row is the account's.
    rules : record of `PROTECTIONS`
        Of the account.
    """
    reason = trades[count - 1]["reason"]
    if reason == STOP or reason == LIQUIDATION:
        guard_stops(
            account, instrument, rings, trades[count - 1]["instrument"], trades[count - 1]["exit_ts"], rules
        )
    judge_profit(instrument, trades, count, rules)
    count_streaks(account, trades[count - 1]["pnl_minor"], rules)
    start_cooldown(slot, reason, trades[count - 1]["exit_bar"], rules)
