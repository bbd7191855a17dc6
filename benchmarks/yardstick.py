"""What is possible: one hand-written compiled pass over the bars, with the rules of the fill model and nothing else.

EMA cross, ATR levels, 2 % sizing, stops before targets, fees, slippage on the grid, liquidation distance, a trade
log and the account's curve. Rules are written out in place, without a station or a record between them; what it
leaves out is everything a person needs beside speed: other strategies, funding, versions of the rules, a log of
decisions, explanations. It must agree with the kernel trade by trade (`equality`), or no figure is printed.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

CLOSE, SNAP, LOT_SNAP, BUFFER = 1e-9, 1e-6, 1e-9, 0.85
SIGNAL, STOP, TARGET, LIQUIDATION, END = 1, 3, 4, 5, 6


class Market(NamedTuple):
    """Grid and costs as plain numbers."""

    tick_multiple: int = 1
    tick_scale: float = 10.0
    lot_multiple: int = 1
    lot_scale: float = 1000.0
    capital: float = 10_000.0
    risk: float = 0.02
    leverage: float = 5.0
    stop_atr: float = 2.0
    target_atr: float = 3.0
    taker: float = 0.0006
    slip: float = 5.0 / 1e4
    maintenance: float = 0.005


MARKET = Market()


@njit(inline="always")
def _booked(amount):
    # In whole numbers of 1e-8, so that their sum is exact.
    return int(np.rint(amount * 1e8))


@njit(inline="always")
def _quote(minor):
    return minor / 1e8


@njit(inline="always")
def _grid(price, step, multiple, scale, up):
    # The price on the grid, rounded up or down.
    number = price / step
    nearest = np.rint(number)
    if abs(number - nearest) > SNAP:
        nearest = math.ceil(number) if up else math.floor(number)
    return nearest * multiple / scale


@njit(inline="always")
def _state(x, y):
    # +1 above, -1 below, 0 equal within the tolerance or not known.
    a, b = abs(x), abs(y)
    slack = CLOSE * (a if a > b else b)
    return int(x - y > slack) - int(y - x > slack)


@njit(cache=True, nogil=True, error_model="numpy")
def trade(open_, high, low, close, fast, slow, atr, first, market, curve, whole, part):
    """Trade crosses of `fast` over `slow` from bar `first` on; return how many trades.

    Parameters
    ----------
    first : int
        The first bar whose predecessor knows both averages, >= 1.
    curve : float64 array, shape (n_bars,)
        Filled with the equity at every close.
    whole : int64 array, shape (n, 5)
        Filled: side, lots, entry bar, exit bar, reason.
    part : float64 array, shape (n, 6)
        Filled: entry, exit, stop, target, fees, pnl.
    """
    multiple, scale = market.tick_multiple, market.tick_scale
    step = multiple / scale
    lot = market.lot_multiple / market.lot_scale
    slip, taker, leverage = market.slip, market.taker, market.leverage
    margin = 1.0 / leverage - market.maintenance
    minor = _booked(market.capital)
    cash = _quote(minor)
    n = len(close)
    last = n - 1
    count = 0
    side = 0
    wanted = 0  # side decided for the next open
    leaving = False
    entry = stop = target = liquidation = next_stop = next_target = signed = 0.0
    lots = next_lots = entry_bar = entry_fee = 0
    for i in range(first):
        curve[i] = cash
    was = _state(fast[first - 1], slow[first - 1])
    i = first
    while i < n:
        # Nothing can happen on most bars.
        if wanted == 0 and not leaving:
            if side == 0:
                while i < last:
                    state = _state(fast[i], slow[i])
                    if state != was and state != 0:
                        break
                    was = state
                    curve[i] = cash
                    i += 1
            elif side > 0:
                while i < last:
                    state = _state(fast[i], slow[i])
                    if (state != was and state != 0) or low[i] <= stop or high[i] >= target:
                        break
                    was = state
                    curve[i] = cash + signed * (close[i] - entry)
                    i += 1
            else:
                while i < last:
                    state = _state(fast[i], slow[i])
                    if (state != was and state != 0) or high[i] >= stop or low[i] <= target:
                        break
                    was = state
                    curve[i] = cash + signed * (close[i] - entry)
                    i += 1
        raw = open_[i]
        if side != 0:
            reason = 0
            price = 0.0
            if (raw <= liquidation) if side > 0 else (raw >= liquidation):
                reason = LIQUIDATION
                wanted = 0
            elif leaving:
                reason, price = SIGNAL, raw
            elif side > 0:
                if low[i] <= stop:
                    reason, price = STOP, min(raw, stop)
                elif high[i] >= target:
                    reason, price = TARGET, max(raw, target)
            elif high[i] >= stop:
                reason, price = STOP, max(raw, stop)
            elif low[i] <= target:
                reason, price = TARGET, min(raw, target)
            if reason == 0 and i == last:
                reason, price = END, close[i]
            leaving = False
            if reason != 0:
                minor = _leave(
                    side, lots, entry_bar, i, reason, entry, price, stop, target, liquidation, signed, entry_fee,
                    minor, market, step, whole, part, count,
                )  # fmt: skip
                cash = _quote(minor)
                count += 1
                side = 0
        if wanted != 0:
            inside = (
                raw > next_stop and raw < next_target if wanted > 0 else raw < next_stop and raw > next_target
            )
            price = _grid(raw * (1.0 + wanted * slip), step, multiple, scale, wanted > 0)
            liquidation = price * (1.0 - wanted * margin)
            safe = next_stop > liquidation if wanted > 0 else next_stop < liquidation
            able = math.floor(cash * leverage / price / lot + LOT_SNAP)
            lots = min(next_lots, int(able) if able > 0.0 else 0)
            if inside and safe and lots > 0:
                side = wanted
                qty = lots * market.lot_multiple / market.lot_scale
                signed = side * qty
                entry, stop, target, entry_bar = price, next_stop, next_target, i
                entry_fee = _booked(qty * price * taker)
                minor -= entry_fee
                reason = 0
                if side > 0:
                    if low[i] <= stop:
                        reason, price = STOP, min(raw, stop)
                    elif high[i] >= target:
                        reason, price = TARGET, max(raw, target)
                elif high[i] >= stop:
                    reason, price = STOP, max(raw, stop)
                elif low[i] <= target:
                    reason, price = TARGET, min(raw, target)
                if reason == 0 and i == last:
                    reason, price = END, close[i]
                if reason != 0:
                    minor = _leave(
                        side, lots, entry_bar, i, reason, entry, price, stop, target, liquidation, signed,
                        entry_fee, minor, market, step, whole, part, count,
                    )  # fmt: skip
                    count += 1
                    side = 0
                cash = _quote(minor)
            wanted = 0
        equity = cash
        if side != 0:
            equity = cash + signed * (close[i] - entry)
        curve[i] = equity
        state = _state(fast[i], slow[i])
        crossed = state != was and state != 0
        was = state
        if crossed and i < last and side != state:
            # A cross: the opposite position leaves, a new one is decided.
            leaving = side != 0
            unit, price = atr[i], close[i]
            next_stop = _grid(price - state * (market.stop_atr * unit), step, multiple, scale, state < 0)
            next_target = _grid(price + state * (market.target_atr * unit), step, multiple, scale, state < 0)
            distance = abs(price - next_stop)
            room = BUFFER * abs(price - price * (1.0 - state * margin))
            if (
                equity > 0.0
                and next_stop > 0.0
                and next_target > 0.0
                and min(distance, abs(next_target - price)) / step >= 1.0 - SNAP
                and distance <= room
            ):
                able = min(equity * market.risk / distance, equity * leverage / price)
                next_lots = math.floor(able / lot + LOT_SNAP)
                if next_lots > 0:
                    wanted = state
        i += 1
    return count


@njit(nogil=True, error_model="numpy")
def _leave(
    side, lots, entry_bar, bar, reason, entry, raw, stop, target, liquidation, signed, entry_fee, minor, market, step,
    whole, part, row,
):  # fmt: skip
    if reason == LIQUIDATION:
        price, fee = liquidation, 0
        gross = _booked(-(side * signed * entry) / market.leverage)
    else:
        price = _grid(
            raw * (1.0 - side * market.slip), step, market.tick_multiple, market.tick_scale, side < 0
        )
        gross = _booked(signed * (price - entry))
        fee = _booked(side * signed * price * market.taker)
    whole[row, 0], whole[row, 1], whole[row, 2], whole[row, 3], whole[row, 4] = (
        side,
        lots,
        entry_bar,
        bar,
        reason,
    )
    part[row, 0], part[row, 1], part[row, 2], part[row, 3] = entry, price, stop, target
    part[row, 4] = _quote(entry_fee + fee)
    part[row, 5] = _quote(gross - (entry_fee + fee))
    return minor + gross - fee


@njit(cache=True, nogil=True, error_model="numpy")
def average(x, window, out):
    """Exponential moving average, seeded with the mean of the first `window` values."""
    total = 0.0
    for i in range(window):
        out[i] = np.nan
        total += x[i] - x[0]
    value = x[0] + total / window
    out[window - 1] = value
    weight = 2.0 / (window + 1)
    for i in range(window, len(x)):
        value += (x[i] - value) * weight
        out[i] = value


@njit(cache=True, nogil=True, error_model="numpy")
def indicators(high, low, close, fast_window, slow_window, window, fast, slow, atr):
    """Both averages and Wilder's true range in one pass behind their seeds: three chains that overlap."""
    average(close[:slow_window], fast_window, fast)
    average(close[:slow_window], slow_window, slow)
    value = 0.0
    for i in range(slow_window):
        atr[i] = np.nan
        if i > 0:
            span = max(high[i], close[i - 1]) - min(low[i], close[i - 1])
            if i <= window:
                value += span
                if i == window:
                    value /= window
            else:
                value = value * ((window - 1) / window) + span * (1.0 / window)
            if i >= window:
                atr[i] = value
    quick, calm = fast[slow_window - 1], slow[slow_window - 1]
    a, b = 2.0 / (fast_window + 1), 2.0 / (slow_window + 1)
    keep, weight = (window - 1) / window, 1.0 / window
    for i in range(slow_window, len(close)):
        x, before = close[i], close[i - 1]
        quick += (x - quick) * a
        calm += (x - calm) * b
        top = high[i] if high[i] > before else before
        bottom = low[i] if low[i] < before else before
        value = value * keep + (top - bottom) * weight
        fast[i] = quick
        slow[i] = calm
        atr[i] = value


def run(bars, fast_window, slow_window, market=MARKET, *, room=0):
    """Indicators and trades of one history, arrays allocated as a caller would; return curve and trade log."""
    n = len(bars.close)
    fast, slow, atr, curve = np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    indicators(bars.high, bars.low, bars.close, fast_window, slow_window, 14, fast, slow, atr)
    room = room or n // 8 + 16
    whole, part = np.empty((room, 5), np.int64), np.empty((room, 6))
    first = slow_window
    count = trade(
        bars.open, bars.high, bars.low, bars.close, fast, slow, atr, first, market, curve, whole, part
    )
    return curve, whole[:count], part[:count]
