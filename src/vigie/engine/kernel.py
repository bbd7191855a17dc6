"""The stations of a bar, composed from trading's small functions: decide, open, inside, mark.

Takes records of state and the numbers of one bar; gives codes and changed records. A backtest calls these in
a compiled loop with the fill model as its venue; live calls the very same functions once per event. Rule
numbers refer to the fill model. Nothing here logs, prints or reads a clock.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from vigie.compiled import INLINED
from vigie.domain import codes
from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.state import LONG_ENTRY, LONG_EXIT, NEVER, SHORT_ENTRY, SHORT_EXIT
from vigie.quant import money
from vigie.quant.grid import grid_price, whole_lots
from vigie.trading import execution, exits, ledger, sizing

NO_LIMIT = np.inf


@njit(**INLINED)
def reset_slot(slot: Any) -> None:
    """Bring a zeroed slot record to its start: no position, no cooldown."""
    slot["cooldown_from"] = NEVER
    slot["entry_ts"] = NEVER


@njit(**INLINED)
def exit_cause(slot: Any, flags: int, bars_held: int, max_bars: int, forced: bool) -> int:
    """Return why the open position's exit is decided at this close, 0 when it stays (rule 1.1)."""
    both = (flags & LONG_ENTRY) != 0 and (flags & SHORT_ENTRY) != 0
    if slot["side"] > 0:
        wanted = (flags & LONG_EXIT) != 0 or ((flags & SHORT_ENTRY) != 0 and not both)
    else:
        wanted = (flags & SHORT_EXIT) != 0 or ((flags & LONG_ENTRY) != 0 and not both)
    if wanted:
        return codes.SIGNAL
    if max_bars > 0 and bars_held >= max_bars:
        return codes.TIME
    return codes.PROTECTION if forced else 0


@njit(**INLINED)
def entry_side(flags: int) -> int:
    """Return the side an entry signal asks for, 0 for none or both (rule 1.2)."""
    if (flags & LONG_ENTRY) != 0:
        return 0 if (flags & SHORT_ENTRY) != 0 else 1
    return -1 if (flags & SHORT_ENTRY) != 0 else 0


@njit(**INLINED)
def decide_entry(
    slot: Any,
    rule: Any,
    settings: Any,
    side: int,
    equity: float,
    risk_fraction: float,
    leverage: float,
    mode_cap: float,
    close: float,
    stop_unit: float,
    target_unit: float,
    bar_ts: int,
) -> int:
    """Decide an entry at a close: levels, size, refusals (rules 2, 3, 9).

    Parameters
    ----------
    leverage : float
        The leverage cap that sizes this instrument.
    mode_cap : float
        Largest quantity the mode's own caps allow, infinite where there are none.

    Returns
    -------
    int
        0 when decided (the slot's pending fields are set), else the refusal code with the slot's `limit`
        and `value`; levels are in `pending_stop_ticks` and `pending_target_ticks` from `BAD_LEVEL` on.
    """
    multiple, scale, figures = rule["tick_multiple"], rule["tick_scale"], rule["figures"]
    slot["pending_stop_ticks"] = 0
    slot["pending_target_ticks"] = 0
    if equity > 0.0:
        slot["pending_stop_ticks"] = sizing.stop_ticks(
            side, close, settings["stop_atr"] * stop_unit, multiple, scale, figures
        )
        slot["pending_target_ticks"] = sizing.target_ticks(
            side, close, settings["target_atr"] * target_unit, multiple, scale, figures
        )
    stop = grid_price(slot["pending_stop_ticks"], multiple, scale)
    target = grid_price(slot["pending_target_ticks"], multiple, scale)
    code, limit, value = sizing.level_refusal(
        side, equity, close, stop, target, rule["tick"], settings["leverage"], rule["maintenance_rate"]
    )
    lots = 0
    if code == 0:
        cap = min(min(equity * leverage / close, mode_cap), rule["max_qty"])
        lots = sizing.sized_lots(
            equity, risk_fraction, close, stop, cap, rule["lot_multiple"], rule["lot_scale"]
        )
        qty = grid_price(lots, rule["lot_multiple"], rule["lot_scale"])
        code, limit, value = sizing.size_refusal(
            qty, close, rule["min_qty"], rule["min_notional"], rule["lot"]
        )
    slot["limit"] = limit
    slot["value"] = value
    if code != 0:
        return code
    slot["pending_side"] = side
    slot["pending_lots"] = lots
    slot["pending_qty"] = grid_price(lots, rule["lot_multiple"], rule["lot_scale"])
    slot["pending_stop"] = stop
    slot["pending_target"] = target
    slot["pending_equity"] = equity
    slot["pending_close"] = close
    slot["pending_ts"] = bar_ts
    return 0


