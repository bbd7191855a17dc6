"""Many slots on one account, instant by instant: portfolio mode, protections, finer detail.

Takes the histories of all slots and one account; gives trades, decisions and equity samples. The order inside
one instant is that of docs/portfolio-rules.md section 1. With one slot and every rule off it decides exactly
what the fast loop of `isolated` decides.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from vigie.domain import codes
from vigie.domain.bar import BoolArray, FloatArray, IntArray
from vigie.domain.state import LONG_ENTRY, NEVER, SHORT_ENTRY, TRADE
from vigie.engine import journal, kernel
from vigie.trading import ledger
from vigie.trading.risk import bookings, correlation, exposure, locks, samples

DAY_MS = 86_400_000
EIGHT_HOURS_MS = 28_800_000
ENTRIES = LONG_ENTRY | SHORT_ENTRY


class Histories(NamedTuple):
    """Bars of all distinct series, one after the other, with where each begins.

    Attributes
    ----------
    ts : int64 array, shape (n_rows,)
        Open times; series `s` is rows ``start[s]`` to ``start[s + 1]``.
    open, high, low, close : float64 arrays, shape (n_rows,)
        Quote currency.
    start : int64 array, shape (n_series + 1,)
        First row of each series.
    span : int64 array, shape (n_series,)
        Bar length, milliseconds.
    detail_ts, detail_open, detail_high, detail_low : arrays, shape (n_detail,)
        Finer bars of all series.
    detail_from, detail_to : int64 arrays, shape (n_rows,)
        Finer bars of row ``r`` are ``detail_from[r]`` to ``detail_to[r]``.
    detail_span : int64
        Length of a finer bar, milliseconds.
    funding_ts, funding_rate, funding_mark : arrays, shape (n_settlements,)
        Settlements of all series.
    funding_start : int64 array, shape (n_series + 1,)
        First settlement of each series.
    """

    ts: IntArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    start: IntArray
    span: IntArray
    detail_ts: IntArray
    detail_open: FloatArray
    detail_high: FloatArray
    detail_low: FloatArray
    detail_from: IntArray
    detail_to: IntArray
    detail_span: int
    funding_ts: IntArray
    funding_rate: FloatArray
    funding_mark: FloatArray
    funding_start: IntArray


class Slots(NamedTuple):
    """What each slot trades and what its strategy said.

    Attributes
    ----------
    series, instrument, first : int64 arrays, shape (n_slots,)
        Which series and instrument; bars before `first` are for indicators only.
    flags : uint8 array, shape (n_flag_rows,)
        Flags of all slots, one after the other.
    flag_start : int64 array, shape (n_slots,)
        First row of each slot in `flags`, `stop_unit` and `target_unit`.
    stop_unit, target_unit : float64 arrays
        Distance units.
    settings : record array of `SETTINGS`, shape (n_slots,)
        Settings of each slot.
    rules : record array of `RULES`
        Versions of all instruments, one after the other.
    rule_start : int64 array, shape (n_instruments + 1,)
        First version of each instrument.
    """

    series: IntArray
    instrument: IntArray
    first: IntArray
    flags: Any
    flag_start: IntArray
    stop_unit: FloatArray
    target_unit: FloatArray
    settings: Any
    rules: Any
    rule_start: IntArray


class Books(NamedTuple):
    """The account's own records: what the run reads and changes.

    Attributes
    ----------
    account, slots, instruments, protections : record arrays
        Of `ACCOUNT` (1), `SLOT`, `INSTRUMENT`, `PROTECTIONS` (1).
    rings : int64 array, shape (n_instruments + 1, RING)
        Times of stop exits.
    peaks, peak_days : arrays, shape (window_days,)
        Highest sample of the remembered days.
    closes : float64 array, shape (correlation_days, n_instruments)
        Ring of daily closes.
    together : bool array, shape (n_instruments, n_instruments)
        Which instruments move together.
    equity_ts, equity : arrays, shape (n_samples,)
        Filled with the samples.
    """

    account: Any
    slots: Any
    instruments: Any
    protections: Any
    rings: IntArray
    peaks: FloatArray
    peak_days: IntArray
    closes: FloatArray
    together: BoolArray
    equity_ts: IntArray
    equity: FloatArray


@njit(cache=True, nogil=True)
def rule_at(slots: Slots, number: int, ts: int) -> int:
    """Return the row of the version of the rules in force for a slot's instrument at `ts`."""
    instrument = slots.instrument[number]
    row = slots.rule_start[instrument]
    while row + 1 < slots.rule_start[instrument + 1] and slots.rules[row + 1]["valid_from"] <= ts:
        row += 1
    return row


