"""What happens inside the bars of an account: funding and exits, on finer bars where they show the bar's range.

Finer bars are met in the order of time, and of slots where several close at once: an exit inside a bar is booked when
its finer bar closes, before anything that another slot does later (fill model, rule 14).
"""

from __future__ import annotations

from typing import Any

from numba import njit

from vigie.compiled import BORROWING
from vigie.domain import codes
from vigie.domain.bar import FloatArray, IntArray
from vigie.engine import journal, kernel
from vigie.engine.books import FAR, Books, Histories, Slots, book
from vigie.trading.risk import bookings


@njit(**BORROWING)
def rule_at(slots: Slots, number: int, ts: int) -> int:
    """Return the row of the version of the rules in force for a slot's instrument at `ts`."""
    instrument = slots.instrument[number]
    row = slots.rule_start[instrument]
    while row + 1 < slots.rule_start[instrument + 1] and slots.rules[row + 1]["valid_from"] <= ts:
        row += 1
    return row


@njit(**BORROWING)
def finer_due(histories: Histories, books: Books, number: int) -> int:
    """Return when the next finer bar closes that a slot's open position has to meet; `FAR` where there is none."""
    if not books.opened[number] or books.slots[number]["side"] == 0:
        return FAR
    fine, row = books.fine[number], books.row[number]
    if fine >= histories.detail_to[row]:
        return FAR
    return histories.detail_ts[fine] + histories.detail_span


@njit(**BORROWING)
def walk_finer(
    histories: Histories, slots: Slots, books: Books, number: int, row: int, until: int, trade: Any
) -> None:
    """Let the finer bars of a bar that close by a time act on a slot's open position, in order: funding, then exits."""
    series = slots.series[number]
    slot = books.slots[number]
    account = books.account[0]
    rule = slots.rules[rule_at(slots, number, histories.ts[row])]
    first_f, end_f = histories.funding_start[series], histories.funding_start[series + 1]
    fine, fine_end = books.fine[number], histories.detail_to[row]
    while fine < fine_end and slot["side"] != 0:
        close_ts = histories.detail_ts[fine] + histories.detail_span
        if close_ts > until:
            break
        fine_open = histories.detail_open[fine]
        # What fell into a hole before this finer bar is booked at its open, as rule 8 says of any bar.
        amount = kernel.book_funding(
            slot, histories.funding_ts[first_f:end_f], histories.funding_rate[first_f:end_f],
            histories.funding_mark[first_f:end_f], fine_open, close_ts,
        )  # fmt: skip
        book(account, slot, amount)
        account["cash_minor"] = kernel.inside_exit(
            slot, trade, rule, slots.settings[number],
            fine_open, histories.detail_high[fine], histories.detail_low[fine],
            account["cash_minor"], row - histories.start[series], close_ts,
        )  # fmt: skip
        fine += 1
    books.fine[number] = fine


@njit(**BORROWING)
def walk_inside(histories: Histories, slots: Slots, books: Books, number: int, row: int, trade: Any) -> None:
    """Let one bar, or what is left of its finer bars, act on a slot's open position: funding, then exits."""
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
    if histories.detail_from[row] == histories.detail_to[row]:
        amount = kernel.book_funding(slot, times, rates, marks, histories.open[row], end_ts)
        book(account, slot, amount)
        account["cash_minor"] = kernel.inside_exit(
            slot, trade, rule, settings,
            histories.open[row], histories.high[row], histories.low[row], account["cash_minor"], bar, end_ts,
        )  # fmt: skip
        return
    walk_finer(histories, slots, books, number, row, FAR, trade)
    if slot["side"] != 0:
        # The finer bars may end before the bar does.
        amount = kernel.book_funding(slot, times, rates, marks, histories.open[row], end_ts)
        book(account, slot, amount)


@njit(**BORROWING)
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


@njit(**BORROWING)
def walk_one(
    histories: Histories,
    slots: Slots,
    books: Books,
    number: int,
    trades: Any,
    n_trades: int,
    log: IntArray,
    values: FloatArray,
    n_log: int,
    until: int,
) -> tuple[int, int]:
    """Walk the finer bars of a slot that close by a time; return how many trades and rows of the log there are."""
    r = books.row[number]
    walk_finer(histories, slots, books, number, r, until, trades[n_trades])
    if books.slots[number]["side"] != 0:
        return n_trades, n_log
    n_log = finish_trade(slots, books, number, trades, n_trades, histories.ts[r], log, values, n_log)
    return n_trades + 1, n_log


@njit(**BORROWING)
def walk_between(
    histories: Histories,
    slots: Slots,
    books: Books,
    trades: Any,
    n_trades: int,
    log: IntArray,
    values: FloatArray,
    n_log: int,
    now: int,
) -> tuple[int, int]:
    """Book what finer bars ended before an instant, in the order of time and then of slots; return both counts."""
    while True:
        at = FAR
        for k in range(len(slots.series)):
            at = min(at, finer_due(histories, books, k))
        if at >= now:
            return n_trades, n_log
        for k in range(len(slots.series)):
            if finer_due(histories, books, k) == at:
                n_trades, n_log = walk_one(
                    histories, slots, books, k, trades, n_trades, log, values, n_log, at
                )
