"""Swing highs and lows that take turns, each told when it is confirmed and never before."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import ArrayLike

from vigie.compiled import BORROWING
from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.errors import UsageError
from vigie.quant.arrays import floats
from vigie.quant.indicators._runs import check_whole

HIGH: Final = 1
LOW: Final = -1


class SwingEvents(NamedTuple):
    """Swings in the order in which they became known.

    Attributes
    ----------
    bars : int64 array, shape (n_swings,)
        Bars of the swings; each is known `width` bars later.
    turns : int64 array, shape (n_swings,)
        `HIGH` or `LOW`. One like the one before it replaces that: it lies farther out, and no swing lies between.
    """

    bars: IntArray
    turns: IntArray


def swing_events(high: ArrayLike, low: ArrayLike, width: int = 3) -> SwingEvents:
    """Return the swing highs and lows of an unbroken history, in the order in which they became known.

    A swing high lies above the highs of the `width` bars before it and below none of the `width` bars after it, so
    that the first of equal highs counts; swing lows alike. Of neighbouring swings of one kind only those count that
    lie farther out than the one before. A bar that is both is the opposite of the swing before it: which came first
    inside it is unknown.

    Parameters
    ----------
    high, low : float64 array, shape (n_bars,)
        Prices, all known.
    width : int
        Bars on each side, >= 1.

    Returns
    -------
    SwingEvents
        Known at bar ``bars + width``.

    Raises
    ------
    UsageError
        If there is an unknown price, the lengths differ or `width` is below 1.

    Notes
    -----
    Causal: a swing is made of bars up to the one where it is known, and never taken back.

    References
    ----------
    Williams (1995), Trading Chaos: fractals, there two bars a side. Lo, Mamaysky and Wang (2000), "Foundations of
    Technical Analysis", Journal of Finance 55, section II.A: alternating extremes, there of smoothed prices.
    """
    tops, bottoms, width = floats(high), floats(low), check_whole("width", width)
    if len(tops) != len(bottoms) or not (np.isfinite(tops).all() and np.isfinite(bottoms).all()):
        raise UsageError("swings_need_known_prices", "high and low must be known and equally many")
    bars, turns = np.empty(len(tops), np.int64), np.empty(len(tops), np.int64)
    count = _events(tops, bottoms, width, bars, turns)
    return SwingEvents(bars[:count].copy(), turns[:count].copy())


@njit(**BORROWING)
def _stands_out(prices: FloatArray, bar: int, width: int, sign: float) -> bool:
    price = sign * prices[bar]
    for distance in range(1, width + 1):
        if sign * prices[bar - distance] >= price or sign * prices[bar + distance] > price:
            return False
    return True


@njit(**BORROWING)
def _events(high: FloatArray, low: FloatArray, width: int, bars: IntArray, turns: IntArray) -> int:
    count, turn = 0, 0
    extreme = 0.0
    for bar in range(width, len(high) - width):
        is_high, is_low = _stands_out(high, bar, width, 1.0), _stands_out(low, bar, width, -1.0)
        if is_high and is_low:
            is_high, is_low = turn == LOW, turn == HIGH
        if not (is_high or is_low):
            continue
        new = HIGH if is_high else LOW
        price = high[bar] if is_high else low[bar]
        if new == turn and new * price <= new * extreme:
            continue
        turn, extreme = new, price
        bars[count], turns[count] = bar, new
        count += 1
    return count
