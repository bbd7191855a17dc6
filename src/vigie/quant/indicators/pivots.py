"""Pivots: floor-trader levels from the day before, and swing highs and lows."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray
from vigie.domain.time import DAY_MS
from vigie.quant.indicators._runs import check_whole, compute
from vigie.quant.indicators._spec import Indicator


@njit(cache=True, nogil=True)
def _day_before(
    day: FloatArray,
    high: FloatArray,
    low: FloatArray,
    close: FloatArray,
    tops: FloatArray,
    bottoms: FloatArray,
    closes: FloatArray,
) -> None:
    top, bottom = high[0], low[0]
    last_top = last_bottom = last_close = np.nan
    for i in range(len(close)):
        if i > 0 and day[i] != day[i - 1]:
            last_top, last_bottom, last_close = top, bottom, close[i - 1]
            top, bottom = high[i], low[i]
        top = high[i] if high[i] > top else top
        bottom = low[i] if low[i] < bottom else bottom
        tops[i], bottoms[i], closes[i] = last_top, last_bottom, last_close


def pivots(ts: ArrayLike, high: ArrayLike, low: ArrayLike, close: ArrayLike) -> tuple[FloatArray, ...]:
    """Return the floor-trader pivot and its supports and resistances for each bar's day, in quote currency.

    They follow from high, low and last close of the last earlier UTC day that is stored, the first of which
    may be incomplete.

    Parameters
    ----------
    ts : int64 array, shape (n_bars,)
        Open times, epoch milliseconds UTC.
    high, low, close : float64 array, shape (n_bars,)
        Prices.

    Returns
    -------
    pivot, r1, s1, r2, s2, r3, s3 : float64 array, shape (n_bars,)
        NaN during the first day.

    References
    ----------
    Person (2004), A Complete Guide to Technical Trading Tactics, chapter 6.
    """
    day = np.asarray(ts, dtype=np.int64) // DAY_MS
    top, bottom, last = compute(_day_before, (day, high, low, close), (), (1, 1, 1))
    pivot, spread = (top + bottom + last) / 3.0, top - bottom
    return (
        pivot,
        2.0 * pivot - bottom,
        2.0 * pivot - top,
        pivot + spread,
        pivot - spread,
        top + 2.0 * (pivot - bottom),
        bottom - 2.0 * (top - pivot),
    )


@njit(cache=True, nogil=True)
def _swing(x: FloatArray, left: int, right: int, sign: float, out: FloatArray) -> None:
    level = np.nan
    for i in range(left + right, len(x)):
        middle = i - right
        is_swing = True
        for k in range(middle - left, i + 1):
            is_swing &= k == middle or sign * x[k] < sign * x[middle]
        level = x[middle] if is_swing else level
        out[i] = level


def _swings(
    high: FloatArray, low: FloatArray, left: int, right: int, top: FloatArray, bottom: FloatArray
) -> None:
    _swing(high, left, right, 1.0, top)
    _swing(low, left, right, -1.0, bottom)


def swings(high: ArrayLike, low: ArrayLike, left: int = 2, right: int = 2) -> tuple[FloatArray, FloatArray]:
    """Return the last confirmed swing high and swing low, in quote currency.

    A swing high lies above the highs of the `left` bars before it and the `right` bars after it; it is known,
    and appears here, only `right` bars later.

    Parameters
    ----------
    high, low : float64 array, shape (n_bars,)
        Prices.
    left, right : int
        Bars on each side, >= 1.

    Returns
    -------
    swing_high, swing_low : float64 array, shape (n_bars,)
        NaN until the first one is confirmed, at the earliest at bar ``left + right``.

    References
    ----------
    Williams (1995), Trading Chaos: fractals; TradingView, ``ta.pivothigh`` and ``ta.pivotlow``.
    """
    left, right = check_whole("left", left), check_whole("right", right)
    top, bottom = compute(_swings, (high, low), (left, right), (left + right, left + right))
    return top, bottom


INDICATORS = (
    Indicator(
        pivots,
        inputs=("ts", "high", "low", "close"),
        outputs=("pivot", "r1", "s1", "r2", "s2", "r3", "s3"),
        warmups=lambda: (1,) * 7,
        formula="p = (high + low + close) / 3 of the UTC day before; r1 = 2 p - low, s1 = 2 p - high, ...",
        source="Person (2004), A Complete Guide to Technical Trading Tactics",
        flat=("price",) * 7,
        exact=False,
    ),
    Indicator(
        swings,
        inputs=("high", "low"),
        outputs=("swing_high", "swing_low"),
        warmups=lambda left, right: (left + right,) * 2,
        formula="last high above `left` highs before it and `right` after it; lows alike",
        source="Williams (1995), Trading Chaos; TradingView ta.pivothigh",
        flat=(math.nan, math.nan),
        exact=False,
    ),
)
