"""The loop of many slots on one account, instant by instant: portfolio mode, protections, finer detail.

Takes the histories of all slots and one account; gives trades, decisions and equity samples. `run_portfolio` is the
loop; the functions above it are its stations, which paper and live call one by one (`vigie.engine.live.fold`). Isolated
mode takes it too where protections are on or finer bars decide, one slot at a time. The order inside one instant is
that of docs/portfolio-rules.md section 1. With one slot and every rule off it decides exactly what the fast loop of
`isolated` decides.

Every array belongs to the caller; a run that fills its log stops between two instants and goes on with a longer one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from vigie.compiled import BORROWING
from vigie.domain import codes
from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.state import LONG_ENTRY, SHORT_ENTRY
from vigie.domain.time import DAY_MS
from vigie.engine import journal, kernel
from vigie.engine.books import FAR as FAR
from vigie.engine.books import Books, Histories, Slots, book
from vigie.engine.inside import finer_due, walk_between, walk_inside, walk_one
from vigie.engine.inside import finish_trade as finish_trade
from vigie.engine.inside import rule_at as rule_at
from vigie.quant import money
from vigie.trading import ledger
from vigie.trading.risk import correlation, exposure, locks, samples

EIGHT_HOURS_MS = 28_800_000
ENTRIES = LONG_ENTRY | SHORT_ENTRY
SAMPLES, STORED, TRADES, ROWS = range(4)


@njit(**BORROWING)
def equity_now(slots: Slots, books: Books) -> float:
    """Return cash plus every open position at the latest close of its instrument."""
    total = money.amount_of(books.account[0]["cash_minor"])
    for k in range(len(books.slots)):
        if books.slots[k]["side"] != 0:
            close = books.instruments[slots.instrument[k]]["last_close"]
            total += kernel.open_result(books.slots[k], close)
    return total


@njit(**BORROWING)
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


@njit(**BORROWING)
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


@njit(**BORROWING)
def exit_due(
    slot: Any, account: Any, settings: Any, rules: Any, flags: int, bar: int, close: float, now: int
) -> int:
    """Return why the exit of a slot's open position is decided at this close, 0 when it stays or there is none."""
    if slot["side"] == 0:
        return 0
    forced = rules["on"] == 1 and (
        now < account["halt_until"]
        or (
            rules["asset_risks"] > 0.0
            and -kernel.open_result(slot, close) >= rules["asset_risks"] * slot["planned_risk"]
        )
    )
    held = bar - slot["entry_bar"] + 1
    return kernel.exit_cause(slot, flags, held, settings["max_bars"], forced)


@njit(**BORROWING)
def decide_slot(
    histories: Histories,
    slots: Slots,
    books: Books,
    number: int,
    reason: int,
    now: int,
    equity: float,
    log: IntArray,
    values: FloatArray,
    n_log: int,
) -> int:
    """Decide one slot at the close of its bar and write what was decided; return the log's new length.

    Parameters
    ----------
    reason : int
        From `exit_due`.
    """
    slot = books.slots[number]
    account = books.account[0]
    settings = slots.settings[number]
    rules = books.protections[0]
    row = books.row[number]
    bar = row - histories.start[slots.series[number]]
    t = histories.ts[row]
    flags = slots.flags[slots.flag_start[number] + bar]
    close = histories.close[row]
    if reason != 0:
        slot["exit_reason"] = reason
        code = codes.EXIT_DECIDED_PROTECTION if reason == codes.PROTECTION else codes.ENTRY_DECIDED + reason
        n_log = journal.write(
            log, values, n_log, t, number, slot["side"], slot["lots"],
            slot["stop_ticks"], slot["target_ticks"], code, 0.0, 0.0,
        )  # fmt: skip
    if (flags & ENTRIES) == ENTRIES:
        return journal.write(
            log, values, n_log, t, number, journal.NONE, journal.NONE, journal.NONE, journal.NONE,
            codes.BOTH_SIDES, 1.0, 2.0,
        )  # fmt: skip
    side = kernel.entry_side(flags)
    free = slot["side"] == 0 or slot["exit_reason"] != 0
    stop_unit = slots.units[slots.stop_start[number] + bar]
    target_unit = slots.units[slots.target_start[number] + bar]
    if side == 0 or not free or np.isnan(stop_unit) or np.isnan(target_unit):
        return n_log
    code, limit, value = entry_refusal(histories, slots, books, number, side, now, bar)
    if code != 0:
        return journal.write(
            log, values, n_log, t, number, side, journal.NONE, journal.NONE, journal.NONE, code, limit, value
        )
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