@njit(cache=True, nogil=True)
def equity_now(slots: Slots, books: Books) -> float:
    """Return cash plus every open position at the latest close of its instrument."""
    total = books.account[0]["cash"]
    for k in range(len(books.slots)):
        if books.slots[k]["side"] != 0:
            close = books.instruments[slots.instrument[k]]["last_close"]
            total += kernel.open_result(books.slots[k], close)
    return total


@njit(cache=True, nogil=True)
def funding_rate_8h(histories: Histories, series: int, now: int) -> float:
    """Return the last settled rate known at `now`, scaled to 8 hours; NaN where none is known."""
    first, end = histories.funding_start[series], histories.funding_start[series + 1]
    low, high = first, end
    while low < high:
        middle = (low + high) // 2
        if histories.funding_ts[middle] <= now:
            low = middle + 1
        else:
            high = middle
    if low == first:
        return np.nan
    interval = EIGHT_HOURS_MS
    if low - 2 >= first:
        interval = histories.funding_ts[low - 1] - histories.funding_ts[low - 2]
    return histories.funding_rate[low - 1] * (EIGHT_HOURS_MS / interval)


@njit(cache=True, nogil=True)
def walk_inside(
    histories: Histories, slots: Slots, books: Books, number: int, row: int, trade: Any
) -> None:
    """Let one bar, or its finer bars in order, act on a slot's open position: funding, then exits."""
    series = slots.series[number]
    slot = books.slots[number]
    account = books.account[0]
    settings = slots.settings[number]
    rule = slots.rules[rule_at(slots, number, histories.ts[row])]
    first_f, end_f = histories.funding_start[series], histories.funding_start[series + 1]
    times = histories.funding_ts[first_f:end_f]
    rates = histories.funding_rate[first_f:end_f]
    marks = histories.funding_mark[first_f:end_f]
    bar = row - histories.start[series]
    end_ts = histories.ts[row] + histories.span[series]
    fine, fine_end = histories.detail_from[row], histories.detail_to[row]
    if fine == fine_end:
        amount = kernel.book_funding(slot, times, rates, marks, histories.open[row], end_ts)
        account["cash"] += amount
        slot["result"] += amount
        account["cash"] = kernel.inside_exit(
            slot, trade, rule, settings,
            histories.open[row], histories.high[row], histories.low[row], account["cash"], bar, end_ts,
        )  # fmt: skip
        return
    while fine < fine_end and slot["side"] != 0:
        close_ts = histories.detail_ts[fine] + histories.detail_span
        fine_open = histories.detail_open[fine]
        # What fell into a hole before this finer bar is booked at its open, as rule 8 says of any bar.
        amount = kernel.book_funding(slot, times, rates, marks, fine_open, close_ts)
        account["cash"] += amount
        slot["result"] += amount
        account["cash"] = kernel.inside_exit(
            slot, trade, rule, settings,
            fine_open, histories.detail_high[fine], histories.detail_low[fine],
            account["cash"], bar, close_ts,
        )  # fmt: skip
        fine += 1
    if slot["side"] != 0:
        # The finer bars may end before the bar does.
        amount = kernel.book_funding(slot, times, rates, marks, histories.open[row], end_ts)
        account["cash"] += amount
        slot["result"] += amount


@njit(cache=True, nogil=True)
def entry_refusal(
    histories: Histories, slots: Slots, books: Books, number: int, side: int, now: int, bar: int
) -> tuple[int, float, float]:
    """Return the first rule of the account that refuses an entry, before levels exist (orders 1 to 13)."""
    rules = books.protections[0]
    if rules["on"] == 0:
        return 0, 0.0, 0.0
    instrument = books.instruments[slots.instrument[number]]
    code, limit, value = locks.protection_refusal(
        books.account[0], instrument, books.slots[number], now, bar, rules
    )
    if code == 0:
        code, limit, value = locks.loss_refusal(books.account[0], now, rules)
    if code == 0:
        code, limit, value = locks.place_refusal(books.slots, slots.instrument, number, rules)
    if code == 0:
        rate = funding_rate_8h(histories, slots.series[number], now)
        code, limit, value = locks.funding_refusal(side, rate, rules)
    return code, limit, value


