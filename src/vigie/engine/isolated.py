"""One slot on its own capital: the fast loop over the kernel's stations.

Takes the arrays of one history and its flags; gives trades, decisions and the equity at every close. Bars on
which nothing can happen are passed over in two tight loops; every other bar goes through the stations in the
order of rule 10. `account` gives the same answers, slower, for everything this loop leaves out.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from vigie.compiled import BORROWING
from vigie.domain import codes
from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.state import LONG_ENTRY, LONG_EXIT, SHORT_ENTRY, SHORT_EXIT
from vigie.engine import journal, kernel
from vigie.engine.books import FAR
from vigie.quant import money
from vigie.trading import ledger

ENTRIES = LONG_ENTRY | SHORT_ENTRY


@njit(**BORROWING)
def signals(flags: Any, first: int) -> int:
    """Return on how many bars an entry may be decided: as many trades there can be."""
    count = 0
    for flag in flags[first:]:
        count += (flag & ENTRIES) != 0
    return count


# The quiet loops look at slices from 0 on: an index that may be negative costs as much as the work itself.


@njit(**BORROWING)
def quiet_flat(flags: Any, bar: int, last: int, cash: float, equity: FloatArray, base: int) -> int:
    """Pass over bars without a position and without an entry signal; return the first that needs work."""
    ahead = flags[bar:last]
    curve = equity[bar - base : last - base]
    k = 0
    while k < len(ahead) and (ahead[k] & ENTRIES) == 0:
        curve[k] = cash
        k += 1
    return bar + k


@njit(**BORROWING)
def quiet_held(
    slot: Any,
    ts: IntArray,
    high: FloatArray,
    low: FloatArray,
    close: FloatArray,
    flags: Any,
    bar: int,
    last: int,
    limit_ts: int,
    limit_bar: int,
    cash: float,
    equity: FloatArray,
    base: int,
) -> int:
    """Pass over bars on which an open position is neither touched nor decided upon.

    Parameters
    ----------
    limit_ts : int
        Bars that open at or after this time need work: a settlement, or a new version of the rules.
    limit_bar : int
        The first bar whose close the time stop looks at.

    Returns
    -------
    int
        The first bar that needs the stations.
    """
    side = slot["side"]
    signed = side * slot["qty"]
    entry = slot["entry"]
    # Long or short, the position stays while the bar lies between its levels.
    lower = slot["stop"] if side > 0 else slot["target"]
    upper = slot["target"] if side > 0 else slot["stop"]
    highest = slot["high"]
    lowest = slot["low"]
    watched = ENTRIES | (LONG_EXIT if side > 0 else SHORT_EXIT)
    end = max(bar, min(last, limit_bar))
    flag, begins = flags[bar:end], ts[bar:end]
    highs, lows, closes = high[bar:end], low[bar:end], close[bar:end]
    curve = equity[bar - base : end - base]
    k = 0
    while (
        k < len(flag)
        and begins[k] < limit_ts
        and (flag[k] & watched) == 0
        and lows[k] > lower
        and highs[k] < upper
    ):
        highest = max(highest, highs[k])
        lowest = min(lowest, lows[k])
        curve[k] = cash + signed * (closes[k] - entry)
        k += 1
    slot["high"] = highest
    slot["low"] = lowest
    return bar + k


@njit(**BORROWING)
def run_isolated(
    ts: IntArray,
    open_: FloatArray,
    high: FloatArray,
    low: FloatArray,
    close: FloatArray,
    flags: Any,
    stop_unit: FloatArray,
    target_unit: FloatArray,
    funding_ts: IntArray,
    funding_rate: FloatArray,
    funding_mark: FloatArray,
    rules: Any,
    all_settings: Any,
    slots: Any,
    span: int,
    first: int,
    number: int,
    equity: FloatArray,
    trades: Any,
    log: IntArray,
    values: FloatArray,
) -> tuple[int, int, int]:
    """Run one slot from bar `first` to the end.

    Parameters
    ----------
    flags : uint8 array, shape (n_bars,)
        Entry and exit flags of each bar.
    stop_unit, target_unit : float64 arrays, shape (n_bars,)
        Distance units, NaN where not known; the same array twice for ATR.
    rules : record array of `RULES`
        Versions, ascending in `valid_from`.
    all_settings, slots : record arrays of length 1
        Settings, and the slot's zeroed state.
    first : int
        Bars before it are for indicators only.
    number : int
        The slot's index in the decision log.
    equity : float64 array, shape (n_bars - first,)
        Filled with the equity at every close.
    trades, log, values : record array of `TRADE`, int64 and float64 arrays
        With room for all that can happen, from `journal.room`: no array is exchanged on the way.

    Returns
    -------
    int, int, int
        Used rows of `trades` and of the log; the cash at the end, minor units.
    """
    slot = slots[0]
    settings = all_settings[0]
    kernel.reset_slot(slot)
    n = len(ts)
    last = n - 1
    # Cash twice: exact, and as the float that prices are multiplied with.
    minor = money.minor_of(settings["capital"])
    cash = money.amount_of(minor)
    n_trades = journal.NONE
    n_log = journal.NONE
    version = 0
    rule = rules[0]
    version_ts = rules[1]["valid_from"] if len(rules) > 1 else FAR
    i = first
    while i < n:
        # Nothing can happen on most bars.
        if slot["side"] == 0:
            if slot["pending_side"] == 0:
                i = quiet_flat(flags, i, last, cash, equity, first)
        elif slot["exit_reason"] == 0:
            limit_ts = version_ts
            if slot["funding_at"] < len(funding_ts):
                limit_ts = min(limit_ts, funding_ts[slot["funding_at"]] - span + 1)
            limit_bar = n
            if settings["max_bars"] > 0:
                limit_bar = slot["entry_bar"] + settings["max_bars"] - 1
            i = quiet_held(
                slot, ts, high, low, close, flags, i, last, limit_ts, limit_bar, cash, equity, first
            )
        t = ts[i]
        while version + 1 < len(rules) and rules[version + 1]["valid_from"] <= t:
            version += 1
            rule = rules[version]
            version_ts = rules[version + 1]["valid_from"] if version + 1 < len(rules) else FAR
        # Funding at the open, exits at the open, entries at the open.
        if slot["side"] != 0:
            amount = kernel.book_funding(slot, funding_ts, funding_rate, funding_mark, open_[i], t + 1)
            minor = money.add(minor, amount)
            if slot["exit_reason"] != 0:
                side, lots = slot["side"], slot["lots"]
                trade = trades[n_trades]
                minor = kernel.open_exit(slot, trade, rule, settings, open_[i], minor, i, t)
                trade["slot"] = number
                trade["instrument"] = journal.NONE
                n_log = journal.write(
                    log, values, n_log, t, number, side, lots,
                    slot["stop_ticks"], slot["target_ticks"], trade["reason"], 0.0, 0.0,
                )  # fmt: skip
                n_trades += 1
            cash = money.amount_of(minor)
        if slot["pending_side"] != 0:
            side, decided = slot["pending_side"], slot["pending_lots"]
            code, price = kernel.open_entry(slot, rule, settings, cash, settings["leverage"], open_[i])
            if code == 0:
                fee = ledger.fee(slot["pending_qty"], price, rule["taker"])
                minor = money.add(minor, -fee)
                kernel.fill_entry(slot, rule, settings, price, open_[i], fee, i, t)
                kernel.skip_funding(slot, funding_ts, t + 1)
                n_log = journal.write(
                    log, values, n_log, t, number, side, slot["lots"],
                    slot["stop_ticks"], slot["target_ticks"], codes.ENTRY_INTENT, 0.0, 0.0,
                )  # fmt: skip
            else:
                slot["pending_side"] = 0
                n_log = journal.write(
                    log, values, n_log, t, number, side, decided,
                    slot["pending_stop_ticks"], slot["pending_target_ticks"],
                    code, slot["limit"], slot["value"],
                )  # fmt: skip
        # Funding inside the bar, exits inside the bar, the end of the data.
        if slot["side"] != 0:
            amount = kernel.book_funding(slot, funding_ts, funding_rate, funding_mark, open_[i], t + span)
            minor = money.add(minor, amount)
            side, lots = slot["side"], slot["lots"]
            trade = trades[n_trades]
            minor = kernel.inside_exit(
                slot, trade, rule, settings, open_[i], high[i], low[i], minor, i, t + span
            )
            if slot["side"] != 0 and i == last:
                minor = kernel.market_exit(
                    slot, trade, rule, settings, codes.END_OF_DATA, close[i], minor, t + span, i
                )
            if slot["side"] == 0:
                trade["slot"] = number
                trade["instrument"] = journal.NONE
                n_log = journal.write(
                    log, values, n_log, t, number, side, lots,
                    slot["stop_ticks"], slot["target_ticks"], trade["reason"], 0.0, 0.0,
                )  # fmt: skip
                n_trades += 1
            cash = money.amount_of(minor)
        marked = cash + kernel.open_result(slot, close[i])
        equity[i - first] = marked
        # Decisions at the close.
        if i < last and (flags[i] != 0 or (slot["side"] != 0 and settings["max_bars"] > 0)):
            if slot["side"] != 0:
                held = i - slot["entry_bar"] + 1
                reason = kernel.exit_cause(slot, flags[i], held, settings["max_bars"], False)
                if reason != 0:
                    slot["exit_reason"] = reason
                    n_log = journal.write(
                        log, values, n_log, t, number, slot["side"], slot["lots"],
                        slot["stop_ticks"], slot["target_ticks"],
                        codes.ENTRY_DECIDED + reason, 0.0, 0.0,
                    )  # fmt: skip
            if (flags[i] & ENTRIES) == ENTRIES:
                n_log = journal.write(
                    log, values, n_log, t, number, journal.NONE, journal.NONE, journal.NONE, journal.NONE,
                    codes.BOTH_SIDES, 1.0, 2.0,
                )  # fmt: skip
            side = kernel.entry_side(flags[i])
            free = slot["side"] == 0 or slot["exit_reason"] != 0
            if side != 0 and free and not (np.isnan(stop_unit[i]) or np.isnan(target_unit[i])):
                code = kernel.decide_entry(
                    slot, rule, settings, side, marked, settings["risk_fraction"], settings["leverage"],
                    kernel.NO_LIMIT, close[i], stop_unit[i], target_unit[i], t,
                )  # fmt: skip
                lots = slot["pending_lots"] if code == 0 else 0
                limit = slot["limit"] if code != 0 else 0.0
                value = slot["value"] if code != 0 else 0.0
                n_log = journal.write(
                    log, values, n_log, t, number, side, lots,
                    slot["pending_stop_ticks"], slot["pending_target_ticks"],
                    codes.ENTRY_DECIDED if code == 0 else code, limit, value,
                )  # fmt: skip
        i += 1
    return n_trades, n_log, minor