@njit(**BORROWING)
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
    cash = money.amount_of(account["cash_minor"])
    code, price = kernel.open_entry(slot, rule, settings, cash, leverage, histories.open[row])
    if code != 0:
        slot["pending_side"] = 0
        return journal.write(
            log, values, n_log, t, number, side, decided,
            slot["pending_stop_ticks"], slot["pending_target_ticks"], code, slot["limit"], slot["value"],
        )  # fmt: skip
    fee = ledger.fee(slot["pending_qty"], price, rule["taker"])
    book(account, slot, -fee)
    kernel.fill_entry(slot, rule, settings, price, histories.open[row], fee, row - histories.start[series], t)
    first_f, end_f = histories.funding_start[series], histories.funding_start[series + 1]
    kernel.skip_funding(slot, histories.funding_ts[first_f:end_f], t + 1)
    return journal.write(
        log, values, n_log, t, number, side, slot["lots"],
        slot["stop_ticks"], slot["target_ticks"], codes.ENTRY_INTENT, 0.0, 0.0,
    )  # fmt: skip


@njit(**BORROWING)
def base_span(histories: Histories, slots: Slots, row: IntArray, end: IntArray, now: int) -> int:
    """Return the length of the base bar at an instant: the finest of the slots whose histories hold it.

    Slots may begin and end at different times. Without this an account of daily and hourly slots would have no
    sample, and so no day change, before its first hourly bar.
    """
    base = FAR
    for k in range(len(row)):
        series = slots.series[k]
        begun = histories.ts[histories.start[series] + slots.first[k]] < now
        if begun and row[k] < end[k]:
            base = min(base, histories.span[series])
    return base


@njit(**BORROWING)
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
        result = money.amount_of(books.slots[k]["result_minor"]) + kernel.open_result(books.slots[k], close)
        samples.judge_slot(books.slots[k], result, capital, now, rules)
    samples.judge_account(account, equity, now, rules)
    samples.judge_day(account, equity, rules)
    return stored


@njit(**BORROWING)
def note_closes(histories: Histories, slots: Slots, books: Books) -> None:
    """Let the bars that closed name the closes of their instruments."""
    for j in range(len(slots.series)):
        # The first slot in order names the instrument's close, so the last write must be the first slot.
        k = len(slots.series) - 1 - j
        if books.closed[k]:
            instrument = books.instruments[slots.instrument[k]]
            instrument["last_close"] = histories.close[books.row[k]]
            instrument["known"] = 1


@njit(**BORROWING)
def untouched(histories: Histories, slot: Any, series: int, row: int) -> bool:
    """Tell whether a bar without settlements and finer bars lies between an open position's levels."""
    if histories.detail_from[row] != histories.detail_to[row]:
        return False
    settlement = histories.funding_start[series] + slot["funding_at"]
    end_ts = histories.ts[row] + histories.span[series]
    if settlement < histories.funding_start[series + 1] and histories.funding_ts[settlement] < end_ts:
        return False
    lower = slot["stop"] if slot["side"] > 0 else slot["target"]
    upper = slot["target"] if slot["side"] > 0 else slot["stop"]
    return histories.low[row] > lower and histories.high[row] < upper