@njit(**INLINED)
def open_entry(
    slot: Any, rule: Any, settings: Any, cash: float, leverage: float, open_: float
) -> tuple[int, float]:
    """Meet the first price of the next bar with a decided entry (rule 4): the intent, or a refusal.

    Never enlarges the decided lots.

    Returns
    -------
    tuple of int, float
        (0, expected fill price) when the entry stands, with `pending_lots` possibly shrunk; else the
        refusal code, with `limit` and `value` in the slot.
    """
    side = slot["pending_side"]
    stop, target = slot["pending_stop"], slot["pending_target"]
    if (open_ <= stop or open_ >= target) if side > 0 else (open_ >= stop or open_ <= target):
        at_stop = open_ <= stop if side > 0 else open_ >= stop
        slot["limit"] = stop if at_stop else target
        slot["value"] = open_
        return codes.GAP_THROUGH_LEVEL, 0.0
    price = execution.market_price(
        open_, side, settings["slip"], rule["tick_multiple"], rule["tick_scale"], rule["figures"]
    )
    liquidation = sizing.liquidation_price(side, price, settings["leverage"], rule["maintenance_rate"])
    if exits.beyond_liquidation(side, liquidation, stop):
        slot["limit"] = liquidation
        slot["value"] = stop
        return codes.LIQUIDATION_TOO_NEAR, 0.0
    affordable = whole_lots(cash * leverage / price, rule["lot_multiple"], rule["lot_scale"])
    decided = slot["pending_lots"]
    if grid_price(decided, rule["lot_multiple"], rule["lot_scale"]) != slot["pending_qty"]:
        # A new version of the rules has another lot: what was decided is a quantity.
        decided = whole_lots(slot["pending_qty"], rule["lot_multiple"], rule["lot_scale"])
    lots = min(decided, affordable)
    qty = grid_price(lots, rule["lot_multiple"], rule["lot_scale"])
    code, limit, value = sizing.size_refusal(qty, price, rule["min_qty"], rule["min_notional"], rule["lot"])
    if code != 0:
        slot["limit"] = limit
        slot["value"] = value
        return code, 0.0
    slot["pending_lots"] = lots
    slot["pending_qty"] = qty
    return 0, price


@njit(**INLINED)
def fill_entry(
    slot: Any, rule: Any, settings: Any, price: float, raw: float, fee: int, bar: int, bar_ts: int
) -> None:
    """Turn a pending entry into a position after its fill.

    Parameters
    ----------
    price, raw : float
        The fill price and the market's price before slippage.
    fee : int
        Booked fee, minor units; the caller takes it from cash.
    """
    side, qty = slot["pending_side"], slot["pending_qty"]
    slot["side"] = side
    slot["lots"] = slot["pending_lots"]
    slot["qty"] = qty
    slot["entry"] = price
    slot["stop"] = slot["pending_stop"]
    slot["target"] = slot["pending_target"]
    slot["stop_ticks"] = slot["pending_stop_ticks"]
    slot["target_ticks"] = slot["pending_target_ticks"]
    slot["liquidation"] = sizing.liquidation_price(
        side, price, settings["leverage"], rule["maintenance_rate"]
    )
    slot["planned_risk"] = abs(slot["pending_close"] - slot["pending_stop"]) * qty
    slot["decision_equity"] = slot["pending_equity"]
    slot["decision_ts"] = slot["pending_ts"]
    slot["entry_bar"] = bar
    slot["entry_ts"] = bar_ts
    slot["fees_minor"] = fee
    slot["funding_minor"] = 0
    slot["slippage"] = side * qty * (price - raw)
    slot["low"] = raw
    slot["high"] = raw
    slot["exit_reason"] = 0
    slot["pending_side"] = 0