@njit(cache=True, nogil=True)
def decide_slot(
    histories: Histories,
    slots: Slots,
    books: Books,
    number: int,
    row: int,
    now: int,
    equity: float,
    log: IntArray,
    values: FloatArray,
    n_log: int,
) -> int:
    """Decide one slot at the close of its bar and write what was decided; return the log's new length."""
    series = slots.series[number]
    slot = books.slots[number]
    account = books.account[0]
    settings = slots.settings[number]
    rules = books.protections[0]
    bar = row - histories.start[series]
    t = histories.ts[row]
    place = slots.flag_start[number] + bar
    flags = slots.flags[place]
    close = histories.close[row]
    if slot["side"] != 0:
        forced = rules["on"] == 1 and (
            now < account["halt_until"]
            or (
                rules["asset_risks"] > 0.0
                and -kernel.open_result(slot, close) >= rules["asset_risks"] * slot["planned_risk"]
            )
        )
        held = bar - slot["entry_bar"] + 1
        reason = kernel.exit_cause(slot, flags, held, settings["max_bars"], forced)
        if reason != 0:
            slot["exit_reason"] = reason
            code = codes.EXIT_DECIDED_PROTECTION if reason == codes.PROTECTION else codes.ENTRY_DECIDED + reason
            n_log = journal.write(
                log, values, n_log, t, number, slot["side"], slot["lots"],
                slot["stop_ticks"], slot["target_ticks"], code, 0.0, 0.0,
            )  # fmt: skip
    if (flags & ENTRIES) == ENTRIES:
        return journal.write(log, values, n_log, t, number, 0, 0, 0, 0, codes.BOTH_SIDES, 1.0, 2.0)
    side = kernel.entry_side(flags)
    free = slot["side"] == 0 or slot["exit_reason"] != 0
    stop_unit, target_unit = slots.stop_unit[place], slots.target_unit[place]
    if side == 0 or not free or np.isnan(stop_unit) or np.isnan(target_unit):
        return n_log
    code, limit, value = entry_refusal(histories, slots, books, number, side, now, bar)
    if code != 0:
        return journal.write(log, values, n_log, t, number, side, 0, 0, 0, code, limit, value)
    rule = slots.rules[rule_at(slots, number, t)]
    leverage = settings["leverage"]
    risk_fraction = settings["risk_fraction"]
    cap = kernel.NO_LIMIT
    if rules["on"] == 1:
        leverage = min(leverage, rule["leverage_cap"])
        cap = exposure.exposure_cap(
            books.slots, slots.instrument, number, books.together, equity, settings["leverage"], close, rules
        )
        if account["halved"] == 1:
            risk_fraction *= 0.5
    code = kernel.decide_entry(
        slot, rule, settings, side, equity, risk_fraction, leverage, cap, close, stop_unit, target_unit, t
    )
    decided = code == 0
    return journal.write(
        log, values, n_log, t, number, side, slot["pending_lots"] if decided else 0,
        slot["pending_stop_ticks"], slot["pending_target_ticks"],
        codes.ENTRY_DECIDED if decided else code,
        0.0 if decided else slot["limit"], 0.0 if decided else slot["value"],
    )  # fmt: skip


@njit(cache=True, nogil=True)
def open_slot_entry(
    histories: Histories,
    slots: Slots,
    books: Books,
    number: int,
    row: int,
    log: IntArray,
    values: FloatArray,
    n_log: int,
) -> int:
    """Meet the open with a decided entry and write what came of it; return the log's new length."""
    series = slots.series[number]
    slot = books.slots[number]
    account = books.account[0]
    settings = slots.settings[number]
    t = histories.ts[row]
    rule = slots.rules[rule_at(slots, number, t)]
    leverage = settings["leverage"]
    if books.protections[0]["on"] == 1:
        leverage = min(leverage, rule["leverage_cap"])
    side, decided = slot["pending_side"], slot["pending_lots"]
    code, price = kernel.open_entry(slot, rule, settings, account["cash"], leverage, histories.open[row])
    if code != 0:
        slot["pending_side"] = 0
        return journal.write(
            log, values, n_log, t, number, side, decided,
            slot["pending_stop_ticks"], slot["pending_target_ticks"], code, slot["limit"], slot["value"],
        )  # fmt: skip
    fee = ledger.fee(slot["pending_qty"], price, rule["taker"])
    account["cash"] -= fee
    slot["result"] -= fee
    kernel.fill_entry(slot, rule, settings, price, histories.open[row], fee, row - histories.start[series], t)
    first_f, end_f = histories.funding_start[series], histories.funding_start[series + 1]
    kernel.skip_funding(slot, histories.funding_ts[first_f:end_f], t + 1)
    return journal.write(
        log, values, n_log, t, number, side, slot["lots"],
        slot["stop_ticks"], slot["target_ticks"], codes.ENTRY_INTENT, 0.0, 0.0,
    )  # fmt: skip