@njit(**BORROWING)
def run_portfolio(
    histories: Histories,
    slots: Slots,
    books: Books,
    trades: Any,
    log: IntArray,
    values: FloatArray,
    now: int,
) -> int:
    """Run all slots on one account until their ends, or until a log may be too short for the next instant.

    Parameters
    ----------
    trades, log, values : arrays
        Filled from `books.counts` on.
    now : int
        The instant to go on from: the first bar's open, then what the last call returned.

    Returns
    -------
    int
        The instant that is next, `FAR` when all is done.
    """
    n_slots = len(slots.series)
    account = books.account[0]
    rules = books.protections[0]
    capital = slots.settings[0]["capital"]
    row, end, due, opened, closed = books.row, books.end, books.due, books.opened, books.closed
    ts, close = histories.ts, histories.close
    n_trades, n_log = books.counts[TRADES], books.counts[ROWS]
    n_samples, stored = books.counts[SAMPLES], books.counts[STORED]
    while (
        now < FAR
        and n_trades + 2 * n_slots <= len(trades)
        and n_log + journal.ROWS_PER_BAR * n_slots <= len(log)
    ):
        # 1. Closes: funding and exits inside the bars, and finer bars, that end by now.
        is_sample = False
        any_closed = False
        base = base_span(histories, slots, row, end, now)
        if histories.detail_span > 0:
            n_trades, n_log = walk_between(histories, slots, books, trades, n_trades, log, values, n_log, now)
        for k in range(n_slots):
            closed[k] = opened[k] and due[k] == now
            if not closed[k]:
                if finer_due(histories, books, k) == now:
                    n_trades, n_log = walk_one(
                        histories, slots, books, k, trades, n_trades, log, values, n_log, now
                    )
                continue
            any_closed = True
            series = slots.series[k]
            span = histories.span[series]
            is_sample = is_sample or span == base
            slot = books.slots[k]
            if slot["side"] == 0:
                continue
            r = row[k]
            if untouched(histories, slot, series, r):
                kernel.stretch(slot, histories.high[r], histories.low[r])
            else:
                walk_inside(histories, slots, books, k, r, trades[n_trades])
            if slot["side"] != 0 and r == end[k] - 1:
                rule = slots.rules[rule_at(slots, k, ts[r])]
                account["cash_minor"] = kernel.market_exit(
                    slot, trades[n_trades], rule, slots.settings[k], codes.END_OF_DATA,
                    close[r], account["cash_minor"], now, r - histories.start[series],
                )  # fmt: skip
            if slot["side"] == 0:
                n_log = finish_trade(slots, books, k, trades, n_trades, ts[r], log, values, n_log)
                n_trades += 1
        if any_closed:
            note_closes(histories, slots, books)
            # 2 and 3. Mark to market, day change, limits.
            equity = equity_now(slots, books)
            if is_sample:
                # Compiled code would write past the end; the caller refuses too many.
                if n_samples < len(books.equity):
                    books.equity_ts[n_samples], books.equity[n_samples] = now, equity
                n_samples += 1
                account["equity"] = equity
                if rules["on"] == 1:
                    stored = judge_sample(slots, books, equity, now, capital, stored)
            # 4. Decisions: they change neither cash nor positions, so the equity holds for all of them.
            for k in range(n_slots):
                if not closed[k]:
                    continue
                r = row[k]
                if r < end[k] - 1:
                    bar = r - histories.start[slots.series[k]]
                    flags = slots.flags[slots.flag_start[k] + bar]
                    reason = exit_due(
                        books.slots[k], account, slots.settings[k], rules, flags, bar, close[r], now
                    )
                    if reason != 0 or (flags & ENTRIES) != 0:
                        n_log = decide_slot(
                            histories, slots, books, k, reason, now, equity, log, values, n_log
                        )
                r += 1
                row[k] = r
                opened[k] = False
                due[k] = ts[r] if r < end[k] else FAR
        # 5. Opens: funding, then decided exits, then decided entries.
        exits_due = False
        entries_due = False
        for k in range(n_slots):
            if opened[k] or due[k] != now:
                continue
            opened[k] = True
            series = slots.series[k]
            due[k] = now + histories.span[series]
            books.fine[k] = histories.detail_from[row[k]]
            slot = books.slots[k]
            if slot["side"] != 0:
                first_f, end_f = histories.funding_start[series], histories.funding_start[series + 1]
                amount = kernel.book_funding(
                    slot, histories.funding_ts[first_f:end_f], histories.funding_rate[first_f:end_f],
                    histories.funding_mark[first_f:end_f], histories.open[row[k]], now + 1,
                )  # fmt: skip
                book(account, slot, amount)
                exits_due = exits_due or slot["exit_reason"] != 0
            entries_due = entries_due or slot["pending_side"] != 0
        if exits_due:
            for k in range(n_slots):
                slot = books.slots[k]
                if slot["side"] == 0 or slot["exit_reason"] == 0 or not opened[k]:
                    continue
                r = row[k]
                rule = slots.rules[rule_at(slots, k, ts[r])]
                account["cash_minor"] = kernel.open_exit(
                    slot, trades[n_trades], rule, slots.settings[k], histories.open[r],
                    account["cash_minor"], r - histories.start[slots.series[k]], now,
                )  # fmt: skip
                n_log = finish_trade(slots, books, k, trades, n_trades, now, log, values, n_log)
                n_trades += 1
        if entries_due:
            for k in range(n_slots):
                if books.slots[k]["pending_side"] != 0 and opened[k]:
                    n_log = open_slot_entry(histories, slots, books, k, row[k], log, values, n_log)
        # The next instant.
        now = due[0]
        for k in range(n_slots):
            now = min(now, due[k])
    books.counts[TRADES], books.counts[ROWS] = n_trades, n_log
    books.counts[SAMPLES], books.counts[STORED] = n_samples, stored
    return now