@njit(**INLINED)
def book_funding(
    slot: Any,
    times: IntArray,
    rates: FloatArray,
    marks: FloatArray,
    open_: float,
    until: int,
) -> int:
    """Book every settlement not yet passed with a time before `until`; return their sum in minor units (rule 8).

    Parameters
    ----------
    marks : float64 array, shape (n_settlements,)
        Open of the mark bar that starts at the settlement, NaN where there is none.
    open_ : float
        Open of the current bar, used where no mark is known.
    """
    total, at = 0, slot["funding_at"]
    while at < len(times) and times[at] < until:
        mark = open_ if np.isnan(marks[at]) else marks[at]
        amount = ledger.funding(slot["side"], slot["qty"], mark, rates[at])
        slot["funding_minor"] = money.add(slot["funding_minor"], amount)
        total = money.add(total, amount)
        at += 1
    slot["funding_at"] = at
    return total


@njit(**INLINED)
def skip_funding(slot: Any, times: IntArray, until: int) -> None:
    """Pass over settlements before `until` that no position of the slot has to bear."""
    at = slot["funding_at"]
    while at < len(times) and times[at] < until:
        at += 1
    slot["funding_at"] = at


@njit(cache=True, nogil=True)
def close_position(
    slot: Any,
    trade: Any,
    reason: int,
    price: float,
    raw: float,
    gross: int,
    fee: int,
    cash: int,
    exit_ts: int,
    bar: int,
) -> int:
    """Write the trade of a position that ends and return the cash after it, minor units.

    Parameters
    ----------
    trade : record
        The row of the trade log to fill.
    price, raw : float
        Fill price and the market's price before slippage.
    gross, fee, cash : int
        Booked amounts and the cash before it, minor units.
    """
    side, qty, entry = slot["side"], slot["qty"], slot["entry"]
    trade["side"] = side
    trade["lots"] = slot["lots"]
    trade["qty"] = qty
    trade["entry_ts"] = slot["entry_ts"]
    trade["exit_ts"] = exit_ts
    trade["entry_bar"] = slot["entry_bar"]
    trade["exit_bar"] = bar
    trade["decision_ts"] = slot["decision_ts"]
    trade["stop_ticks"] = slot["stop_ticks"]
    trade["target_ticks"] = slot["target_ticks"]
    trade["stop"] = slot["stop"]
    trade["target"] = slot["target"]
    trade["reason"] = reason
    trade["bars_held"] = bar - slot["entry_bar"] + 1
    trade["entry"] = entry
    trade["exit"] = price
    fees = money.add(slot["fees_minor"], fee)
    trade["fees"] = money.amount_of(fees)
    trade["funding"] = money.amount_of(slot["funding_minor"])
    trade["slippage"] = slot["slippage"] + side * qty * (raw - price)
    trade["gross"] = money.amount_of(gross)
    trade["pnl_minor"] = money.add(money.add(gross, -fees), slot["funding_minor"])
    trade["pnl"] = money.amount_of(trade["pnl_minor"])
    trade["return_pct"] = 100.0 * trade["pnl"] / slot["decision_equity"]
    trade["decision_equity"] = slot["decision_equity"]
    trade["planned_risk"] = slot["planned_risk"]
    worst = slot["low"] if side > 0 else slot["high"]
    best = slot["high"] if side > 0 else slot["low"]
    trade["mae_pct"] = min(0.0, 100.0 * side * (worst - entry) / entry)
    trade["mfe_pct"] = max(0.0, 100.0 * side * (best - entry) / entry)
    net = money.add(gross, -fee)
    cash = money.add(cash, net)
    trade["equity"] = money.amount_of(cash)
    slot["result_minor"] = money.add(slot["result_minor"], net)
    slot["side"] = 0
    slot["exit_reason"] = 0
    return cash