@njit(cache=True, nogil=True)
def finish_trade(
    slots: Slots,
    books: Books,
    number: int,
    trades: Any,
    n_trades: int,
    t: int,
    log: IntArray,
    values: FloatArray,
    n_log: int,
) -> int:
    """Write the event of the trade in row `n_trades` and let the protections see it; return the log's length."""
    trade = trades[n_trades]
    trade["slot"] = number
    trade["instrument"] = slots.instrument[number]
    if books.protections[0]["on"] == 1 and trade["reason"] != codes.END_OF_DATA:
        bookings.on_trade(
            books.account[0], books.instruments[slots.instrument[number]], books.slots[number],
            trades, n_trades + 1, books.rings, books.protections[0],
        )  # fmt: skip
    return journal.write(
        log, values, n_log, t, number, trade["side"], trade["lots"],
        trade["stop_ticks"], trade["target_ticks"], trade["reason"], 0.0, 0.0,
    )  # fmt: skip


@njit(cache=True, nogil=True)
def judge_sample(slots: Slots, books: Books, equity: float, now: int, capital: float, stored: int) -> int:
    """Judge every limit on a new equity sample; return how many daily closes are stored."""
    account = books.account[0]
    rules = books.protections[0]
    if samples.change_day(account, equity, now // DAY_MS):
        place = stored % len(books.closes)
        for k in range(len(books.instruments)):
            known = books.instruments[k]["known"] == 1
            books.closes[place, k] = books.instruments[k]["last_close"] if known else np.nan
        stored += 1
        correlation.update_together(books.closes, stored, rules["correlation"], books.together)
    samples.judge_window(account, equity, now, books.peaks, books.peak_days, rules)
    for k in range(len(books.slots)):
        close = books.instruments[slots.instrument[k]]["last_close"]
        result = books.slots[k]["result"] + kernel.open_result(books.slots[k], close)
        samples.judge_slot(books.slots[k], result, capital, now, rules)
    samples.judge_account(account, equity, now, rules)
    samples.judge_day(account, equity, rules)
    return stored


@njit(cache=True, nogil=True)
def run_account(
    histories: Histories, slots: Slots, books: Books
) -> tuple[Any, int, IntArray, FloatArray, int, int]:
    """Run all slots on one account from their first bars to their ends.

    Returns
    -------
    trades, n_trades, log, values, n_log, n_samples
        Over-long logs with their used lengths; the samples are in `books`.
    """
    n_slots = len(slots.series)
    account = books.account[0]
    capital = slots.settings[0]["capital"]
    account["cash"] = capital
    account["global_peak"] = capital
    account["halt_peak"] = capital
    account["day_open"] = capital
    for k in range(len(books.peak_days)):
        books.peak_days[k] = samples.NO_DAY
    row = np.empty(n_slots, np.int64)
    end = np.empty(n_slots, np.int64)
    opened = np.zeros(n_slots, np.bool_)
    base = histories.span[slots.series[0]]
    now = np.int64(2**62)
    for k in range(n_slots):
        kernel.reset_slot(books.slots[k])
        row[k] = histories.start[slots.series[k]] + slots.first[k]
        end[k] = histories.start[slots.series[k] + 1]
        base = min(base, histories.span[slots.series[k]])
        if row[k] < end[k]:
            now = min(now, histories.ts[row[k]])
    account["day"] = now // DAY_MS
    for k in range(len(books.rings)):
        for j in range(books.rings.shape[1]):
            books.rings[k, j] = NEVER
    for a in range(len(books.together)):
        for b in range(len(books.together)):
            books.together[a, b] = True
    trades = np.empty(64, TRADE)
    n_trades = 0
    log = np.empty((256, 7), np.int64)
    values = np.empty((256, 2), np.float64)
    n_log = 0
    n_samples = 0
    stored = 0
    closed = np.zeros(n_slots, np.bool_)
    while now < 2**62:
        # 1. Closes: funding and exits inside the bars that end now.
        is_sample = False
        any_closed = False
        for k in range(n_slots):
            closed[k] = False
            if not opened[k]:
                continue
            r = row[k]
            span = histories.span[slots.series[k]]
            if histories.ts[r] + span != now:
                continue
            closed[k] = True
            any_closed = True
            is_sample = is_sample or span == base
            slot = books.slots[k]
            if slot["side"] == 0:
                continue
            trades = journal.grown_trades(trades, n_trades)
            log, values = journal.grown(log, values, n_log)
            walk_inside(histories, slots, books, k, r, trades[n_trades])
            if slot["side"] != 0 and r == end[k] - 1:
                rule = slots.rules[rule_at(slots, k, histories.ts[r])]
                account["cash"] = kernel.market_exit(
                    slot, trades[n_trades], rule, slots.settings[k], codes.END_OF_DATA,
                    histories.close[r], account["cash"], now, r - histories.start[slots.series[k]],
                )  # fmt: skip
            if slot["side"] == 0:
                n_log = finish_trade(
                    slots, books, k, trades, n_trades, histories.ts[r], log, values, n_log
                )
                n_trades += 1
        if any_closed:
            for j in range(n_slots):
                # The first slot in order names the instrument's close, so the last write must be the first slot.
                k = n_slots - 1 - j
                if closed[k]:
                    instrument = books.instruments[slots.instrument[k]]
                    instrument["last_close"] = histories.close[row[k]]
                    instrument["known"] = 1
            # 2 and 3. Mark to market, day change, limits.
            if is_sample:
                equity = equity_now(slots, books)
                books.equity_ts[n_samples] = now
                books.equity[n_samples] = equity
                n_samples += 1
                account["equity"] = equity
                if books.protections[0]["on"] == 1:
                    stored = judge_sample(slots, books, equity, now, capital, stored)
            # 4. Decisions.
            for k in range(n_slots):
                if not closed[k]:
                    continue
                r = row[k]
                if r < end[k] - 1:
                    place = slots.flag_start[k] + r - histories.start[slots.series[k]]
                    if slots.flags[place] != 0 or books.slots[k]["side"] != 0:
                        log, values = journal.grown(log, values, n_log)
                        equity = equity_now(slots, books)
                        n_log = decide_slot(
                            histories, slots, books, k, r, now, equity, log, values, n_log
                        )
                row[k] = r + 1
                opened[k] = False
        # 5. Opens: funding, then decided exits, then decided entries.
        exits_due = False
        entries_due = False
        for k in range(n_slots):
            if opened[k] or row[k] >= end[k] or histories.ts[row[k]] != now:
                continue
            opened[k] = True
            slot = books.slots[k]
            if slot["side"] != 0:
                series = slots.series[k]
                first_f, end_f = histories.funding_start[series], histories.funding_start[series + 1]
                amount = kernel.book_funding(
                    slot, histories.funding_ts[first_f:end_f], histories.funding_rate[first_f:end_f],
                    histories.funding_mark[first_f:end_f], histories.open[row[k]], now + 1,
                )  # fmt: skip
                account["cash"] += amount
                slot["result"] += amount
                exits_due = exits_due or slot["exit_reason"] != 0
            entries_due = entries_due or slot["pending_side"] != 0
        if exits_due:
            for k in range(n_slots):
                slot = books.slots[k]
                if slot["side"] == 0 or slot["exit_reason"] == 0 or not opened[k]:
                    continue
                r = row[k]
                trades = journal.grown_trades(trades, n_trades)
                log, values = journal.grown(log, values, n_log)
                rule = slots.rules[rule_at(slots, k, histories.ts[r])]
                account["cash"] = kernel.open_exit(
                    slot, trades[n_trades], rule, slots.settings[k], histories.open[r],
                    account["cash"], r - histories.start[slots.series[k]], now,
                )  # fmt: skip
                n_log = finish_trade(slots, books, k, trades, n_trades, now, log, values, n_log)
                n_trades += 1
        if entries_due:
            for k in range(n_slots):
                if books.slots[k]["pending_side"] != 0 and opened[k]:
                    log, values = journal.grown(log, values, n_log)
                    n_log = open_slot_entry(histories, slots, books, k, row[k], log, values, n_log)
        # The next instant.
        now = np.int64(2**62)
        for k in range(n_slots):
            if row[k] < end[k]:
                instant = histories.ts[row[k]]
                if opened[k]:
                    instant += histories.span[slots.series[k]]
                now = min(now, instant)
    return trades, n_trades, log, values, n_log, n_samples