@njit(**INLINED)
def stretch(slot: Any, high: float, low: float) -> None:
    """Widen the range a position has seen."""
    slot["high"] = max(slot["high"], high)
    slot["low"] = min(slot["low"], low)


@njit(cache=True, nogil=True)
def market_exit(
    slot: Any,
    trade: Any,
    rule: Any,
    settings: Any,
    reason: int,
    raw: float,
    cash: int,
    exit_ts: int,
    bar: int,
) -> int:
    """End a position at the market price `raw` with slippage and taker fee; return the cash after it."""
    price = execution.market_price(
        raw, -slot["side"], settings["slip"], rule["tick_multiple"], rule["tick_scale"], rule["figures"]
    )
    gross = ledger.gross_result(slot["side"], slot["qty"], slot["entry"], price)
    fee = ledger.fee(slot["qty"], price, rule["taker"])
    return close_position(slot, trade, reason, price, raw, gross, fee, cash, exit_ts, bar)


@njit(cache=True, nogil=True)
def liquidate(slot: Any, trade: Any, settings: Any, cash: int, exit_ts: int, bar: int) -> int:
    """End a position by liquidation: the margin is lost, no exit fee (rule 9); return the cash after it."""
    gross = ledger.liquidation_result(slot["qty"], slot["entry"], settings["leverage"])
    price = slot["liquidation"]
    fee = money.NOTHING
    return close_position(slot, trade, codes.LIQUIDATION, price, price, gross, fee, cash, exit_ts, bar)


@njit(cache=True, nogil=True)
def open_exit(
    slot: Any, trade: Any, rule: Any, settings: Any, open_: float, cash: int, bar: int, bar_ts: int
) -> int:
    """Execute a decided exit at the open; a reversal dies with a liquidation (rule 4)."""
    stretch(slot, open_, open_)
    if exits.beyond_liquidation(slot["side"], slot["liquidation"], open_):
        slot["pending_side"] = 0
        return liquidate(slot, trade, settings, cash, bar_ts, bar)
    return market_exit(slot, trade, rule, settings, slot["exit_reason"], open_, cash, bar_ts, bar)


@njit(**INLINED)
def inside_exit(
    slot: Any,
    trade: Any,
    rule: Any,
    settings: Any,
    open_: float,
    high: float,
    low: float,
    cash: int,
    bar: int,
    close_ts: int,
) -> int:
    """Let one bar, or one finer bar, act on an open position; return the cash after it (rules 5 and 9).

    The position stays open when nothing is touched: `side` of the slot is still set.
    """
    stretch(slot, high, low)
    side = slot["side"]
    reason = exits.touched(side, slot["stop"], slot["target"], slot["liquidation"], open_, high, low)
    if reason == 0:
        return cash
    if reason == codes.LIQUIDATION:
        return liquidate(slot, trade, settings, cash, close_ts, bar)
    level = slot["stop"] if reason == codes.STOP else slot["target"]
    raw = exits.touch_price(side, level, open_, reason == codes.STOP)
    if reason == codes.TARGET and settings["limit_target"] == 1:
        gross = ledger.gross_result(side, slot["qty"], slot["entry"], raw)
        fee = ledger.fee(slot["qty"], raw, rule["maker"])
        return close_position(slot, trade, reason, raw, raw, gross, fee, cash, close_ts, bar)
    return market_exit(slot, trade, rule, settings, reason, raw, cash, close_ts, bar)


@njit(**INLINED)
def open_result(slot: Any, price: float) -> float:
    """Return the price difference of a slot's position at `price`, 0 without one."""
    if slot["side"] == 0:
        return 0.0
    return slot["side"] * slot["qty"] * (price - slot["entry"])
